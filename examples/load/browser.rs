//! A browser behind a proxy of its own network: cookies, and one connection that is kept as long as the server likes.

use axum::body::{Body, Bytes, to_bytes};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1::{SendRequest, handshake},
    header::{ACCEPT, CONNECTION, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Failure;

const LONGEST_ANSWER: usize = 1 << 20;
const NAVIGATION: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

pub struct Browser {
    port: u16,
    /// What the proxy says of the visitor's address.
    address: String,
    jar: Vec<(String, String)>,
    connection: Option<SendRequest<Body>>,
}

pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub body: Bytes,
}

impl Browser {
    /// One that nobody has seen yet.
    pub fn new(port: u16, number: usize) -> Self {
        let mut browser = Self { port, address: String::new(), jar: Vec::new(), connection: None };
        browser.is_somebody_else(number);
        browser
    }

    /// The same connection for another visitor, as a proxy would use it.
    pub fn is_somebody_else(&mut self, number: usize) {
        // Each in a network of their own, so that limits count as in life.
        self.address = format!("10.{}.{}.{}", (number >> 16) & 255, (number >> 8) & 255, number & 255);
        self.jar.clear();
    }

    pub fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The cookies, as a header.
    pub fn cookie(&self) -> String {
        self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub fn cookie_named(&self, wanted: &str) -> Option<&str> {
        self.jar.iter().find(|(name, _)| name == wanted).map(|(_, value)| &**value)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.jar.retain(|(there, _)| there != name);
        self.jar.push((name.to_owned(), value.to_owned()));
    }

    /// Opens a page.
    pub async fn open(&mut self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, NAVIGATION, None).await
    }

    /// Sends a form, by a script or as the browser does.
    pub async fn post(&mut self, path: &str, by_script: bool, form: String) -> Result<Answer, Failure> {
        let accept = if by_script { "application/json" } else { NAVIGATION };
        self.send(Method::POST, path, accept, Some(("application/x-www-form-urlencoded", form))).await
    }

    pub async fn post_json(&mut self, path: &str, body: String) -> Result<Answer, Failure> {
        self.send(Method::POST, path, "application/json", Some(("application/json", body))).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        accept: &str,
        body: Option<(&str, String)>,
    ) -> Result<Answer, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.host())
            .header(ACCEPT, accept)
            .header(ORIGIN, format!("http://{}", self.host()))
            .header("sec-fetch-site", "same-origin")
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Bench/1.0")
            .header("x-forwarded-for", &self.address);
        if !self.jar.is_empty() {
            request = request.header(COOKIE, self.cookie());
        }
        let body = match body {
            Some((kind, text)) => {
                request = request.header(CONTENT_TYPE, kind);
                Body::from(text)
            }
            None => Body::empty(),
        };
        let mut connection = self.connect().await?;
        let response = connection.send_request(request.body(body)?).await?;
        let (head, body) = response.into_parts();
        let body = to_bytes(Body::new(body), LONGEST_ANSWER).await?;
        if head.headers.get(CONNECTION).is_none_or(|value| value != "close") {
            self.connection = Some(connection);
        }
        for cookie in head.headers.get_all(SET_COOKIE) {
            self.take(cookie.to_str()?);
        }
        let location =
            head.headers.get(LOCATION).map(|value| value.to_str()).transpose()?.unwrap_or_default();
        Ok(Answer { status: head.status, location: location.to_owned(), body })
    }

    /// The connection that is there, or a new one.
    async fn connect(&mut self) -> Result<SendRequest<Body>, Failure> {
        if let Some(mut connection) = self.connection.take()
            && connection.ready().await.is_ok()
        {
            return Ok(connection);
        }
        connect(self.port).await
    }

    fn take(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let Some((name, value)) = pair.split_once('=') else { return };
        self.set_cookie(name, value);
        if attributes.to_ascii_lowercase().contains("max-age=0") {
            self.jar.retain(|(there, _)| there != name);
        }
    }
}

/// A connection to a server on this machine.
pub async fn connect(port: u16) -> Result<SendRequest<Body>, Failure> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}
