//! What the steps of a group count, until it is written with them. Many of them count in the same few rows, and each of those
//! is written once.

use std::collections::HashMap;

use super::{
    Step, StoreError,
    statement::{Statement, sql},
};
use crate::fail_point;

/// What is known of rows in which things are counted, for as long as a transaction.
#[derive(Debug, Default)]
pub struct Counted {
    arrivals: HashMap<String, Arrival>,
    /// How often each event happened in the hour that begins at that second, beyond what is written.
    tallies: HashMap<(i64, &'static str), i64>,
}

/// A theoretical arrival time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
enum Arrival {
    /// As it stands in the database, or does not.
    Read(Option<i64>),
    /// To be written.
    Set(i64),
}

impl Counted {
    /// The arrival time of what is counted so; `None` if it was not read yet.
    pub fn arrival(&self, counted: &str) -> Option<Option<i64>> {
        self.arrivals.get(counted).map(|arrival| match arrival {
            Arrival::Read(stored) => *stored,
            Arrival::Set(arrival) => Some(*arrival),
        })
    }

    /// Notes what stands in the database.
    pub fn read(&mut self, counted: String, stored: Option<i64>) {
        self.arrivals.insert(counted, Arrival::Read(stored));
    }

    /// Notes what is to stand there.
    pub fn set(&mut self, counted: &str, arrival: i64) {
        match self.arrivals.get_mut(counted) {
            Some(known) => *known = Arrival::Set(arrival),
            None => _ = self.arrivals.insert(counted.to_owned(), Arrival::Set(arrival)),
        }
    }

    /// Notes that nothing stands there any more; whether something was to be written.
    pub fn remove(&mut self, counted: &str) -> bool {
        matches!(self.arrivals.remove(counted), Some(Arrival::Set(_)))
    }

    /// Counts an event in the hour that begins at that second.
    pub fn tally(&mut self, hour: i64, event: &'static str) {
        *self.tallies.entry((hour, event)).or_default() += 1;
    }

    /// Knows nothing any more, and writes nothing.
    pub fn clear(&mut self) {
        self.arrivals.clear();
        self.tallies.clear();
    }

    /// What is to be written, which is taken for written from now on.
    fn take_unwritten(&mut self) -> Vec<Statement> {
        let mut set = Vec::new();
        for (counted, arrival) in &mut self.arrivals {
            if let Arrival::Set(ms) = *arrival {
                set.push((counted.as_str(), ms));
                *arrival = Arrival::Read(Some(ms));
            }
        }
        let (mut unwritten, mut rest) = (Vec::new(), &set[..]);
        // As many rows at once as a power of two: each number is a statement that is kept prepared.
        while let Some(most) = rest.len().checked_ilog2() {
            let (some, others) = rest.split_at(1 << most);
            unwritten.push(put(some));
            rest = others;
        }
        for ((hour, event), times) in self.tallies.drain() {
            let count = sql("INSERT INTO tallies (hour, event, times) VALUES ($1, $2, $3) \
                 ON CONFLICT (hour, event) DO UPDATE SET times = tallies.times + $3");
            unwritten.push(count.bind(hour).bind(event).bind(times));
        }
        unwritten
    }
}

/// Writes arrival times, each of another thing.
fn put(arrivals: &[(&str, i64)]) -> Statement {
    let rows: Vec<_> = (1..=arrivals.len()).map(|row| format!("(${}, ${})", 2 * row - 1, 2 * row)).collect();
    let put = sql(format!(
        "INSERT INTO limits (counted, arrival_ms) VALUES {} \
         ON CONFLICT (counted) DO UPDATE SET arrival_ms = excluded.arrival_ms",
        rows.join(", ")
    ));
    arrivals.iter().fold(put, |put, (counted, ms)| put.bind(*counted).bind(*ms))
}

impl Step {
    /// Writes what was counted.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn write_counted(&mut self) -> Result<(), StoreError> {
        // How many rows these are depends on who shares the commit.
        fail_point::enter(fail_point::NO_STEP);
        for statement in self.counted.take_unwritten() {
            self.connection.write(statement).await?;
        }
        Ok(())
    }
}
