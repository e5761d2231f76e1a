//! A Postern that guards two apps behind a real proxy, and somebody who visits them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use super::{Gate, GateKind, LOGIN, MailServer, Message, Postern, TOOLS, WIKI, browser::NAVIGATION};

/// A Postern in production that guards the two apps, its mail server, and the proxy in front of all.
pub struct Gateway {
    pub gate: Gate,
    pub postern: Postern,
    pub mail_server: MailServer,
}

impl Gateway {
    pub async fn start(kind: GateKind) -> Self {
        Self::start_with(kind, None, |apps| apps).await
    }

    /// As [`Self::start`]. `apps` may add to the two entries of GATEWAY_APPS, the wiki's and the tools'; the wiki is on
    /// `wiki_port` if there is one.
    pub async fn start_with(
        kind: GateKind,
        wiki_port: Option<u16>,
        apps: impl Fn([serde_json::Value; 2]) -> [serde_json::Value; 2],
    ) -> Self {
        let (gate, (postern, mail_server)) = Gate::start(kind, wiki_port, async |port| {
            let mail_server = MailServer::start(&[]).await;
            let public_url = format!("https://{LOGIN}:{port}");
            let both =
                [WIKI, TOOLS].map(|host| serde_json::json!({ "origin": format!("https://{host}:{port}") }));
            let apps = serde_json::json!(apps(both)).to_string();
            let settings =
                [("PUBLIC_URL", &*public_url), ("TRUSTED_PROXIES", "127.0.0.1"), ("GATEWAY_APPS", &apps)];
            let postern = Postern::in_production(&[&settings, &mail_server.settings()[..]].concat()).await;
            let port = postern.port();
            ((postern, mail_server), port)
        })
        .await;
        Self { gate, postern, mail_server }
    }

    /// Opens an address of an app as somebody who is not signed in, goes through the sign-in that this leads to, and
    /// gives the address and the page where it ended.
    pub async fn sign_in_at(&self, visitor: &Visitor<'_>, url: &str, email: &str) -> (String, Message) {
        let (login, page) = visitor.follow(url).await;
        assert!(login.starts_with(&self.gate.url(LOGIN, "/login")), "{login}: {page:?}");
        self.sign_in_from(visitor, &login, email).await
    }

    /// The rest of [`Self::sign_in_at`], from the sign-in page at `login`.
    pub async fn sign_in_from(&self, visitor: &Visitor<'_>, login: &str, email: &str) -> (String, Message) {
        let page = url::Url::parse(login).unwrap();
        let next = page.query_pairs().find(|(name, _)| name == "next").map(|(_, next)| next.into_owned());
        let asked = [("email", email), ("next", next.as_deref().unwrap_or_default())];
        let sent = visitor.submit(LOGIN, "/api/request_link", &asked).await;
        assert_eq!((sent.status(), sent.header("location")), (303, "/login/sent"), "{sent:?}");
        self.postern.deliver().await;
        let mut mails = self.mail_server.mails();
        assert_eq!(mails.len(), 1, "one mail was expected");
        let token = mails.remove(0).token();
        let redeemed = visitor.submit(LOGIN, "/api/redeem_link", &[("token", &token)]).await;
        assert_eq!(redeemed.status(), 303, "{redeemed:?}");
        let next = page.join(redeemed.header("location")).unwrap();
        visitor.follow(next.as_str()).await
    }
}

/// Somebody whose browser keeps cookies for each host, as a browser does. Clones share them.
#[derive(Clone)]
pub struct Visitor<'a> {
    gate: &'a Gate,
    jars: Arc<Mutex<BTreeMap<String, BTreeMap<String, String>>>>,
}

impl<'a> Visitor<'a> {
    /// Somebody with an empty cookie jar.
    pub fn new(gate: &'a Gate) -> Self {
        Self { gate, jars: Arc::default() }
    }

