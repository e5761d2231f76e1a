//! The table of settings and what people read agree.

use std::{collections::BTreeMap, fs, path::Path};

use super::{ALL, Place};

/// Words of docs/configuration.md that look like settings and are none.
const NO_SETTINGS: [&str; 2] = ["EX_CONFIG", "NAME"];

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The names of all settings in docs/configuration.md that have a row, each with its default there.
fn documented() -> BTreeMap<String, String> {
    let text = read("docs/configuration.md");
    let mut documented = BTreeMap::new();
    let mut in_table = false;
    for line in text.lines() {
        in_table = line.starts_with("| Setting | Default |") || (in_table && line.starts_with('|'));
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if !in_table || cells[0] == "Setting" || cells[0] == "---" {
            continue;
        }
        for name in cells[0].split('`').skip(1).step_by(2) {
            let twice = documented.insert(name.to_owned(), cells[1].to_owned());
            assert_eq!(twice, None, "{name} has two rows");
        }
    }
    documented
}

#[test]
fn every_setting_has_a_row_with_its_default_in_the_docs() {
    let mut documented = documented();
    for setting in ALL {
        let default = documented.remove(setting.name);
        assert_eq!(default, Some(setting.default.to_string()), "{} in docs/configuration.md", setting.name);
    }
    assert!(documented.is_empty(), "no settings: {documented:?}");
}

#[test]
fn every_setting_that_people_read_about_exists() {
    for file in ["docs/configuration.md", "README.md", ".env.example", "dist/postern.env"] {
        let text = read(file);
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "_=".contains(c)));
        // NAME_OF_A_SETTING, LIMIT_ (for all that begin like this), or NAME=value.
        let named = words.filter_map(|word| match word.split_once('=') {
            Some((name, _)) => Some(name),
            None => word.contains('_').then_some(word),
        });
        let named = named.filter(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        });
        let mut count = 0;
        for name in named.filter(|name| !NO_SETTINGS.contains(name)) {
            count += 1;
            let exists = |setting: &super::Setting| {
                setting.name == name || (name.ends_with('_') && setting.name.starts_with(name))
            };
            assert!(ALL.iter().any(exists), "{file} names {name}");
        }
        assert!(count > 10, "{file}: the names were not found");
    }
}

#[test]
fn the_table_has_no_name_twice_and_no_key_that_leptos_toml_cannot_hold() {
    for (index, setting) in ALL.iter().enumerate() {
        assert!(ALL[index + 1..].iter().all(|other| other.name != setting.name), "{}", setting.name);
        let only_in_the_environment = matches!(setting.place, Place::Secret | Place::Process);
        assert_eq!(setting.in_leptos_toml().is_none(), only_in_the_environment, "{}", setting.name);
    }
}
