//! GATEWAY_APPS and GATEWAY_GROUPS: the apps behind this login, and the groups that they are told of.
//!
//! Both come as JSON: from the environment as it stands there, from the tables of Leptos.toml by way of
//! [`leptos_toml`](super::leptos_toml).

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    public_url::PublicUrl,
    reader::{Noted, Reader},
    settings,
};
use crate::domain::{
    Allowlist, App, Gateway,
    gateway::{GroupName, OriginPattern, PublicPath},
};

const FIX_ORIGIN: &str =
    "write scheme, host and perhaps a port, like https://wiki.example.com or https://*.apps.example.com";
const FIX_LIST: &str = "write a list of texts, like [\"@example.com\"]";
const FIX_ENTRY: &str = "correct or remove the entry; they are written as in CREDENTIALS";
const FIX_NOBODY: &str =
    "name somebody, like @example.com; an app without `allow` is for everybody who may sign in";

/// The settings at the start of the process by which apps are judged. `None` where one has a mistake of its own.
pub struct Surroundings<'a> {
    /// Where people sign in.
    pub login: Option<&'a PublicUrl>,
    /// Whether apps may be at http origins.
    pub allows_http: bool,
    /// Whether there is a proxy whose headers count.
    pub trusts_a_proxy: Option<bool>,
}

/// The apps and groups; none where neither setting is written.
///
/// # Errors
/// Notes everything that is wrong with each app and group, two apps with one origin, and that no proxy is trusted: the
/// gateway would believe nobody.
pub fn read(reader: &mut Reader, around: &Surroundings) -> Result<Gateway, Noted> {
    let apps = read_apps(reader, around);
    let groups = read_groups(reader);
    gateway_of(apps?, groups?, around).map_err(|wrongs| reader.note_all(settings::GATEWAY_APPS, wrongs))
}

