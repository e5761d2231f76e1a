//! Imports point down: a room names only rooms below it, and no files name each other in a circle.

use std::{collections::HashMap, fs, path::Path};

/// The rooms from the street to the cellar; those of one line may not name each other. src/lib.rs says what each is.
const FLOORS: [&[&str]; 18] = [
    &["main"],
    &["lib"],
    &["cli"],
    &["server"],
    &["web"],
    &["app"],
    &["api"],
    &["flow"],
    &["checks"],
    &["state"],
    &["audit"],
    &["session", "mail"],
    &["store"],
    &["config"],
    &["clock", "random", "palette", "site", "metrics", "fail_point"],
    &["words"],
    &["refusal"],
    &["domain"],
];

/// All that `domain` may use beside itself: no framework, no clock, no file, no network. Of `rand` it takes traits.
const CRATES_OF_DOMAIN: [&str; 19] = [
    "std",
    "super",
    "crate::domain",
    "base64",
    "hmac",
    "humantime",
    "idna",
    "percent_encoding",
    "rand",
    "secrecy",
    "serde",
    "sha2",
    "strsim",
    "strum",
    "subtle",
    "thiserror",
    "url",
    "woothee",
    "proptest",
];

/// Every file under src/ with the room it belongs to.
fn sources() -> Vec<(String, String)> {
    let room = |module: String| module.split("::").next().unwrap().to_owned();
    files().into_iter().map(|(module, source)| (room(module), source)).collect()
}

/// Every file under src/ with the path of its module: `store::writer`.
fn files() -> Vec<(String, String)> {
    let src = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut found = Vec::new();
    let mut folders = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let within = path.strip_prefix(src).unwrap();
                let module = within.with_extension("").to_str().unwrap().replace('/', "::");
                found.push((module, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// The paths in the `use` items of a file, groups spelt out; enough of Rust for how this code is written.
fn imports(source: &str) -> Vec<String> {
    let code: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join(" ");
    let uses = code.split("use ").skip(1).filter_map(|rest| rest.split(';').next());
    uses.flat_map(|tree| spelt_out("", tree.trim())).collect()
}

fn spelt_out(prefix: &str, tree: &str) -> Vec<String> {
    let Some((start, group)) = tree.split_once('{') else { return vec![format!("{prefix}{tree}")] };
    let prefix = format!("{prefix}{start}");
    let group = group.trim_end().trim_end_matches('}');
    let (mut parts, mut depth, mut part) = (Vec::new(), 0, String::new());
    for sign in group.chars() {
        depth += i32::from(sign == '{') - i32::from(sign == '}');
        if sign == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(sign);
        }
    }
    parts.push(part);
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.flat_map(|part| spelt_out(&prefix, part)).collect()
}

/// The rooms that a file names, in `use` items and in paths.
fn rooms_named_in(source: &str) -> Vec<String> {
    let by_path = source.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| {
        line.match_indices("crate::")
            .map(|(at, found)| line[at + found.len()..].to_owned())
            .collect::<Vec<_>>()
    });
    let by_use =
        imports(source).into_iter().filter_map(|path| path.strip_prefix("crate::").map(str::to_owned));
    let room =
        |rest: String| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().map(str::to_owned);
    by_path.chain(by_use).filter_map(room).filter(|room| !room.is_empty()).collect()
}

fn floor(room: &str) -> usize {
    let floor = FLOORS.iter().position(|rooms| rooms.contains(&room));
    floor.unwrap_or_else(|| panic!("{room} stands on no floor: give it one in tests/black_box/rooms.rs"))
}

#[test]
fn a_room_names_only_rooms_below_it() {
    let sources = sources();
    assert!(sources.len() > 50, "the sources were not found");
    for (room, source) in &sources {
        for named in rooms_named_in(source).iter().filter(|named| *named != room) {
            assert!(floor(named) > floor(room), "{room} names {named}, which is not below it");
        }
    }
}

/// The files that a file names in `use` items, those that it is a part of left out: a room and its parts belong together.
fn files_named_in<'f>(module: &str, source: &str, files: &'f HashMap<String, String>) -> Vec<&'f str> {
    let above = module.rsplit_once("::").map_or("", |(above, _)| above);
    let full = |path: String| match path.split_once("::") {
        Some(("crate", rest)) => Some(rest.to_owned()),
        Some(("super", rest)) if above.is_empty() => Some(rest.to_owned()),
        Some(("super", rest)) => Some(format!("{above}::{rest}")),
        _ => None,
    };
    let is_part = |whole: &str, part: &str| part == whole || part.starts_with(&format!("{whole}::"));
    let file = |mut path: &str| loop {
        if let Some((name, _)) = files.get_key_value(path) {
            return Some(name.as_str());
        }
        path = path.rsplit_once("::")?.0;
    };
    let named = imports(source).into_iter().filter_map(full).filter_map(|path| file(&path));
    named.filter(|named| !is_part(named, module) && !is_part(module, named)).collect()
}

