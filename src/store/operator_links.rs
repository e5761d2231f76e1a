//! The links that the operator has made by hand and nobody has used.

use super::{Step, StoreError, sql};
use crate::domain::{EmailAddress, HashedChallenge, UnixTime};

impl Step {
    /// Lets a link sign in `email` until `expires_at`, once.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn put_operator_link(
        &mut self,
        secret: &HashedChallenge,
        email: &EmailAddress,
        expires_at: UnixTime,
    ) -> Result<(), StoreError> {
        let put = sql("INSERT INTO operator_links (secret_hash, email, expires_at) VALUES ($1, $2, $3)")
            .bind(secret.as_bytes().as_slice())
            .bind(email.as_str())
            .bind(expires_at.secs());
        self.connection.write(put).await
    }

    /// Uses a link up; `false` if it has been used, is too old, or never was. Of two that use it at the same time one is
    /// first: what is read and what is written is the same statement.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn take_operator_link(
        &mut self,
        secret: &HashedChallenge,
        email: &EmailAddress,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let take =
            sql("DELETE FROM operator_links WHERE secret_hash = $1 AND email = $2 AND expires_at >= $3 \
             RETURNING expires_at")
            .bind(secret.as_bytes().as_slice())
            .bind(email.as_str())
            .bind(now.secs());
        Ok(!self.connection.rows(take).await?.is_empty())
    }
}
