//! Static files and their Cache-Control: hashed names are immutable, unhashed files under /pkg are revalidated,
//! everything else is kept for a day. Beside them the operator's logo and accent. No session.
//!
//! [`embedded`] serves those that the binary carries; otherwise they are read from the folder of the site.

mod embedded;

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    middleware::{self, Next},
    response::Response,
    routing::{get, get_service},
};
use tower_http::services::{ServeDir, ServeFile};

use crate::{
    app::places::{BRAND_STYLE, FAILURE_STYLE, FILES, LOGO},
    config::{Accent, Brand, Config},
    site::{Files, Site},
};

/// Kept for a year and never asked for again (RFC 8246).
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Asked for again each time, and answered with 304 where nothing changed.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
/// For files at the root, whose names have no hash: a change has arrived everywhere a day later.
const ONE_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// For the logo when somebody opens it by its address: an SVG file is a document, and no script in it may run. In a page
/// it is an image, whose scripts no browser runs.
const LOGO_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
);

/// The style sheet of the failure page: the palette of the other pages, and nothing else of theirs.
const FAILURE_CSS: &str = concat!(include_str!("../../style/palette.css"), include_str!("failure.css"));

/// The routes of all files, compressed ones first where the browser takes them.
pub fn routes<S: Clone + Send + Sync + 'static>(config: &Config, site: &Site) -> Router<S> {
    let mut router = built(site);
    let style = |text: String| get(([(CONTENT_TYPE, CSS)], text));
    router = router.route(FAILURE_STYLE, style(failure_css(&config.brand)));
    router = router.route(BRAND_STYLE, style(brand_css(&config.brand)));
    if let Some(logo) = &config.brand.logo {
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static(logo.media_type)),
            (CONTENT_SECURITY_POLICY, LOGO_POLICY),
        ];
        router = router.route(LOGO, get((headers, Bytes::from_owner(logo.bytes.clone()))));
    }
    router.layer(middleware::from_fn(cache))
}

/// The routes of the built files.
fn built<S: Clone + Send + Sync + 'static>(site: &Site) -> Router<S> {
    let mut router = Router::new();
    match &site.files {
        Files::Embedded(files) => {
            router = router.nest_service(site.pkg(), embedded::serve::<()>(files));
            for path in FILES {
                router = router.route(path, embedded::serve(files));
            }
        }
        Files::Folder(root) => {
            let within = |path: &str| root.join(path.trim_start_matches('/'));
            let pkg = ServeDir::new(within(site.pkg())).precompressed_br().precompressed_gzip();
            router = router.nest_service(site.pkg(), pkg);
            for path in FILES {
                let file = ServeFile::new(within(path)).precompressed_br().precompressed_gzip();
                router = router.route(path, get_service(file));
            }
        }
    }
    router
}

/// The icon, for hosts on which the folder of the site is not served.
pub const FAVICON_SVG: &str = include_str!("../../public/favicon.svg");

/// The media type of a style sheet.
pub const CSS: &str = "text/css; charset=utf-8";

/// The style sheet of pages that share none with the others: the palette, and the operator's accent over it.
pub fn failure_css(brand: &Brand) -> String {
    format!("{FAILURE_CSS}{}", brand_css(brand))
}

/// The operator's accent, for all pages; empty without one.
fn brand_css(brand: &Brand) -> String {
    brand.accent.as_ref().map(Accent::css).unwrap_or_default()
}

/// Sets Cache-Control by the shape of the path, on answers that have a file. All others, a 404 too, are left to
/// `headers`, which says `no-store`.
async fn cache(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // A name with a hash in it never means anything else: postern.Ab3dEf….js has three parts.
    let hashed = path.rsplit('/').next().is_some_and(|name| name.split('.').count() > 2);
    let at_the_root = path.rsplit_once('/').is_some_and(|(folder, _)| folder.is_empty());
    let kept = match (hashed, at_the_root) {
        (true, _) => IMMUTABLE,
        (false, true) => ONE_DAY,
        (false, false) => REVALIDATE,
    };
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == axum::http::StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CACHE_CONTROL, kept);
    }
    response
}

#[cfg(test)]
mod tests;
