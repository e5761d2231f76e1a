//! SECRET_KEY and SECRET_KEY_FALLBACKS.

use std::{fs, io, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;

use super::{mistakes::Mistakes, sources::Sources};
use crate::domain::{SecretKey, SecretKeys};

/// Bytes; HMAC-SHA256 gains nothing from less (RFC 2104, section 3).
const SHORTEST: usize = 32;
const DEVELOPMENT_KEY: &str = "data/secret_key";

pub fn read(sources: &Sources, prod: bool, m: &mut Mistakes) -> SecretKeys {
    let fix = "make one with `openssl rand -base64 48`";
    let primary = match sources.get("SECRET_KEY") {
        Some(key) => key.to_owned(),
        None if prod => {
            m.add("SECRET_KEY", "is not set", fix);
            return SecretKeys::new(SecretKey::new(""), Vec::new());
        }
        None => development_key(Path::new(DEVELOPMENT_KEY)).unwrap_or_else(|error| {
            m.add("SECRET_KEY", format!("is not set and {DEVELOPMENT_KEY} cannot be made ({error})"), fix);
            String::new()
        }),
    };
    if prod && primary.len() < SHORTEST {
        m.add("SECRET_KEY", format!("has {} bytes, fewer than {SHORTEST}", primary.len()), fix);
    }
    let fallbacks = match sources.get("SECRET_KEY_FALLBACKS") {
        None => Vec::new(),
        Some(json) => serde_json::from_str::<Vec<String>>(json).unwrap_or_else(|_| {
            // The parser's own message could quote a key.
            m.add(
                "SECRET_KEY_FALLBACKS",
                "is not a JSON list of strings",
                r#"write it like ["the-old-key"]"#,
            );
            Vec::new()
        }),
    };
    if fallbacks.iter().any(|key| key.is_empty() || (prod && key.len() < SHORTEST)) {
        m.add(
            "SECRET_KEY_FALLBACKS",
            format!("has a key with fewer than {SHORTEST} bytes"),
            "remove it: its signatures can be forged",
        );
    }
    SecretKeys::new(SecretKey::new(primary), fallbacks.into_iter().map(SecretKey::new).collect())
}

/// The key of a development server: made once, kept in a file that only its owner may read.
fn development_key(path: &Path) -> io::Result<String> {
    match fs::read_to_string(path) {
        Ok(key) if key.trim().len() >= SHORTEST => return Ok(key.trim().to_owned()),
        Ok(_) => return Err(io::Error::other("it is there and too short; remove it")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut bytes = [0u8; 48];
    #[allow(clippy::disallowed_methods, reason = "this is the edge where the key is made")]
    rand::rng().fill_bytes(&mut bytes);
    let key = URL_SAFE_NO_PAD.encode(bytes);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    write_private(path, &key)?;
    Ok(key)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}
