-- works with: 0.1.0
-- SQLite keeps some tables by their names from here on. PostgreSQL has no such tables.
SELECT 1;
