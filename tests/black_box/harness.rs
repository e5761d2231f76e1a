//! What all claims share: [`Postern`] is a running server, [`Browser`] somebody who visits it, [`Mail`] what comes
//! by post, [`MailServer`] the post office, [`Postfix`] a real one, [`Log`] what is logged meanwhile, [`Child`] the
//! real binary as a process of its own, [`Proxied`] a Postern behind the real nginx or Caddy, [`Bare`] one of those without
//! settings, [`Database`] the database of a test, [`Cluster`] a real PostgreSQL, [`Cable`] the way there, [`PgBouncer`] a real
//! pooler on it, [`Peer`] a small web server, [`Gate`] a real proxy in front of two apps, [`Gateway`] the same with a
//! Postern that guards them, [`Visitor`] somebody who visits those, [`Radicale`] an app that nobody here wrote, and
//! [`Walkthrough`] somebody who does what a page of docs/ says.

mod browser;
mod cable;
mod child;
mod cluster;
mod database;
#[macro_use]
mod gate;
mod gateway;
mod log;
mod mail;
mod mail_server;
mod pgbouncer;
mod postfix;
mod proxy;
mod radicale;
mod raw;
mod server;
mod walkthrough;

pub use browser::{Answer, Browser, Manner, NAVIGATION, USER_AGENT, query_value};
pub use cable::{Cable, Loss, Weather};
pub use child::{Child, SECRET_KEY, free_port, run_in};
pub use cluster::{Cluster, environment as postgres_environment, program as postgres_program};
pub use database::{Database, Row, database_url, new_database, on_postgres, shared_cluster};
pub use gate::{Gate, GateKind, LOGIN, TOOLS, WIKI};
pub use gateway::{Gateway, Visitor};
pub use log::Log;
pub use mail::Mail;
pub use mail_server::{MAIL_LOGIN, MailServer, OFFERS, Reception};
pub use pgbouncer::PgBouncer;
pub use postfix::{BOUNCES_TO, PASSWORD, Postfix, USER};
pub use proxy::{Bare, Proxied, ProxyKind};
pub use radicale::Radicale;
pub use raw::{Message, Peer};
pub use server::{Postern, put_site};
pub use walkthrough::{Purpose, Walkthrough, blocks};

use std::time::Duration;

use postern::{config::settings, domain::Budget};
use strum::IntoEnumIterator;

/// On the allowlist of every test.
pub const ADA: &str = "ada@example.com";
/// On it as well.
pub const BOB: &str = "bob@example.com";
/// A well-formed address that is not on it.
pub const STRANGER: &str = "eve@elsewhere.example";

/// How long a link lives in these tests: the default.
pub const LINK_MAX_AGE: Duration = Duration::from_secs(300);
pub const SECOND: Duration = Duration::from_secs(1);

/// Lets the runtime's clock jump.
pub async fn jump(span: Duration) {
    tokio::time::pause();
    tokio::time::advance(span).await;
    tokio::time::resume();
}

/// The setting of a budget's limit.
pub fn limit_setting(budget: Budget) -> &'static str {
    settings::of_budget(budget).unwrap().name
}

/// Every limit as it is shipped: an empty value counts as unset. Elsewhere the tests switch them off.
pub fn shipped_limits() -> Vec<(&'static str, &'static str)> {
    Budget::iter().map(|budget| (limit_setting(budget), "")).collect()
}

/// Makes two tests of each claim: one by form, one by fetch.
macro_rules! in_both_manners {
    ($($claim:ident),+ $(,)?) => {
        mod by_form {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(crate::harness::Manner::Form).await;
            })+
        }
        mod by_fetch {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(crate::harness::Manner::Fetch).await;
            })+
        }
    };
}
