//! The rules of a login, and nothing that touches the world.
//!
//! This room reads no clock, no randomness, no file and no network: time and chance are arguments.
//! It imports no framework (a test below reads its sources). In reading order:
//!
//! 1. [`unix_time`]: seconds since 1970, the only notion of time here.
//! 2. [`email_address`]: one address, parsed at the door and normalised once.
//! 3. [`allowlist`]: whom the operator lets in.
//! 4. [`signer`]: `SECRET_KEY`, and Django's `TimestampSigner`.
//! 5. [`login_link`]: the token in the mailed link: [`login_link::mint`], [`login_link::url`], [`login_link::read`].
//! 6. [`challenge`]: what ties a login to the browser that asked, and makes it one-time.
//! 7. [`login_code`]: the six digits for whoever reads mail on another device.
//! 8. [`return_path`]: where the visitor goes afterwards, never to another site.
//! 9. [`client_network`]: where a request comes from.
//! 10. [`limit`]: how often something may happen.

pub mod allowlist;
pub mod challenge;
pub mod client_network;
pub mod email_address;
pub mod limit;
pub mod login_code;
pub mod login_link;
pub mod return_path;
pub mod signer;
pub mod unix_time;

pub use allowlist::{Allowlist, MalformedEntry};
pub use challenge::{Challenge, HashedChallenge};
pub use client_network::ClientNetwork;
pub use email_address::{EmailAddress, MalformedAddress};
pub use limit::{Limit, MalformedLimit};
pub use login_code::{LoginCode, MalformedCode};
pub use login_link::{LinkClaim, LinkError, LinkToken};
pub use return_path::{ForeignPath, ReturnPath};
pub use signer::{SecretKey, SecretKeys, SignatureError, TimestampSigner};
pub use unix_time::UnixTime;

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    const FRAMEWORKS: [&str; 6] = ["axum", "leptos", "sqlx", "lettre", "tokio", "tower"];

    /// Whether a line of code names a framework crate (or a sibling such as `tower_http`) in a path or a `use`.
    fn names_a_framework(line: &str) -> bool {
        let code = line.split("//").next().unwrap_or_default();
        let imports = code.contains("use ") || code.contains("extern crate ");
        code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .filter(|word| imports || word.contains("::"))
            .filter_map(|word| word.trim_start_matches(':').split("::").next())
            .any(|name| {
                FRAMEWORKS
                    .iter()
                    .any(|crate_name| name == *crate_name || name.starts_with(&format!("{crate_name}_")))
            })
    }

    #[test]
    fn domain_imports_no_framework() {
        let src = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let mut files = vec![src.join("domain.rs")];
        let mut folders = vec![src.join("domain")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        assert!(files.len() > 8, "the sources were not found: {files:?}");
        for file in files {
            for line in fs::read_to_string(&file).unwrap().lines() {
                assert!(!names_a_framework(line), "{}: {line}", file.display());
            }
        }
    }

    #[test]
    fn the_search_for_frameworks_finds_them() {
        for crate_name in FRAMEWORKS {
            let imports = ["use {}::A;", "    ::{}::a(b);", "use {}_more as a;", "pub use {url, {}};"];
            for line in imports.map(|line| line.replace("{}", crate_name)) {
                assert!(names_a_framework(&line), "{line}");
            }
        }
        for line in ["// use axum::Router;", "let tower = 1;", "use url::Url;", "use subtle::Choice;"] {
            assert!(!names_a_framework(line), "{line}");
        }
    }
}
