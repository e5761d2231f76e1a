//! LEPTOS_*: what Leptos needs to know of this server and its files, under the names that cargo-leptos uses.

use std::{net::SocketAddr, path::PathBuf};

use leptos::config::{Env, LeptosOptions};

use super::{
    reader::{Noted, Reader},
    settings,
};

/// Where cargo-leptos leaves what it builds, unless Cargo.toml says otherwise.
const BUILT_SITE: &str = "target/site";

/// LEPTOS_SITE_ADDR: the IP address and port to listen on.
///
/// # Errors
/// Notes anything else, a host name too.
pub fn read_site_addr(reader: &mut Reader) -> Result<SocketAddr, Noted> {
    let fix = "write an IP address and a port, like 127.0.0.1:3000 or [::1]:3000";
    reader.parsed(settings::LEPTOS_SITE_ADDR, fix, |text| text.parse().ok())
}

/// LEPTOS_SITE_ROOT: the folder of the built files, if somebody has named one; it wins over those in the binary.
pub fn read_site_root(reader: &Reader) -> Option<PathBuf> {
    reader.optional_path(settings::LEPTOS_SITE_ROOT)
}

/// The options that Leptos and its axum integration are given. The folder of the site is an absolute path.
///
/// # Errors
/// Notes what is malformed; all settings are read first.
pub fn read(reader: &mut Reader, site_addr: Result<SocketAddr, Noted>) -> Result<LeptosOptions, Noted> {
    let site_root = read_site_root(reader).unwrap_or_else(|| reader.sources.resolve(BUILT_SITE));
    let name = |text: &str| is_name(text).then(|| text.to_owned());
    let fix = "write letters, digits, - and _, like pkg";
    let site_pkg_dir = reader.parsed(settings::LEPTOS_SITE_PKG_DIR, fix, name);
    let output_name = reader.parsed(settings::LEPTOS_OUTPUT_NAME, fix, name);
    let hash_files = reader.flag(settings::LEPTOS_HASH_FILES);
    let hash_file = reader.required(settings::LEPTOS_HASH_FILE_NAME, "write a file name, like hash.txt");
    let reload_port = reader.port(settings::LEPTOS_RELOAD_PORT);
    let reload_external_port = reader.optional_port(settings::LEPTOS_RELOAD_EXTERNAL_PORT);
    Ok(LeptosOptions::builder()
        .env(if reader.production { Env::PROD } else { Env::DEV })
        .site_addr(site_addr?)
        .site_root(site_root.to_string_lossy())
        .site_pkg_dir(site_pkg_dir?)
        .output_name(output_name?)
        .hash_files(hash_files?)
        .hash_file(hash_file?.into())
        .reload_port(reload_port?.into())
        .reload_external_port(reload_external_port?.map(u32::from))
        .build())
}

/// LEPTOS_WATCH: the port on which `cargo leptos watch` tells an open page that something has changed; `None` outside
/// of it.
///
/// # Errors
/// If LEPTOS_WATCH is no flag, or the options were wrong already.
pub fn read_live_reload(
    reader: &mut Reader,
    leptos: &Result<LeptosOptions, Noted>,
) -> Result<Option<u32>, Noted> {
    let watched = reader.flag(settings::LEPTOS_WATCH)?;
    let options = leptos.as_ref().map_err(|noted| *noted)?;
    Ok(watched.then(|| options.reload_external_port.unwrap_or(options.reload_port)))
}

/// Whether `text` is one segment of a path, in the browser as on the disk.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