    /// The cookies that go to `host`, as the header has them.
    pub fn cookies(&self, host: &str) -> String {
        let jars = self.jars.lock().unwrap();
        let jar = jars.get(host).into_iter().flatten();
        jar.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// The value of a cookie of `host` whose name begins like that.
    pub fn cookie(&self, host: &str, name: &str) -> Option<String> {
        let jars = self.jars.lock().unwrap();
        let found = jars.get(host)?.iter().find(|(found, _)| found.starts_with(name))?;
        Some(found.1.clone())
    }

    /// Gives a cookie to this browser.
    pub fn put(&self, host: &str, name: &str, value: &str) {
        self.jars
            .lock()
            .unwrap()
            .entry(host.to_owned())
            .or_default()
            .insert(name.to_owned(), value.to_owned());
    }

    /// Sends a request with these headers and this browser's cookies, and keeps the cookies of the answer.
    pub async fn send(
        &self,
        method: &str,
        host: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Message {
        let (cookies, length) = (self.cookies(host), body.len().to_string());
        let mut all = headers.to_vec();
        if !cookies.is_empty() {
            all.push(("Cookie", &cookies));
        }
        if !body.is_empty() || method == "POST" {
            all.push(("Content-Length", &length));
        }
        let request = Message { body: body.to_vec(), ..self.gate.request(method, host, target, &all) };
        let answer = self.gate.send(host, &request).await;
        for set in answer.all("set-cookie") {
            self.keep(host, set);
        }
        answer
    }

    fn keep(&self, host: &str, set: &str) {
        let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let attributes = attributes.to_ascii_lowercase();
        assert!(!attributes.contains("domain="), "a cookie for more than {host}: {set}");
        if name.starts_with("__Host-") {
            // RFC 6265bis, section 4.1.3.2: a browser drops it otherwise.
            assert!(attributes.contains("secure") && attributes.contains("path=/"), "{set}");
        }
        let mut jars = self.jars.lock().unwrap();
        let jar = jars.entry(host.to_owned()).or_default();
        if attributes.contains("max-age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Opens a page, as by a click on a link somewhere else.
    pub async fn navigate(&self, host: &str, target: &str) -> Message {
        let headers = [
            ("Accept", NAVIGATION),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Dest", "document"),
            ("Sec-Fetch-Site", "cross-site"),
        ];
        self.send("GET", host, target, &headers, b"").await
    }

    /// Fetches something by a script of the app's page.
    pub async fn fetch(&self, host: &str, target: &str) -> Message {
        let headers = [
            ("Accept", "*/*"),
            ("Sec-Fetch-Mode", "cors"),
            ("Sec-Fetch-Dest", "empty"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        self.send("GET", host, target, &headers, b"").await
    }

    /// Sends a form of the site's own page.
    pub async fn submit(&self, host: &str, target: &str, fields: &[(&str, &str)]) -> Message {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let origin = self.gate.url(host, "");
        let headers = [
            ("Accept", NAVIGATION),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Origin", &origin),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Dest", "document"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        self.send("POST", host, target, &headers, body.as_bytes()).await
    }

    /// Opens an address and goes wherever it leads to; gives the last address and what is there.
    pub async fn follow(&self, url: &str) -> (String, Message) {
        let mut url = url.to_owned();
        for _ in 0..10 {
            let (host, target) = self.split(&url);
            let answer = self.navigate(&host, &target).await;
            if !(300..400).contains(&answer.status()) {
                return (url, answer);
            }
            // Byte for byte: a library would correct it.
            let location = answer.header("location");
            assert!(!location.is_empty(), "{answer:?}");
            url =
                if location.starts_with('/') { self.gate.url(&host, location) } else { location.to_owned() };
        }
        panic!("a loop, the last time to {url}");
    }

    /// Host and target of an address behind this proxy.
    fn split(&self, url: &str) -> (String, String) {
        let rest = url.strip_prefix("https://").unwrap_or_else(|| panic!("{url} leads away from https"));
        let (authority, target) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let host = authority.strip_suffix(&format!(":{}", self.gate.port));
        let host = host.unwrap_or_else(|| panic!("{url} leads away from here"));
        (host.to_owned(), target.to_owned())
    }
}
