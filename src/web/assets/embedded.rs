//! The files that the binary carries: found by their path, sent in the smallest form that the browser takes, and not sent
//! again to one that has them.
//!
//! No `Range`: a part of a file is nothing that a browser asks of a script, and answering with the whole is allowed (RFC 9110,
//! section 14.2).

use axum::{
    body::Bytes,
    extract::OriginalUri,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};

use crate::{
    site::File,
    web::coding::{self, choose},
};

/// Answers a GET of any path with the file that has it; 404 if none has.
pub fn serve<S: Clone + Send + Sync + 'static>(files: &'static [File]) -> MethodRouter<S> {
    get(move |OriginalUri(uri): OriginalUri, headers: HeaderMap| async move {
        let file = files.iter().find(|file| file.path == uri.path());
        file.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |file| answer(file, &headers))
    })
}

fn answer(file: &File, headers: &HeaderMap) -> Response {
    let coding = choose(headers, file.forms.iter().filter_map(|form| form.coding));
    let Some(form) = file.forms.iter().find(|form| form.coding == coding) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let described = ([(ETAG, HeaderValue::from_static(form.etag))], coding::headers(coding));
    if has(headers, form.etag) {
        return (StatusCode::NOT_MODIFIED, described).into_response();
    }
    let media_type = [(CONTENT_TYPE, HeaderValue::from_static(file.media_type))];
    (described, media_type, Bytes::from_static(form.bytes)).into_response()
}

/// Whether the browser has what bears that tag (RFC 9110, section 13.1.2: a weak comparison).
fn has(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = known.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
