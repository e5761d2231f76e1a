//! The same files from a folder and from the binary, through the routes for both.

use std::{fs, path::Path};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
    middleware,
    response::Response,
};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::site::{Coding, Embedded, File, Files, Form, Site};

use super::{built, cache};

/// Forms that only a test can tell apart: what they hold is never unpacked here.
const FILES: &[File] = &[
    File {
        path: "/pkg/postern.C5s.css",
        media_type: "text/css",
        forms: &[
            Form { coding: Some(Coding::Brotli), etag: "\"1-br\"", bytes: b"css in br" },
            Form { coding: Some(Coding::Gzip), etag: "\"1-gz\"", bytes: b"css in gzip" },
            Form { coding: None, etag: "\"1-plain\"", bytes: b"css as it is" },
        ],
    },
    File { path: "/pkg/postern.Ab3dEf.js", media_type: "text/javascript", forms: &[plain(b"js")] },
    File { path: "/pkg/postern.Wa5m.wasm", media_type: "application/wasm", forms: &[plain(b"wasm")] },
    File { path: "/pkg/table.js", media_type: "text/javascript", forms: &[plain(b"js without a hash")] },
    File {
        path: "/favicon.svg",
        media_type: "image/svg+xml",
        forms: &[
            Form { coding: Some(Coding::Brotli), etag: "\"2-br\"", bytes: b"svg in br" },
            Form { coding: None, etag: "\"2-plain\"", bytes: b"svg as it is" },
        ],
    },
    File { path: "/favicon.ico", media_type: "image/x-icon", forms: &[plain(b"ico")] },
    File { path: "/apple-touch-icon.png", media_type: "image/png", forms: &[plain(b"png")] },
    File { path: "/robots.txt", media_type: "text/plain", forms: &[plain(b"robots")] },
    File { path: "/unrouted.txt", media_type: "text/plain", forms: &[plain(b"in no table of paths")] },
];
const EMBEDDED: Embedded = Embedded {
    css: "/pkg/postern.C5s.css",
    js: "/pkg/postern.Ab3dEf.js",
    wasm: "/pkg/postern.Wa5m.wasm",
    files: FILES,
};

const fn plain(bytes: &'static [u8]) -> Form {
    Form { coding: None, etag: "\"3-plain\"", bytes }
}

fn router(site: &Site) -> Router {
    built(site).layer(middleware::from_fn(cache))
}

/// The site in the binary, and the same in `folder`.
fn both(folder: &Path) -> [Router; 2] {
    for file in FILES {
        for form in file.forms {
            let ending = match form.coding {
                Some(Coding::Brotli) => ".br",
                Some(Coding::Gzip) => ".gz",
                None => "",
            };
            let path = folder.join(format!("{}{ending}", file.path.trim_start_matches('/')));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, form.bytes).unwrap();
        }
    }
    let embedded = Site::from(EMBEDDED);
    let on_disk = Site { files: Files::Folder(folder.to_owned()), ..embedded.clone() };
    [router(&embedded), router(&on_disk)]
}

async fn ask(router: &Router, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

/// What is told of an answer that does not depend on where the file lies, and its body.
async fn told(answer: Response) -> (StatusCode, Vec<Option<String>>, Vec<u8>) {
    let names = [
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        header::CONTENT_LENGTH,
        header::CACHE_CONTROL,
        header::ALLOW,
    ];
    let status = answer.status();
    // The length of an empty body is added on its way out.
    let names = names.into_iter().filter(|name| status.is_success() || name != header::CONTENT_LENGTH);
    let value = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let headers = names.map(value).collect();
    (status, headers, to_bytes(answer.into_body(), 1000).await.unwrap().to_vec())
}

#[tokio::test]
async fn a_file_in_the_binary_is_answered_as_one_on_the_disk() {
    let folder = TempDir::new().unwrap();
    let [embedded, on_disk] = both(folder.path());
    let others = ["/pkg/nothing.js", "/pkg", "/pkg/", "/unrouted.txt", "/nothing.txt"];
    for path in FILES.iter().map(|file| file.path).chain(others) {
        for accept in ["", "br", "gzip", "gzip, deflate, br, zstd", "br;q=0.5, gzip", "br;q=0"] {
            for method in [Method::GET, Method::HEAD, Method::POST] {
                let headers = [("accept-encoding", accept)];
                let here = told(ask(&embedded, method.clone(), path, &headers).await).await;
                let there = told(ask(&on_disk, method.clone(), path, &headers).await).await;
                assert_eq!(here, there, "{method} {path} {accept}");
            }
        }
    }
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let folder = TempDir::new().unwrap();
    for router in both(folder.path()) {
        let taken = ("accept-encoding", "br");
        let first = ask(&router, Method::GET, "/pkg/postern.C5s.css", &[taken]).await;
        let etag = first.headers()["etag"].to_str().unwrap().to_owned();
        let known = format!("\"other\", W/{etag}");
        for known in [etag.as_str(), known.as_str(), "*"] {
            let headers = [taken, ("if-none-match", known)];
            let again = ask(&router, Method::GET, "/pkg/postern.C5s.css", &headers).await;
            assert_eq!(again.status(), 304, "{known}");
            assert_eq!(again.headers()["cache-control"], "public, max-age=31536000, immutable");
            assert!(to_bytes(again.into_body(), 1000).await.unwrap().is_empty());
        }
        for headers in
            [[taken, ("if-none-match", "\"other\"")], [("accept-encoding", ""), ("if-none-match", &etag)]]
        {
            let again = ask(&router, Method::GET, "/pkg/postern.C5s.css", &headers).await;
            assert_eq!(again.status(), 200, "{headers:?}");
        }
    }
}

#[tokio::test]
async fn each_form_of_a_file_says_that_there_are_others() {
    let router = router(&EMBEDDED.into());
    let mut tags = Vec::new();
    for accept in ["br", "gzip", ""] {
        let answer = ask(&router, Method::GET, "/pkg/postern.C5s.css", &[("accept-encoding", accept)]).await;
        assert_eq!(answer.headers()["vary"], "accept-encoding", "{accept}");
        tags.push(answer.headers()["etag"].clone());
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "{tags:?}");
}
