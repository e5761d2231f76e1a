//! The load of `script/bench`: people who sign in, and the mail server that brings them their links. They are one program,
//! so that a mail reaches whoever waits for it without a detour.
//!
//! `load 127.0.0.1:2525` listens there for SMTP, reads one order a line from its input (JSON), answers each with one line,
//! and ends with its input. Read `people` first, then `browser` and `sink`; `steady` is a load of its own kind.

mod browser;
mod people;
mod sink;
mod steady;

use std::{error::Error, sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

use people::{People, Site};
use sink::Mails;
use steady::Steady;

/// What went wrong, in words.
type Failure = Box<dyn Error + Send + Sync>;

#[derive(Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
enum Order {
    /// One person signs in. The answer has their cookies.
    SignIn { site: Site },
    /// Whole sign-ins, again and again.
    SignIns(Crowd),
    /// Mails are asked for, again and again, and taken at the end.
    Asks(Crowd),
    /// One page at a steady rate.
    Steady(Steady),
}

/// How many people, and until when: seconds have passed, or this many have been there.
#[derive(Deserialize)]
struct Crowd {
    site: Site,
    at_a_time: usize,
    seconds: f64,
    #[serde(default = "without_end")]
    most: usize,
}

fn without_end() -> usize {
    usize::MAX
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = std::env::args().nth(1).ok_or("name an address to listen on")?;
    let mails = Mails::listen(&address).await?;
    let people = Arc::new(People::new(mails));
    let mut orders = BufReader::new(stdin()).lines();
    while let Some(line) = orders.next_line().await? {
        let answer = carry_out(&people, serde_json::from_str(&line)?).await;
        println!("{}", answer.unwrap_or_else(|failure| json!({ "failure": failure.to_string() })));
    }
    Ok(())
}

async fn carry_out(people: &Arc<People>, order: Order) -> Result<Value, Failure> {
    match order {
        Order::SignIn { site } => {
            let browser = people.sign_in(site).await?;
            Ok(json!({ "cookie": browser.cookie() }))
        }
        Order::SignIns(crowd) => {
            let Crowd { site, at_a_time, seconds, most } = crowd;
            let times = people.crowd(
                at_a_time,
                Duration::from_secs_f64(seconds),
                most,
                move |people, _| async move { people.sign_in(site).await.map(drop) },
            );
            Ok(times.await?.summary())
        }
        Order::Asks(crowd) => people.asks(crowd).await,
        Order::Steady(steady) => Ok(steady.run().await?.summary()),
    }
}

/// How long each of many took.
struct Times {
    each: Vec<Duration>,
    over_all: Duration,
}

impl Times {
    /// Their number, the seconds that all of them took, and milliseconds that one took.
    fn summary(mut self) -> Value {
        self.each.sort();
        let at = |part: f64| {
            let last = self.each.len().saturating_sub(1);
            self.each.get(((last as f64) * part).round() as usize).map(|time| time.as_secs_f64() * 1e3)
        };
        json!({
            "count": self.each.len(), "seconds": self.over_all.as_secs_f64(), "p50": at(0.5), "p99": at(0.99),
        })
    }
}