/// What is left of files that name others once those that name none of the rest are gone, again and again: circles, and
/// whatever leads to them.
fn circles(files: &HashMap<String, String>) -> Vec<&str> {
    let mut left: HashMap<&str, Vec<&str>> = files
        .iter()
        .map(|(module, source)| (module.as_str(), files_named_in(module, source, files)))
        .collect();
    loop {
        let ends: Vec<&str> = left
            .iter()
            .filter(|(_, named)| !named.iter().any(|named| left.contains_key(named)))
            .map(|(module, _)| *module)
            .collect();
        if ends.is_empty() {
            return left.into_keys().collect();
        }
        left.retain(|module, _| !ends.contains(module));
    }
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    assert_eq!(circles(&files().into_iter().collect()), [""; 0]);
}

#[test]
fn the_search_for_circles_finds_them() {
    let file = |module: &str, source: &str| (module.to_owned(), source.to_owned());
    let mut files = HashMap::from([
        file("store", "use sqlite::open;"),
        file("store::sqlite", "use super::{Store, writer::Writer};"),
        file("store::writer", "use super::Store;\nuse crate::clock::now;"),
        file("clock", "use std::time;"),
    ]);
    assert_eq!(circles(&files), [""; 0]);
    files.extend([file("store::writer", "use super::{Store, sqlite};")]);
    let mut found = circles(&files);
    found.sort();
    assert_eq!(found, ["store::sqlite", "store::writer"]);
}

#[test]
fn the_rules_of_a_login_touch_nothing_of_the_world() {
    for (_, source) in sources().into_iter().filter(|(room, _)| room == "domain") {
        for import in imports(&source) {
            let allowed = CRATES_OF_DOMAIN.iter().any(|allowed| {
                import.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            });
            let local = import.starts_with(|c: char| c.is_lowercase())
                && source.contains(&format!("mod {};", import.split("::").next().unwrap()));
            assert!(allowed || local, "domain imports {import}");
            let world = [
                "std::fs",
                "std::net::Tcp",
                "std::net::Udp",
                "std::env",
                "std::process",
                "std::time::SystemTime",
                "std::time::Instant",
                "rand::rng",
                "rand::random",
            ];
            assert!(
                !world.iter().any(|world| import == *world || import.starts_with(&format!("{world}::"))),
                "domain imports {import}"
            );
        }
    }
}

#[test]
fn no_room_holds_much_more_than_a_third_of_the_lines() {
    let sources = sources();
    let all: usize = sources.iter().map(|(_, source)| source.lines().count()).sum();
    for rooms in FLOORS {
        for room in rooms {
            let lines: usize =
                sources.iter().filter(|(of, _)| of == room).map(|(_, source)| source.lines().count()).sum();
            assert!(lines * 100 <= all * 36, "{room} has {lines} of {all} lines: it wants a wall");
        }
    }
}

#[test]
fn the_search_for_imports_finds_them() {
    let source =
        "use crate::{\n    domain::{A, b::C},\n    web,\n};\nfn f() { crate::flow::login(); }\n// crate::not";
    let mut rooms = rooms_named_in(source);
    rooms.sort();
    rooms.dedup();
    assert_eq!(rooms, ["domain", "flow", "web"]);
    assert_eq!(spelt_out("", "a::{b, c::{d, e}}"), ["a::b", "a::c::d", "a::c::e"]);
}
