//! A statement on a connection to SQLite.

use std::sync::Arc;

use rusqlite::{Connection, types};

use crate::store::{
    StoreError,
    statement::{Row, SqliteRow, Statement, Value},
};

/// Runs a statement and gives all of its rows.
///
/// # Errors
/// If it fails.
pub fn rows(connection: &Connection, statement: Statement) -> Result<Vec<Row>, StoreError> {
    let mut prepared = connection.prepare_cached(&statement.text)?;
    for index in 1..=prepared.parameter_count() {
        // To SQLite `$2` is a name like any other, and stands where it is first met.
        let number =
            prepared.parameter_name(index).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = number.and_then(|number| statement.values.get(number.checked_sub(1)?));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(index, statement.values.len()))?;
        prepared.raw_bind_parameter(index, value)?;
    }
    let mut found = prepared.raw_query();
    let (mut rows, mut columns) = (Vec::new(), None);
    while let Some(row) = found.next()? {
        // Most statements give no row, and their columns nobody looks at.
        let columns = columns.get_or_insert_with(|| names(row.as_ref()));
        let values = (0..columns.len()).map(|index| row.get(index)).collect::<Result<_, _>>()?;
        rows.push(Row::Sqlite(SqliteRow::new(Arc::clone(columns), values)));
    }
    Ok(rows)
}

/// The columns of a statement, in their order.
fn names(statement: &rusqlite::Statement<'_>) -> Arc<[String]> {
    statement.column_names().into_iter().map(str::to_owned).collect()
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<types::ToSqlOutput<'_>> {
        match self {
            Self::Number(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
            Self::Blob(bytes) => bytes.to_sql(),
        }
    }
}
