//! Whether somebody could sign in: what a look at the database came to, kept for the rest of a second.
//!
//! Several balancers ask every second, each. However many they are, the database is tried once a second.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::Instant};

use crate::store::{Store, StoreError};

/// How long an answer is good.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// What the last look came to.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, Looked)>>);

/// What a look came to: nothing, or why nobody can sign in.
pub type Looked = Result<(), Arc<StoreError>>;

impl Readiness {
    /// Whether the database can be written. Whoever asks while another one looks waits for what that finds.
    pub async fn look(&self, store: &Store) -> Looked {
        let mut last = self.0.lock().await;
        if let Some((at, looked)) = &*last
            && at.elapsed() < GOOD_FOR
        {
            return looked.clone();
        }
        let looked = store.probe().await.map_err(Arc::new);
        *last = Some((Instant::now(), looked.clone()));
        looked
    }
}
