//! A server that answers 200 and does nothing else, with the same parts as Postern: what `script/bench` measures a check of
//! the gateway against. `bare 127.0.0.1:4580`

use std::net::SocketAddr;

use axum::{Router, routing::get};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: SocketAddr = std::env::args().nth(1).ok_or("name an address to listen on")?.parse()?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    let mut server: axum_server::Server<SocketAddr> = axum_server::Server::from_listener(listener);
    server.http_builder().http1();
    let server = server.http1_only();
    Ok(server
        .serve(Router::new().route("/", get(async || "")).into_make_service_with_connect_info::<SocketAddr>())
        .await?)
}
