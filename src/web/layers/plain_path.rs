//! The check of the path: one that two parsers would read in two ways is refused before anybody looks at it.
//!
//! Otherwise `/login/../logout` could be the open /login for the guard and the guarded /logout for whoever resolves it.
//! Redirecting to a plain path is no way out: the parser that is in doubt would have to compute it
//! (docs/decisions/0009-axum-routes-alone-choose-the-page.md).

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Url;

/// The answer to a person who has come upon such an address.
const ADVICE: &str = "This address cannot be read: its path has dots, backslashes, doubled slashes or other signs \
     that have no place there. Open the link again, or begin at the start page, /.\n";

/// Refuses with 400 a path that is not plain: no guard, page or file has to wonder how somebody else would read it.
pub async fn require(request: Request, next: Next) -> Response {
    if is_plain(request.uri().path()) {
        next.run(request).await
    } else {
        (StatusCode::BAD_REQUEST, ADVICE).into_response()
    }
}

/// Whether a URL parser (WHATWG URL Standard, section 4.4) reads `path` exactly as it stands: it starts with a slash,
/// has no dot segments in any spelling, no backslash and no sign that the parser would encode. Doubled slashes are
/// refused too, because proxies merge them.
fn is_plain(path: &str) -> bool {
    path.starts_with('/')
        && !path.contains("//")
        && Url::parse(&format!("http://host.invalid{path}"))
            .is_ok_and(|url| url.path() == path && url.query().is_none() && url.fragment().is_none())
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_path_that_reads_as_it_stands_is_plain() {
        for path in
            ["/", "/login", "/login/sent", "/a.b/..c/d..", "/a%20b", "/%6cogin", "/login%2f..%2fx", "/a;b=c"]
        {
            assert!(is_plain(path), "{path}");
        }
    }

    #[test]
    fn a_path_that_somebody_could_read_otherwise_is_not() {
        for path in [
            "",
            "*",
            "login",
            "/login/..",
            "/login/../logout",
            "/./login",
            "/login/.",
            "/login/%2e%2e/logout",
            "/login/%2E%2e/logout",
            "/login/.%2e/logout",
            "/login/%2e./logout",
            "/%2e/login",
            "/login/..\\logout",
            "/login\\..\\logout",
            "\\login",
            "//login",
            "/login//sent",
            "/lo\tgin",
            "/lo\ngin",
            "/login#x",
            "/login?x",
            "/lo gin",
            "/l\u{f6}gin",
            "/\u{0}",
        ] {
            assert!(!is_plain(path), "{path:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_plain_path_has_one_reading(path in r"/([a-z.%2e5cf/\\]|%2[eE]|%5[cC]|\.\.){0,24}") {
            if is_plain(&path) {
                let url = url::Url::parse("http://x").and_then(|base| base.join(&path));
                proptest::prop_assert_eq!(url.as_ref().map(url::Url::path), Ok(path.as_str()));
            }
        }
    }
}
