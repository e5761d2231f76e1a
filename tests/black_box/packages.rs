//! The Debian package and the container image, as far as they can be judged without making them. script/test-package makes
//! the package, and tries it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `[package.metadata.deb]` of Cargo.toml.
fn package() -> toml::Table {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    manifest["package"]["metadata"]["deb"].as_table().unwrap().clone()
}

/// The assets of the package: what is packed, and where it goes.
fn assets() -> Vec<(String, String)> {
    let package = package();
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let assets = package["assets"].as_array().unwrap().iter();
    assets.map(|asset| (text(&asset[0]), text(&asset[1]))).collect()
}

#[test]
fn everything_that_is_packed_is_there() {
    for (from, _) in assets() {
        let path = root().join(&from);
        let there = match from.split_once('*') {
            None => path.is_file() || from.starts_with("target/"),
            Some((_, ending)) => {
                let folder: PathBuf = path.parent().unwrap().to_owned();
                let mut names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
                names.any(|name| name.to_str().unwrap().ends_with(ending))
            }
        };
        assert!(there, "{from}");
    }
}

#[test]
fn settings_that_the_operator_has_changed_are_kept() {
    let kept: Vec<_> = package()["conf-files"].as_array().unwrap().clone();
    for (_, to) in assets().iter().filter(|(_, to)| to.starts_with("etc/")) {
        assert_eq!(to, "etc/postern/");
    }
    assert_eq!(kept, [toml::Value::from("/etc/postern/postern.env")]);
}

#[test]
fn the_scripts_of_the_package_are_scripts_that_end_at_their_first_mistake() {
    let folder = root().join(package()["maintainer-scripts"].as_str().unwrap());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(Command::new("sh").arg("-n").arg(&path).status().unwrap().success(), "{}", path.display());
        let script = fs::read_to_string(&path).unwrap();
        assert!(script.starts_with("#!/bin/sh\nset -e\n"), "{}", path.display());
        // cargo-deb refuses scripts without this line.
        assert!(script.contains("\n#DEBHELPER#\n"), "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["postinst", "postrm", "prerm"]);
}

#[test]
fn the_image_has_every_library_that_the_binary_needs() {
    // What gcr.io/distroless/cc-debian12 has: glibc and the runtime of gcc.
    let there = ["linux-vdso", "ld-linux", "libc.so", "libm.so", "libgcc_s.so", "libpthread.so", "libdl.so"];
    let image = fs::read_to_string(root().join("dist/Containerfile")).unwrap();
    assert!(image.contains("\nFROM gcr.io/distroless/cc-debian12"), "{image}");
    let needed = Command::new("ldd").arg(env!("CARGO_BIN_EXE_postern")).output();
    let needed = String::from_utf8(needed.expect("ldd is in Debian's libc-bin").stdout).unwrap();
    assert!(needed.contains("libc.so"), "{needed}");
    for line in needed.lines() {
        assert!(there.iter().any(|name| line.contains(name)), "{line}");
    }
}

#[test]
fn the_image_copies_what_is_there_and_not_ignored() {
    let image = fs::read_to_string(root().join("dist/Containerfile")).unwrap();
    let copies: Vec<_> = image.lines().filter(|line| line.starts_with("COPY ")).collect();
    let sources =
        copies.iter().map(|line| line.split(' ').rfind(|word| word.contains('/') && !word.starts_with('/')));
    let sources: Vec<_> = sources.map(Option::unwrap).collect();
    assert_eq!(sources, ["target/release/postern", "dist/container"]);
    assert!(root().join(sources[1]).join("data").is_dir());
    let ignored = fs::read_to_string(root().join(".dockerignore")).unwrap();
    assert!(ignored.contains("!/dist\n") && ignored.ends_with("!/target/release/postern\n"), "{ignored}");
}
