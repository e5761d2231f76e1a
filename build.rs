//! The build script: makes a method of each message in languages/, for the server. The client has no words of its own.

#[cfg(feature = "ssr")]
#[path = "build/languages.rs"]
mod languages;

fn main() {
    // sqlx::migrate! reads the folder when it is compiled.
    println!("cargo::rerun-if-changed=migrations");
    #[cfg(feature = "ssr")]
    write_words();
}

#[cfg(feature = "ssr")]
#[allow(clippy::disallowed_methods, reason = "this is how cargo speaks to a build script")]
fn write_words() {
    use std::{env, fs, path::Path};

    println!("cargo::rerun-if-changed=languages");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    // A build script runs in the folder of its package.
    match languages::read(Path::new("languages")).and_then(|files| languages::compile(&files)) {
        Ok(code) => {
            fs::write(Path::new(&out).join("languages.rs"), code).expect("cargo has made the folder");
        }
        Err(mistakes) => mistakes.iter().for_each(|mistake| println!("cargo::error={mistake}")),
    }
}
