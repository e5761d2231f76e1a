//! One page at a steady rate, whatever the server makes of it. A generator that waits for an answer before it sends the next
//! request would spare a server that is slow, and see little of it.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use hyper::{Request, StatusCode};
use serde::Deserialize;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{Failure, Times, browser::connect};

const LONGEST_ANSWER: usize = 1 << 20;

#[derive(Clone, Deserialize)]
pub struct Steady {
    port: u16,
    path: String,
    headers: Vec<(String, String)>,
    /// Requests a second, over all connections.
    rate: f64,
    connections: u32,
    seconds: f64,
}

impl Steady {
    pub async fn run(self) -> Result<Times, Failure> {
        let began = Instant::now();
        let mut connections = JoinSet::new();
        for number in 0..self.connections {
            connections.spawn(self.clone().on_one_connection(began, number));
        }
        let mut each = Vec::new();
        while let Some(times) = connections.join_next().await {
            each.extend(times??);
        }
        Ok(Times { each, over_all: began.elapsed() })
    }

    async fn on_one_connection(self, began: Instant, number: u32) -> Result<Vec<Duration>, Failure> {
        let between = Duration::from_secs_f64(f64::from(self.connections) / self.rate);
        let end = began + Duration::from_secs_f64(self.seconds);
        let mut due = began + between * number / self.connections;
        let (mut connection, mut each) = (connect(self.port).await?, Vec::new());
        while due < end {
            // A request that is late because the one before was not answered counts from when it was due. One that is late
            // because timers are coarse does not: the server has no part in that.
            let from = if Instant::now() < due {
                sleep_until(due).await;
                Instant::now()
            } else {
                due
            };
            let mut request = Request::get(&self.path);
            for (name, value) in &self.headers {
                request = request.header(name, value);
            }
            if connection.ready().await.is_err() {
                connection = connect(self.port).await?;
            }
            let response = connection.send_request(request.body(Body::empty())?).await?;
            let status = response.status();
            to_bytes(Body::new(response.into_body()), LONGEST_ANSWER).await?;
            if status != StatusCode::OK {
                return Err(format!("{}: status {status}", self.path).into());
            }
            each.push(from.elapsed());
            due += between;
        }
        Ok(each)
    }
}
