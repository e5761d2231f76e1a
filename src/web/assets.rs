//! Files: the hashed ones for ever, those of /pkg without a hash after a look whether they changed, the others for
//! a day. They need no session.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header::CACHE_CONTROL},
    middleware::{self, Next},
    response::Response,
    routing::get_service,
};
use leptos::config::LeptosOptions;
use tower_http::services::{ServeDir, ServeFile};

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Asked for again each time, and answered with 304 where nothing changed.
const AFTER_A_LOOK: HeaderValue = HeaderValue::from_static("no-cache");
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// The routes of all files, compressed ones first where the browser takes them.
pub fn routes<S: Clone + Send + Sync + 'static>(options: &LeptosOptions) -> Router<S> {
    let root = options.site_root.as_ref();
    let pkg =
        ServeDir::new(format!("{root}/{}", options.site_pkg_dir)).precompressed_br().precompressed_gzip();
    let file = |name: &str| get_service(ServeFile::new(format!("{root}/{name}")));
    Router::new()
        .nest_service(&format!("/{}", options.site_pkg_dir), pkg)
        .route("/favicon.svg", file("favicon.svg"))
        .route("/favicon.ico", file("favicon.ico"))
        .route("/apple-touch-icon.png", file("apple-touch-icon.png"))
        .route("/failure.css", file("failure.css"))
        .route("/robots.txt", file("robots.txt"))
        .layer(middleware::from_fn(cache))
}

async fn cache(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // A name with a hash in it never means anything else: postern.Ab3dEf….js has three parts.
    let hashed = path.rsplit('/').next().is_some_and(|name| name.split('.').count() > 2);
    let at_the_root = path.rsplit_once('/').is_some_and(|(folder, _)| folder.is_empty());
    let kept = match (hashed, at_the_root) {
        (true, _) => FOR_EVER,
        (false, true) => FOR_A_DAY,
        (false, false) => AFTER_A_LOOK,
    };
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == axum::http::StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CACHE_CONTROL, kept);
    }
    response
}
