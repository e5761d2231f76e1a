//! Statements that PostgreSQL has read and planned once, and knows by a name from then on.
//!
//! Names belong to one of PostgreSQL's own connections. A pooler in transaction mode (pgbouncer) gives each transaction
//! another one, where the name is unknown, or means what another instance has called so. So they are used only while every
//! transaction runs where they were made; the first that does not ends it for the whole process.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio_postgres::{Client, error::SqlState};

use super::{
    super::statement::{Statement, Value},
    all,
};

/// Statements that are kept. There are about two hundred, each a text of ours.
const MOST: usize = 500;

/// Whether names are of use to this process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Names(Arc<AtomicBool>);

impl Default for Names {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Names {
    fn are_used(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Uses none from now on; whether that is new.
    fn give_up(&self) -> bool {
        let is_new = self.0.swap(false, Ordering::AcqRel);
        if is_new {
            tracing::info!(
                "statements are sent to PostgreSQL anew each time: a pooler gives its connections to others"
            );
        }
        is_new
    }
}

/// The statements that have a name on one connection.
// Whoever drops one tells PostgreSQL to forget its name, and a pooler would tell it to any of its connections, where another
// instance may use the same. So they are kept for as long as the connection, and are dropped after it.
#[derive(Debug)]
pub struct Prepared {
    names: Names,
    /// PostgreSQL's process at the other end, which knows the names.
    backend: Option<String>,
    statements: HashMap<Cow<'static, str>, tokio_postgres::Statement>,
}

impl Prepared {
    /// Begins with none.
    pub fn new(names: Names) -> Self {
        Self { names, backend: None, statements: HashMap::new() }
    }

    /// Notes which process of PostgreSQL's the transaction runs in that has begun.
    pub fn runs_in(&mut self, backend: &str) {
        match &self.backend {
            None => self.backend = Some(backend.to_owned()),
            Some(known) if known != backend => _ = self.names.give_up(),
            Some(_) => {}
        }
    }

    /// The name of a statement, if it has one for values of those types.
    pub fn get(&self, statement: &Statement) -> Option<&tokio_postgres::Statement> {
        let types = statement.values.iter().map(Value::postgres_type);
        let named = self.statements.get(&statement.text)?;
        (self.names.are_used() && named.params().iter().cloned().eq(types)).then_some(named)
    }

    /// Has those prepared that are not yet. To be called in a transaction.
    ///
    /// # Errors
    /// If PostgreSQL cannot make sense of one.
    pub async fn learn<'s>(
        &mut self,
        client: &Client,
        statements: impl Iterator<Item = &'s Statement>,
    ) -> Result<(), tokio_postgres::Error> {
        if self.backend.is_none() || !self.names.are_used() {
            return Ok(());
        }
        let mut new: Vec<&Statement> = Vec::new();
        for statement in statements {
            let is_known = self.statements.contains_key(&statement.text)
                || new.iter().any(|other| other.text == statement.text);
            if !is_known && self.statements.len() + new.len() < MOST {
                new.push(statement);
            }
        }
        let prepare = async |statement: &Statement| {
            let types: Vec<_> = statement.values.iter().map(Value::postgres_type).collect();
            client.prepare_typed(&statement.text, &types).await
        };
        let prepared = all(new.iter().map(|statement| prepare(statement))).await;
        for (statement, prepared) in new.into_iter().zip(prepared) {
            self.statements.insert(statement.text.clone(), prepared?);
        }
        Ok(())
    }

    /// Whether PostgreSQL has refused a name, which ends the use of all: the same again is sent without any.
    pub fn is_refused(&self, error: &tokio_postgres::Error) -> bool {
        let refusals = [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::DUPLICATE_PSTATEMENT];
        error.code().is_some_and(|code| refusals.contains(code)) && self.names.give_up()
    }
}
