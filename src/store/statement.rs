//! A statement and its rows, the same for both databases: SQL with `$1` placeholders, and its values.

use std::{borrow::Cow, error::Error, fmt, sync::Arc};

use bytes::BytesMut;
use rusqlite::types;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::StoreError;

/// SQL and what stands for its placeholders, in their order.
#[derive(Clone, Debug)]
pub struct Statement {
    pub(super) text: Cow<'static, str>,
    pub(super) values: Vec<Value>,
    /// Whether it puts one row into a table, and may put those of others of the same text as well.
    pub(super) is_row: bool,
}

/// What a placeholder stands for; `None` is NULL. Numbers are 64 bits everywhere, and a truth is 0 or 1.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// BIGINT.
    Number(Option<i64>),
    /// TEXT.
    Text(Option<String>),
    /// BLOB in SQLite, BYTEA in PostgreSQL.
    Blob(Option<Vec<u8>>),
}

/// A statement without values yet.
#[cfg_attr(test, track_caller)]
pub fn sql(text: impl Into<Cow<'static, str>>) -> Statement {
    let text = text.into();
    #[cfg(test)]
    super::plans::note(std::panic::Location::caller(), &text);
    Statement { text, values: Vec::new(), is_row: false }
}

/// A statement that puts one row into a table, by `INSERT INTO … VALUES ($1, …)`. It may run as one with others of the same text. Where
/// it replaces a row, by `ON CONFLICT … DO UPDATE`, its first column is the key, and all others are set to what was `excluded`.
#[cfg_attr(test, track_caller)]
pub fn sql_row(text: &'static str) -> Statement {
    Statement { is_row: true, ..sql(text) }
}

/// A statement that ends with a list of `values`, at least one; `text` is what stands before it, with the values `first`. A list has
/// one of few lengths, and its last value more than once: each length is a statement that is to be kept prepared.
#[cfg_attr(test, track_caller)]
pub fn sql_in<V: Into<Value> + Clone>(text: &str, first: Vec<Value>, mut values: Vec<V>) -> Statement {
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    let places: Vec<_> = (1..=values.len()).map(|place| format!("${}", first.len() + place)).collect();
    let list = sql(format!("{text} ({})", places.join(", ")));
    values.into_iter().fold(Statement { values: first, ..list }, Statement::bind)
}

impl Statement {
    /// The values, each with its type.
    pub(super) fn typed(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.values.iter().map(|value| (value as &(dyn ToSql + Sync), value.postgres_type())).collect()
    }

    /// Gives the next placeholder its value.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

/// Says nothing of what it is: the driver of PostgreSQL puts the values of a statement into the log, where it is asked for much.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.postgres_type().name())
    }
}

impl Value {
    /// The type that PostgreSQL is told: it need not be asked before, which saves a round trip.
    pub(super) fn postgres_type(&self) -> Type {
        match self {
            Self::Number(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
            Self::Blob(_) => Type::BYTEA,
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Number(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Blob(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Number(Some(truth.into()))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Blob(Some(bytes.to_vec()))
    }
}

impl From<Option<&[u8]>> for Value {
    fn from(bytes: Option<&[u8]>) -> Self {
        Self::Blob(bytes.map(<[u8]>::to_vec))
    }
}

/// A row that a statement gave.
#[derive(Debug)]
pub enum Row {
    /// Of SQLite.
    Sqlite(SqliteRow),
    /// Of PostgreSQL.
    Postgres(tokio_postgres::Row),
}

impl Row {
    /// The value in that column: `i64`, `String`, `Vec<u8>`, or an `Option` of one of them.
    ///
    /// # Errors
    /// If there is no such column, or it holds something else.
    pub fn get<T>(&self, column: &str) -> Result<T, StoreError>
    where
        T: types::FromSql + for<'r> FromSql<'r>,
    {
        match self {
            Self::Sqlite(row) => row.get(column),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }
}

/// A row of SQLite, and the names of its columns.
#[derive(Debug)]
pub struct SqliteRow {
    columns: Arc<[String]>,
    values: Vec<types::Value>,
}

impl SqliteRow {
    /// `columns`: the name of each of the `values`.
    pub(super) fn new(columns: Arc<[String]>, values: Vec<types::Value>) -> Self {
        Self { columns, values }
    }

    /// The value in that column.
    ///
    /// # Errors
    /// If there is no such column, or it holds something else.
    pub fn get<T: types::FromSql>(&self, column: &str) -> Result<T, StoreError> {
        // There are seldom more than a dozen.
        let index = self.columns.iter().position(|name| name == column);
        let index = index.ok_or_else(|| rusqlite::Error::InvalidColumnName(column.to_owned()))?;
        let value = (&self.values[index]).into();
        T::column_result(value).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(index, self.values[index].data_type(), error.into())
                .into()
        })
    }
}
