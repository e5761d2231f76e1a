//! What makes a link and its code work once, and a code guessable only a few times.

use super::{Store, StoreError};
use crate::domain::{HashedChallenge, UnixTime};

impl Store {
    /// Redeems a challenge; `true` for exactly one caller.
    ///
    /// Any number of requests may race with the same link or code, in this process or another: the primary key
    /// lets one insert through. Looking first and inserting then would need a careful caller for ever.
    ///
    /// # Errors
    /// If the database fails; the challenge is then not redeemed.
    pub async fn redeem_once(
        &self,
        challenge: &HashedChallenge,
        expires_at: UnixTime,
    ) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO redeemed_challenges (challenge_hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(challenge.as_bytes().as_slice())
        .bind(expires_at.secs())
        .execute(&self.pool)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// Counts a guess at a code before it is looked at: the number of this guess, or `None` past `most`.
    ///
    /// Parallel guesses race for the last ones: condition and count are one statement.
    ///
    /// # Errors
    /// If the database fails; the guess must then not be looked at.
    pub async fn count_code_try(
        &self,
        challenge: &HashedChallenge,
        most: u32,
        expires_at: UnixTime,
    ) -> Result<Option<u32>, StoreError> {
        let tries = sqlx::query_scalar(
            "INSERT INTO code_tries (challenge_hash, tries, expires_at) VALUES ($1, 1, $3) \
             ON CONFLICT (challenge_hash) DO UPDATE SET tries = code_tries.tries + 1 WHERE code_tries.tries < $2 \
             RETURNING tries",
        )
        .bind(challenge.as_bytes().as_slice())
        .bind(most)
        .bind(expires_at.secs())
        .fetch_optional(&self.pool)
        .await?;
        Ok(tries)
    }
}
