//! Somebody who visits the server.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::{
    Client, ClientBuilder, Method, RequestBuilder,
    header::{HeaderMap, SET_COOKIE},
    redirect::Policy,
};

use super::{Postern, Proxied, proxy::trusting};

/// How server functions are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// By the plain form of a browser without JavaScript.
    Form,
    /// By a script of the page.
    Fetch,
}

/// What every browser of these tests says it is.
pub const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) Tests/1.0";

pub const NAVIGATION: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A browser that keeps cookies and has no taste for redirects. Clones share the cookies.
// Not reqwest's own jar: that one would keep `Secure` cookies from the plain port behind an imagined TLS proxy.
#[derive(Clone, Debug)]
pub struct Browser {
    pub http: Client,
    pub port: u16,
    /// Where requests go: straight to the server's port, or to PUBLIC_URL.
    entrance: String,
    /// PUBLIC_URL: what a browser would show in its address bar.
    origin: String,
    pub manner: Manner,
    /// What it says it is, if that is not [`USER_AGENT`].
    user_agent: Option<&'static str>,
    jar: Arc<Mutex<Jar>>,
}

/// The cookies of a browser, each as `name=value`.
#[derive(Clone, Debug, Default)]
struct Jar {
    session: Option<String>,
    /// That of a browser in which somebody has signed in.
    known: Option<String>,
    /// The language that somebody has chosen.
    language: Option<String>,
}

impl Browser {
    pub fn new(port: u16, origin: &str, manner: Manner) -> Self {
        // The plain port shows no certificate, so there is none to trust.
        let http = client().tls_backend_preconfigured(trusting(&[])).build().unwrap();
        Self {
            http,
            port,
            entrance: format!("http://127.0.0.1:{port}"),
            origin: origin.to_owned(),
            manner,
            user_agent: None,
            jar: Arc::default(),
        }
    }

    /// The same browser, if this is what it says it is.
    pub fn called(self, user_agent: &'static str) -> Self {
        Self { user_agent: Some(user_agent), ..self }
    }

    /// A browser that visits from `address`, over TLS and HTTP/2, through the proxy in front of the server.
    pub fn through(proxied: &Proxied, address: IpAddr, manner: Manner) -> Self {
        let origin = proxied.postern.public_url().to_owned();
        let host = url::Url::parse(&origin).unwrap().host_str().unwrap().to_owned();
        let http = client()
            .local_address(address)
            .resolve(&host, (Ipv4Addr::LOCALHOST, proxied.port).into())
            .tls_backend_preconfigured(proxied.tls(&["h2", "http/1.1"]))
            .build()
            .unwrap();
        let entrance = origin.clone();
        Self { http, port: proxied.port, entrance, origin, manner, user_agent: None, jar: Arc::default() }
    }

    /// The same browser, cookies and all, once the server has come back on another port.
    pub fn at(&self, port: u16) -> Self {
        let (jar, user_agent) = (Arc::clone(&self.jar), self.user_agent);
        Self { jar, user_agent, ..Self::new(port, &self.origin, self.manner) }
    }

