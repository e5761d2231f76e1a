//! Counts what may happen only so often. Kept in the database, so that a restart forgets nothing.

use super::{Store, StoreError};
use crate::domain::{Limit, UnixTime};

/// The verdict on one event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Let through. `used`: how much of the limit is used up now, 0 to 1.
    Passed { used: f64 },
    /// One too many. `retry_after`: whole seconds.
    Limited { retry_after: u64 },
}

impl Store {
    /// Counts one event against `limit`, unless it is one too many; then nothing is counted.
    ///
    /// Any number of events race for the last place: condition and count are one statement. Reading the wait
    /// afterwards may race, but only makes it a little longer.
    ///
    /// # Errors
    /// If the database fails; the event must then not happen.
    pub async fn count(&self, counted: &str, limit: Limit, now: UnixTime) -> Result<Verdict, StoreError> {
        if limit == Limit::Off {
            return Ok(Verdict::Passed { used: 0.0 });
        }
        let now_ms = now.secs() * 1_000;
        let arrival: Option<i64> = sqlx::query_scalar(
            "INSERT INTO limits (counted, arrival_ms) VALUES ($1, $2 + $3) \
             ON CONFLICT (counted) DO UPDATE SET \
               arrival_ms = CASE WHEN limits.arrival_ms > $2 THEN limits.arrival_ms ELSE $2 END + $3 \
             WHERE limits.arrival_ms <= $2 + $4 \
             RETURNING arrival_ms",
        )
        .bind(counted)
        .bind(now_ms)
        .bind(limit.interval_ms())
        .bind(limit.tolerance_ms())
        .fetch_optional(&self.pool)
        .await?;
        if let Some(arrival) = arrival {
            return Ok(Verdict::Passed { used: limit.used(arrival, now) });
        }
        let arrival = self.arrival(counted).await?.unwrap_or(now_ms);
        Ok(Verdict::Limited { retry_after: limit.retry_after(arrival, now) })
    }

    /// Takes one event back that turned out not to count.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn uncount(&self, counted: &str, limit: Limit) -> Result<(), StoreError> {
        if limit == Limit::Off {
            return Ok(());
        }
        sqlx::query("UPDATE limits SET arrival_ms = arrival_ms - $2 WHERE counted = $1")
            .bind(counted)
            .bind(limit.interval_ms())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn arrival(&self, counted: &str) -> Result<Option<i64>, StoreError> {
        let arrival = sqlx::query_scalar("SELECT arrival_ms FROM limits WHERE counted = $1");
        Ok(arrival.bind(counted).fetch_optional(&self.pool).await?)
    }
}
