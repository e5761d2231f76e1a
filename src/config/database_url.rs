//! DATABASE_URL: the SQLite file that holds sessions, mails to send, limits and the audit trail.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::{
    reader::{Noted, Reader},
    settings,
};

/// What would not be read as a part of the path.
const NOT_IN_PATH: AsciiSet = CONTROLS.add(b'%').add(b'?').add(b'#');

/// The URL of an SQLite file, as sqlx reads it. A relative path begins in the folder of the settings.
///
/// # Errors
/// Notes a URL that names no file. A database in memory is none: a restart would forget limits and mails on their way.
pub fn read(reader: &mut Reader) -> Result<String, Noted> {
    let fix = "write it like sqlite://data/postern.sqlite3";
    let url = reader.required(settings::DATABASE_URL, fix)?;
    let file = url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
    let (path, parameters) = match file.map(|file| file.split_at(file.find('?').unwrap_or(file.len()))) {
        Some((path, parameters))
            if !path.is_empty() && path != ":memory:" && !parameters.contains("mode=memory") =>
        {
            (path, parameters)
        }
        _ => return Err(reader.note(settings::DATABASE_URL, "does not name an SQLite file", fix)),
    };
    if path.starts_with('/') {
        return Ok(url.to_owned());
    }
    let path = percent_decode_str(path).decode_utf8_lossy();
    let path = reader.sources.resolve(&*path);
    Ok(format!("sqlite://{}{parameters}", utf8_percent_encode(&path.to_string_lossy(), &NOT_IN_PATH)))
}