    /// A request with nothing but the host and the cookies.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.entrance));
        if let Some(user_agent) = self.user_agent {
            request = request.header("user-agent", user_agent);
        }
        if self.entrance != self.origin {
            request = request.header("host", self.origin.split_once("://").unwrap().1);
        }
        let jar = self.jar.lock().unwrap();
        let cookies = [&jar.session, &jar.known, &jar.language]
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join("; ");
        if cookies.is_empty() { request } else { request.header("cookie", cookies) }
    }

    /// Sends a request and keeps the cookies of the answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap()
    }

    /// As [`Self::send`], where the server may die before it has answered.
    ///
    /// # Errors
    /// If the connection breaks.
    pub async fn try_send(&self, request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for set in headers.get_all(SET_COOKIE) {
            let set = set.to_str().unwrap();
            let removed = set.contains("Max-Age=0");
            let pair = set.split(';').next().unwrap().to_owned();
            let mut jar = self.jar.lock().unwrap();
            let kept = match pair.split('=').next().unwrap().trim_start_matches("__Host-") {
                "postern-browser" => &mut jar.known,
                "postern-language" => &mut jar.language,
                _ => &mut jar.session,
            };
            *kept = (!removed).then_some(pair);
        }
        Ok(Answer { manner: self.manner, status, headers, body: response.bytes().await?.to_vec() })
    }

    /// Opens a page.
    pub async fn open(&self, path: &str) -> Answer {
        self.send(self.navigation(path)).await
    }

    /// The request that opens a page.
    pub fn navigation(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path).header("accept", NAVIGATION)
    }

    /// Fetches something by script.
    pub async fn fetch(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header("accept", "*/*")).await
    }

    /// A POST as a page of this site sends it, in this browser's manner.
    pub fn post(&self, path: &str) -> RequestBuilder {
        let accept = match self.manner {
            Manner::Form => NAVIGATION,
            Manner::Fetch => "application/json",
        };
        self.request(Method::POST, path)
            .header("accept", accept)
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
    }

    /// Calls a server function.
    pub async fn call(&self, function: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.post(&format!("/api/{function}")).form(fields)).await
    }

    /// Asks for a sign-in mail; the server must agree.
    pub async fn ask(&self, email: &str) {
        self.call("request_link", &[("email", email)]).await.assert_leads_to("/login/sent");
    }

    pub async fn redeem_link(&self, token: &str) -> Answer {
        self.call("redeem_link", &[("token", token)]).await
    }

    pub async fn redeem_code(&self, code: &str) -> Answer {
        self.call("redeem_code", &[("code", code)]).await
    }

    /// Signs in by link, the whole way.
    pub async fn sign_in(&self, postern: &Postern, email: &str) {
        self.ask(email).await;
        self.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/");
    }

    /// The address of whoever is signed in.
    pub async fn whoami(&self) -> Option<String> {
        let request = self.request(Method::POST, "/api/whoami").header("accept", "application/json");
        let answer = self.send(request).await;
        match answer.status {
            200 => Some(answer.json()["email"].as_str().unwrap().to_owned()),
            401 => None,
            other => panic!("whoami answered {other}: {}", answer.text()),
        }
    }

    /// The cookie of the session as `name=value`.
    pub fn cookie(&self) -> Option<String> {
        self.jar.lock().unwrap().session.clone()
    }

    /// The cookie of a known browser as `name=value`.
    pub fn known(&self) -> Option<String> {
        self.jar.lock().unwrap().known.clone()
    }

    /// Loses the cookie of the session, and keeps that of a known browser.
    pub fn lose_session(&self) {
        self.jar.lock().unwrap().session = None;
    }

    /// Takes over the cookie of a known browser.
    pub fn take_known(&self, cookie: Option<String>) {
        self.jar.lock().unwrap().known = cookie;
    }

    /// The value of the session's cookie.
    pub fn cookie_value(&self) -> String {
        self.cookie().unwrap().split_once('=').unwrap().1.to_owned()
    }

    /// Another browser that has got hold of this one's session.
    pub fn copy(&self) -> Self {
        let jar = Jar { session: self.cookie(), known: None, language: None };
        Self { jar: Arc::new(Mutex::new(jar)), ..self.clone() }
    }
}

fn client() -> ClientBuilder {
    // The test ends with the server; a request that hangs should end the test.
    let http = Client::builder().redirect(Policy::none()).no_proxy().timeout(Duration::from_secs(30));
    http.user_agent(USER_AGENT)
}

/// What came back.
pub struct Answer {
    manner: Manner,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { manner, status, headers, body } = self;
        write!(f, "{status} to a {manner:?}\n{headers:#?}\n{}", String::from_utf8_lossy(body))
    }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The text of a header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The server did what it was asked to and names the page that comes next.
    #[track_caller]
    pub fn assert_leads_to(&self, path: &str) {
        let status = match self.manner {
            Manner::Form => 303,
            Manner::Fetch => 200,
        };
        assert_eq!((self.status, self.location()), (status, path), "{self:?}");
    }

    /// The server refused: a fetch gets the status and the name, a form is sent to a page that says it in words.
    #[track_caller]
    pub fn assert_refused(&self, name: &str, status: u16) {
        if name == "not_ready" {
            assert_eq!(self.header("retry-after"), "2", "{self:?}");
        }
        match self.manner {
            // What is broken on our side is no page that one is led to.
            Manner::Form if name == "not_ready" => {
                assert_eq!(self.status, status, "{self:?}");
                assert!(self.header("content-type").starts_with("text/html"), "{self:?}");
            }
            Manner::Form => {
                assert_eq!(self.status, 303, "{self:?}");
                assert_eq!(query_value(self.location(), "refusal").as_deref(), Some(name), "{self:?}");
            }
            Manner::Fetch => {
                assert_eq!(self.status, status, "{self:?}");
                assert_eq!(self.json()["refusal"], name, "{self:?}");
            }
        }
    }

    /// The number that goes with a refusal: tries or seconds left.
    pub fn number(&self) -> u64 {
        match self.manner {
            Manner::Form => query_value(self.location(), "n").unwrap().parse().unwrap(),
            Manner::Fetch => {
                let json = self.json();
                json.get("tries_left").or(json.get("retry_after")).unwrap().as_u64().unwrap()
            }
        }
    }
}

/// A value of a path's query, decoded.
pub fn query_value(path: &str, name: &str) -> Option<String> {
    let url = url::Url::parse("http://localhost").unwrap().join(path).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}
