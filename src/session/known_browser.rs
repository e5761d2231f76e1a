//! The cookie of a known browser, beside that of the session; it outlives sessions and signs nobody in.

use axum::http::Extensions;
use tower_cookies::{Cookie, Cookies, cookie::SameSite};

use crate::{
    config::Config,
    domain::{EmailAddress, KnownBrowser, UnixTime, known_browser::KNOWN_FOR},
    random,
};

/// The name of the cookie; `__Host-` as for that of the session.
fn name(config: &Config) -> &'static str {
    if config.public_url.is_https() { "__Host-postern-browser" } else { "postern-browser" }
}

/// The cookie as the browser sent it, and the way to send another one.
#[derive(Clone, Debug)]
pub struct BrowserCookie {
    known: Option<KnownBrowser>,
    /// Those of the request; what is added here goes out with the answer. Read by tower-sessions.
    cookies: Option<Cookies>,
}

impl BrowserCookie {
    /// Reads it. A browser that sent none, or one that is not ours, is not known.
    pub fn read(request: &Extensions, config: &Config, now: UnixTime) -> Self {
        let cookies = request.get::<Cookies>().cloned();
        let sent = cookies.as_ref().and_then(|cookies| cookies.get(name(config)));
        let known = sent.and_then(|sent| KnownBrowser::read(&config.keys, sent.value(), now));
        Self { known, cookies }
    }

    /// The browser, if anybody has signed in there.
    pub fn known(&self) -> Option<&KnownBrowser> {
        self.known.as_ref()
    }

    /// Lets the browser know that `email` has signed in there. Call it after the commit.
    pub fn remember(&self, config: &Config, email: &EmailAddress, now: UnixTime) {
        let Some(cookies) = &self.cookies else { return };
        let browser = self.known.clone().unwrap_or_else(|| KnownBrowser::random(&mut random::rng()));
        let cookie = Cookie::build((name(config), browser.knowing(email).sign(&config.keys, now)))
            .http_only(true)
            .secure(config.public_url.is_https())
            // As with the session: the click comes from a web mail program.
            .same_site(SameSite::Lax)
            .path("/")
            .max_age(time::Duration::seconds(KNOWN_FOR.as_secs() as i64));
        cookies.add(cookie.build());
    }
}
