//! SECRET_KEY and SECRET_KEY_FALLBACKS: the keys that sign links and derive codes.

use std::{fs, io, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;

use super::{
    reader::{Noted, Reader},
    settings,
};
use crate::{
    domain::{SecretKey, SecretKeys},
    random,
};

/// Bytes of the shortest key in production: RFC 2104, section 3 discourages keys shorter than the hash.
const SHORTEST: usize = 32;
/// Where a development server without SECRET_KEY keeps the one that it makes.
const DEVELOPMENT_KEY: &str = "data/secret_key";

/// The keys that sign and verify. Production takes none shorter than 32 bytes; development makes one if none is set.
///
/// # Errors
/// Notes a key that is missing or too short, and a development key that cannot be read or made. Quotes none.
pub fn read(reader: &mut Reader) -> Result<SecretKeys, Noted> {
    let primary = read_primary(reader);
    let fallbacks = read_fallbacks(reader);
    Ok(SecretKeys::new(primary?, fallbacks?))
}

/// SECRET_KEY; without it, in development, the key in `data/secret_key`.
fn read_primary(reader: &mut Reader) -> Result<SecretKey, Noted> {
    let fix = "make one with `postern keygen`";
    let key = match reader.text(settings::SECRET_KEY) {
        Some(key) => SecretKey::new(key),
        None if reader.production => return Err(reader.note(settings::SECRET_KEY, "is not set", fix)),
        None => {
            development_key(&reader.sources.resolve(DEVELOPMENT_KEY), reader.may_write).map_err(|error| {
                let problem = format!("is not set and {DEVELOPMENT_KEY} cannot be made ({error})");
                reader.note(settings::SECRET_KEY, problem, fix)
            })?
        }
    };
    if reader.production && key.len() < SHORTEST {
        let problem = format!("has {} bytes, fewer than {SHORTEST}", key.len());
        return Err(reader.note(settings::SECRET_KEY, problem, fix));
    }
    Ok(key)
}

/// SECRET_KEY_FALLBACKS. Each makes one more code valid for every challenge, and so each guess a little better:
/// remove it once the links that it signed have expired.
fn read_fallbacks(reader: &mut Reader) -> Result<Vec<SecretKey>, Noted> {
    let fix = r#"write it like ["the-old-key"]"#;
    let json = reader.required(settings::SECRET_KEY_FALLBACKS, fix)?;
    let keys: Vec<String> = serde_json::from_str(json).map_err(|_| {
        // The parser's own message could quote a key.
        reader.note(settings::SECRET_KEY_FALLBACKS, "is not a JSON list of strings", fix)
    })?;
    let keys: Vec<SecretKey> = keys.into_iter().map(SecretKey::new).collect();
    if keys.iter().any(|key| key.is_empty() || (reader.production && key.len() < SHORTEST)) {
        return Err(reader.note(
            settings::SECRET_KEY_FALLBACKS,
            format!("has a key with fewer than {SHORTEST} bytes"),
            "remove it: its signatures can be forged",
        ));
    }
    Ok(keys)
}

/// The key of a development server: made once, kept in a file that only its owner may read, if it `may_be_kept`.
fn development_key(path: &Path, may_be_kept: bool) -> io::Result<SecretKey> {
    match fs::read_to_string(path) {
        Ok(key) if key.trim().len() >= SHORTEST => return Ok(SecretKey::new(key.trim())),
        Ok(_) => return Err(io::Error::other("it is there and too short; remove it")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut bytes = [0u8; 48];
    random::rng().fill_bytes(&mut bytes);
    let key = URL_SAFE_NO_PAD.encode(bytes);
    if may_be_kept {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        write_private(path, &key)?;
    }
    Ok(SecretKey::new(key))
}

/// Writes a new file that only its owner may read. One that has appeared meanwhile is not overwritten: its key may have
/// signed links already.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}