/// One thing that is wrong: the rest of a sentence that begins with the setting, and what to do.
type Wrong = (String, &'static str);

fn gateway_of(
    apps: Vec<App>,
    groups: BTreeMap<GroupName, Allowlist>,
    around: &Surroundings,
) -> Result<Gateway, Vec<Wrong>> {
    let login = around.login.map(|url| url.as_origin().clone());
    Gateway::new(apps, groups, login).map_err(|clashes| {
        let fix = "give each app an origin of its own";
        clashes.iter().map(|clash| (format!("has the app {clash}"), fix)).collect()
    })
}

/// GATEWAY_APPS: a list of objects with `origin`, `allow` and `public`.
fn read_apps(reader: &mut Reader, around: &Surroundings) -> Result<Vec<App>, Noted> {
    let Some(json) = reader.text(settings::GATEWAY_APPS) else { return Ok(Vec::new()) };
    let entries: Vec<Members> = serde_json::from_str(json).map_err(|error| {
        reader.note(
            settings::GATEWAY_APPS,
            format!("is not a list of apps ({error})"),
            r#"write [[gateway.apps]] in Leptos.toml, or a JSON list like [{"origin": "https://wiki.example.com"}]"#,
        )
    })?;
    let unbelieved = !entries.is_empty() && around.trusts_a_proxy == Some(false);
    let unbelieved = unbelieved.then(|| {
        reader.note(
            settings::TRUSTED_PROXIES,
            "is not set, so nothing that a proxy says about the apps in GATEWAY_APPS would be believed",
            "name the address of that proxy, like 127.0.0.1; it is read only at the start",
        )
    });
    let (mut apps, mut wrongs) = (Vec::new(), Vec::new());
    for (index, Members(members)) in entries.into_iter().enumerate() {
        apps.extend(read_app(index + 1, &members, around, &mut wrongs));
    }
    if wrongs.is_empty() {
        return unbelieved.map_or(Ok(apps), Err);
    }
    // What two apps claim is named together with the rest.
    wrongs.extend(gateway_of(apps, BTreeMap::new(), around).err().unwrap_or_default());
    Err(reader.note_all(settings::GATEWAY_APPS, wrongs))
}

/// One app, the `number`th of the list. Its mistakes are added to `wrongs`; `None` if its origin is one of them.
fn read_app(
    number: usize,
    members: &[(String, Value)],
    around: &Surroundings,
    wrongs: &mut Vec<Wrong>,
) -> Option<App> {
    let origin = members.iter().find(|(key, _)| key == "origin").map(|(_, value)| value);
    let name = match origin {
        Some(Value::String(text)) => format!("the app `{text}`"),
        _ => format!("app number {number}"),
    };
    let (mut pattern, mut allow, mut public) = (None, None, Vec::new());
    for (index, (key, value)) in members.iter().enumerate() {
        if members[..index].iter().any(|(earlier, _)| earlier == key) {
            wrongs.push((format!("has `{key}` twice in {name}"), "remove one of the two"));
            continue;
        }
        match key.as_str() {
            "origin" => pattern = read_origin(&name, value, around, wrongs),
            "allow" => allow = read_patterns(&format!("`allow` of {name}"), value, Empty::IsWrong, wrongs),
            "public" => public = read_public(&name, value, wrongs),
            _ => wrongs.push((
                format!("has the unknown key `{key}` in {name}"),
                "correct or remove it; the keys are origin, allow and public",
            )),
        }
    }
    if origin.is_none() {
        wrongs.push((format!("has no `origin` in {name}"), FIX_ORIGIN));
    }
    pattern.map(|pattern| App::new(pattern, allow, public))
}

fn read_origin(
    name: &str,
    value: &Value,
    around: &Surroundings,
    wrongs: &mut Vec<Wrong>,
) -> Option<OriginPattern> {
    let Value::String(text) = value else {
        wrongs.push((format!("has an `origin` that is no text in {name}"), FIX_ORIGIN));
        return None;
    };
    match OriginPattern::parse(text) {
        Err(fault) => {
            wrongs.push((format!("has {name}, which {fault}"), FIX_ORIGIN));
            None
        }
        Ok(pattern) => {
            if !pattern.is_https() && !around.allows_http {
                wrongs.push((
                    format!("has {name}: its cookies would cross the network in the clear"),
                    "use https, or set ALLOW_HTTP=true where another layer encrypts",
                ));
            }
            Some(pattern)
        }
    }
}

fn read_public(name: &str, value: &Value, wrongs: &mut Vec<Wrong>) -> Vec<PublicPath> {
    let Some(paths) = texts(value) else {
        let fix = "write a list of texts, like [\"/health\", \"/static\"]";
        wrongs.push((format!("has something else than a list of texts in `public` of {name}"), fix));
        return Vec::new();
    };
    let mut public = Vec::new();
    for path in paths {
        match PublicPath::parse(path) {
            Ok(path) => public.push(path),
            Err(fault) => wrongs.push((
                format!("has the path `{path}` in `public` of {name}, which {fault}"),
                "write plain paths in whole segments, like /health or /static",
            )),
        }
    }
    public
}

/// GATEWAY_GROUPS: an object of lists.
fn read_groups(reader: &mut Reader) -> Result<BTreeMap<GroupName, Allowlist>, Noted> {
    let Some(json) = reader.text(settings::GATEWAY_GROUPS) else { return Ok(BTreeMap::new()) };
    let Members(members) = serde_json::from_str(json).map_err(|error| {
        reader.note(
            settings::GATEWAY_GROUPS,
            format!("is not an object of lists ({error})"),
            r#"write [gateway.groups] in Leptos.toml, or a JSON object like {"staff": ["@example.com"]}"#,
        )
    })?;
    let (mut groups, mut wrongs) = (BTreeMap::new(), Vec::new());
    for (name, value) in &members {
        let patterns = read_patterns(&format!("the group `{name}`"), value, Empty::IsFine, &mut wrongs);
        match GroupName::parse(name) {
            Err(fault) => wrongs.push((
                format!("has the group `{name}`, whose name {fault}"),
                "choose another name: apps get the names in a header, divided by commas",
            )),
            Ok(group) => {
                if groups.insert(group, patterns.unwrap_or_default()).is_some() {
                    wrongs.push((format!("has the group `{name}` twice"), "make one list of the two"));
                }
            }
        }
    }
    if wrongs.is_empty() { Ok(groups) } else { Err(reader.note_all(settings::GATEWAY_GROUPS, wrongs)) }
}

/// Whether a list may have no entry.
#[derive(Clone, Copy, PartialEq)]
enum Empty {
    IsFine,
    IsWrong,
}

/// A list of the allowlist's entries. One of denials alone lets in nobody, which nobody can have meant.
fn read_patterns(place: &str, value: &Value, empty: Empty, wrongs: &mut Vec<Wrong>) -> Option<Allowlist> {
    let Some(entries) = texts(value) else {
        wrongs.push((format!("has something else than a list of texts in {place}"), FIX_LIST));
        return None;
    };
    match Allowlist::parse(entries) {
        Ok(list) if list.lets_in_nobody() && !(list.is_empty() && empty == Empty::IsFine) => {
            wrongs.push((format!("lets in nobody with {place}"), FIX_NOBODY));
            None
        }
        Ok(list) => Some(list),
        Err(malformed) => {
            let problem = |entry| format!("has a wrong entry in {place}: {entry}");
            wrongs.extend(malformed.iter().map(|entry| (problem(entry), FIX_ENTRY)));
            None
        }
    }
}

/// The texts in a list; `None` if it is none, or has something else in it.
fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

/// The members of a JSON object as they stand there. Of two with one name a map would keep the last, in silence.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
