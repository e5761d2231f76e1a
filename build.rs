//! The build script, for the server: makes a method of each message in languages/, and takes the site into a release build.
//! The client has no words of its own, and is part of the site.

#[cfg(feature = "ssr")]
#[path = "build/languages.rs"]
mod languages;
#[cfg(feature = "ssr")]
#[path = "build/site.rs"]
mod site;

fn main() {
    // sqlx::migrate! reads the folder when it is compiled.
    println!("cargo::rerun-if-changed=migrations");
    #[cfg(feature = "ssr")]
    {
        write_words();
        write_site();
    }
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

/// Writes the table of the files that the server carries: those of the site, if cargo-leptos builds a release, else none.
/// What is built to be changed reads them from the disk.
#[cfg(feature = "ssr")]
#[allow(clippy::disallowed_methods, reason = "this is how cargo and cargo-leptos speak to a build script")]
fn write_site() {
    use std::{env, fs, path::Path};

    let out = env::var("OUT_DIR").expect("cargo sets it");
    let out = Path::new(&out);
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let mut table = Ok("None\n".to_owned());
    if is_release {
        // Only then: cargo and `cargo leptos watch` share a build for development, and neither should undo the other's.
        let told = |name: &str| {
            println!("cargo::rerun-if-env-changed={name}");
            env::var(name).ok()
        };
        let [root, pkg, name] = ["LEPTOS_SITE_ROOT", "LEPTOS_SITE_PKG_DIR", "LEPTOS_OUTPUT_NAME"]
            .map(|name| told(name).unwrap_or_default());
        let (bin_dir, hash_files) = (told("LEPTOS_BIN_DIR"), told("LEPTOS_HASH_FILES"));
        // Nobody but cargo-leptos sets it.
        let has_site = bin_dir.is_some();
        if has_site && hash_files.as_deref() != Some("true") {
            // It builds site and server at the same time then.
            println!("cargo::warning=the server carries no site, because LEPTOS_HASH_FILES is not true");
        } else if has_site {
            println!("cargo::rerun-if-changed={root}");
            let built = site::Built { root: Path::new(&root), pkg: &pkg, name: &name };
            table = site::embed(&built, out);
        }
    }
    match table {
        Ok(table) => fs::write(out.join("site.rs"), table).expect("cargo has made the folder"),
        Err(mistake) => println!("cargo::error=the site cannot be taken into the server: {mistake}"),
    }
}
