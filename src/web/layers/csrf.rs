//! The check against cross-site requests (CSRF): those that would change something are refused before any work.
//!
//! The answer is JSON for forms too: a page would help whoever sent the visitor here, and nobody else.

use axum::{body::Body, response::Response};
use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};

use crate::web::answers::json;
use crate::{refusal::Refusal, state::AppState};

/// Checks Sec-Fetch-Site and Origin (the scheme of Go 1.25); needs no token in a form. GET, HEAD and OPTIONS pass,
/// for they change nothing here; so does a request with neither header, for no current browser sends such a POST.
///
/// PUBLIC_URL is trusted as an origin, because a proxy may rewrite Host.
///
/// # Errors
/// If PUBLIC_URL is no origin, which the configuration has ruled out.
pub fn layer(
    state: &AppState,
) -> Result<CsrfLayer<impl Fn(ProtectionError) -> Response<Body> + Clone + use<>>, ConfigError> {
    let public_url = state.config.public_url.origin().to_owned();
    let state = state.clone();
    let refuse = move |_| {
        if let Some(left_out) = state.throttles.cross_site.pass(state.clock.now()) {
            tracing::warn!(left_out, "cross-site request refused");
        }
        json(&Refusal::CrossSite)
    };
    Ok(CsrfLayer::new().add_trusted_origin(public_url)?.with_rejection_response(refuse))
}
