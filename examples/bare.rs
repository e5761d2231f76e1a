//! A server that answers 200 and does nothing else, with the same parts as Postern: what `script/bench` measures a check of
//! the gateway against. `bare 127.0.0.1:4580`

use axum::{Router, routing::get};
use postern::{server::listen, state::stop::Stop};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).ok_or("name an address to listen on")?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    Ok(listen(listener, Router::new().route("/", get(async || "")), Stop::default().into()).await?)
}
