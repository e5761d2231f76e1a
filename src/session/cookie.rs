//! The cookie of a session, and repairs of tower-sessions 0.15.
//!
//! It holds an id and nothing else. Scripts cannot read it (HttpOnly), other hosts cannot set it (`__Host-`, under
//! https), and other sites send it with top-level navigations only (SameSite=Lax).

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue,
        header::{COOKIE, SET_COOKIE},
    },
    middleware::Next,
    response::Response,
};
use tower_sessions::{
    Expiry, SessionManagerLayer,
    cookie::{Cookie, SameSite},
    session::Id,
};

use super::adapter::CookieOnly;
use crate::config::Config;

/// The name of the cookie under https. `__Host-` binds it to this host and to https (RFC 6265bis, section 4.1.3.2).
const HOST_BOUND: &str = "__Host-postern";
/// The name of the cookie under http.
const PLAIN: &str = "postern";

/// The name of the cookie.
pub fn name(config: &Config) -> &'static str {
    if config.public_url.is_https() { HOST_BOUND } else { PLAIN }
}

/// The name of the cookie that remembers which language somebody has chosen. It is no secret.
pub fn language_name(config: &Config) -> &'static str {
    if config.public_url.is_https() { "__Host-postern-language" } else { "postern-language" }
}

/// The cookie that keeps the language with this tag for a year.
pub fn language(config: &Config, code: &'static str) -> Cookie<'static> {
    Cookie::build((language_name(config), code))
        .http_only(true)
        .secure(config.public_url.is_https())
        .same_site(SameSite::Lax)
        .path("/")
        .max_age(time::Duration::days(365))
        .build()
}

/// The cookies of a request, as they stand. One that is no text is passed over; those beside it count.
pub fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| str::from_utf8(pair).ok()?.trim().split_once('='))
}

/// The value of the first cookie of that name.
pub fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    pairs(headers).find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// The layer that reads the id of a session from the cookie, and sends a cookie where a request has begun or ended one.
pub fn layer(config: &Config) -> SessionManagerLayer<CookieOnly> {
    // The server ends sessions; the browser may keep the cookie for as long as one could last.
    let kept = time::Duration::seconds(config.session_absolute.as_secs() as i64);
    SessionManagerLayer::new(CookieOnly)
        .with_name(name(config))
        .with_secure(config.public_url.is_https())
        .with_http_only(true)
        // Strict would drop the cookie on the click from a web mail program.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(kept))
}

/// Shows tower-sessions only cookies that it can read, and adds `Secure` where it removes a `__Host-` cookie without
/// it: browsers would ignore that.
pub async fn repair(mut request: Request, next: Next) -> Response {
    make_readable(request.headers_mut());
    let mut response = next.run(request).await;
    for cookie in
        response.headers_mut().iter_mut().filter(|(name, _)| *name == SET_COOKIE).map(|(_, value)| value)
    {
        if let Ok(text) = cookie.to_str()
            && text.starts_with("__Host-")
            && !text.contains("; Secure")
            && let Ok(finished) = HeaderValue::try_from(format!("{text}; Secure"))
        {
            *cookie = finished;
        }
    }
    response
}

/// Rewrites what a browser sends under the name of our cookie.
///
/// A value that is no id becomes an id that names no session: tower-sessions would log a warning each time, and remove
/// the cookie even where another answer has just set a new one. A name that is another one once it is decoded is left
/// out: no browser keeps such a cookie to the rules of `__Host-`, so another host of the domain may have set it.
fn make_readable(headers: &mut HeaderMap) {
    for (_, value) in headers.iter_mut().filter(|(name, _)| *name == COOKIE) {
        let readable =
            value.to_str().map(|text| text.split(';').filter_map(readable).collect::<Vec<_>>().join("; "));
        // What is not ASCII is no cookie to tower-sessions either.
        if let Ok(Ok(readable)) = readable.map(HeaderValue::try_from) {
            *value = readable;
        }
    }
}

/// One `name=value` as tower-sessions may see it, if it may.
fn readable(pair: &str) -> Option<String> {
    let written = pair.split('=').next().unwrap_or_default().trim();
    match Cookie::parse_encoded(pair) {
        Ok(cookie) if written != cookie.name() => None,
        Ok(cookie) if [HOST_BOUND, PLAIN].contains(&cookie.name()) => {
            let id: Id = cookie.value().parse().unwrap_or_default();
            Some(format!("{written}={id}"))
        }
        _ => Some(pair.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        let mut headers = HeaderMap::from_iter([(COOKIE, text.parse().expect("a header"))]);
        make_readable(&mut headers);
        headers[COOKIE].to_str().expect("ASCII").to_owned()
    }

    #[test]
    fn a_good_cookie_and_those_of_others_stay_as_they_are() {
        let id = Id::default();
        for text in
            [format!("postern={id}"), format!("a=1; __Host-postern={id}; b=%20x"), "theme=dark".to_owned()]
        {
            assert_eq!(rewritten(&text), text);
        }
    }

    #[test]
    fn a_value_that_is_no_id_becomes_one() {
        for value in ["", "x", "%00", "AAAAAAAAAAAAAAAAAAAAAAAAA", "\"AAAAAAAAAAAAAAAAAAAAAA"] {
            let text = rewritten(&format!("a=1; postern={value}"));
            let id = text.strip_prefix("a=1; postern=").expect(&text);
            assert!(id.parse::<Id>().is_ok(), "{value}: {text}");
        }
    }

    #[test]
    fn a_name_that_is_ours_only_when_decoded_is_left_out() {
        let id = Id::default();
        for name in ["%5F%5FHost-postern", "__Host%2Dpostern", "%70ostern"] {
            assert_eq!(rewritten(&format!("a=1; {name}={id}")), "a=1", "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_cookie_header_is_read_without_a_panic(
            text in "[ -~]{0,60}", pair in "(postern|__Host-postern)=[ -~]{0,30}"
        ) {
            for text in [text.clone(), format!("{text};{pair}"), format!("{pair};{text}")] {
                let _ = rewritten(&text);
            }
        }
    }
}
