//! The configuration, as its operator meets it.

mod gateway;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use postern::{
    config::{Config, MailBackend, Mistakes, Sources},
    domain::{Budget, Limit, Limits},
};
use sqlx::sqlite::SqliteConnectOptions;
use strum::IntoEnumIterator;
use tempfile::TempDir;

use crate::harness::{Browser, Child, Manner, limit_setting, put_site, run_in};

const COMPLETE: [(&str, &str); 9] = [
    ("LEPTOS_ENV", "PROD"),
    ("SECRET_KEY", "a secret key of more than thirty-two bytes"),
    ("PUBLIC_URL", "https://login.example.test"),
    ("CREDENTIALS", r#"["ada@example.com"]"#),
    ("EMAIL_BACKEND", "smtp"),
    ("EMAIL_HOST", "mail.example.test"),
    ("EMAIL_USE_TLS", "true"),
    ("DEFAULT_FROM_EMAIL", "Postern <postern@example.test>"),
    ("DATABASE_URL", "sqlite://data/postern.sqlite3"),
];

/// The configuration that those settings make, in a folder with that Leptos.toml (none, if it is empty).
fn configure(leptos_toml: &str, settings: &[(&str, &str)]) -> Result<Config, Mistakes> {
    let folder = TempDir::new().unwrap();
    if !leptos_toml.is_empty() {
        fs::write(folder.path().join("Leptos.toml"), leptos_toml).unwrap();
    }
    let settings = settings.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    // As in an environment, the last one of a name counts.
    let settings: BTreeMap<_, _> = settings.collect();
    Config::from_sources(&Sources::read(folder.path(), settings)?)
}

/// The complete settings with some replaced; an empty value counts as unset.
fn production(changes: &[(&str, &str)]) -> Result<Config, Mistakes> {
    configure("", &[&COMPLETE, changes].concat())
}

#[track_caller]
fn wrong(changes: &[(&str, &str)]) -> BTreeSet<String> {
    let mistakes = production(changes).unwrap_err();
    mistakes.settings().into_iter().map(str::to_owned).collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[test]
fn a_complete_configuration_is_taken() {
    let config = production(&[]).unwrap();
    assert!(config.is_production());
    assert_eq!(config.link_max_age.as_secs(), 300);
    assert_eq!(config.session_idle.as_secs(), 24 * 3_600);
    assert_eq!(config.session_absolute.as_secs(), 7 * 24 * 3_600);
}

#[test]
fn production_with_nothing_set_names_everything_at_once() {
    let mistakes = configure("", &[("LEPTOS_ENV", "PROD")]).unwrap_err();
    let settings: BTreeSet<_> = mistakes.settings().into_iter().map(str::to_owned).collect();
    assert_eq!(
        settings,
        set(["SECRET_KEY", "PUBLIC_URL", "EMAIL_HOST", "DEFAULT_FROM_EMAIL", "CREDENTIALS"])
    );
}

#[test]
fn production_sends_its_mails_without_being_told_to() {
    let config = production(&[("EMAIL_BACKEND", "")]).unwrap();
    assert!(matches!(config.mail.backend, MailBackend::Smtp(_)));
    assert_eq!(wrong(&[("EMAIL_BACKEND", "console")]), set(["EMAIL_BACKEND"]));
}

#[test]
fn every_mistake_is_named_with_its_fix() {
    let wrong = [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY_FALLBACKS", "not json"),
        ("PUBLIC_URL", "login.example.test/path"),
        ("CREDENTIALS", r#"["ada@example.com", "*@example.com"]"#),
        ("EMAIL_HOST", ""),
        ("EMAIL_PORT", "mail"),
        ("EMAIL_USE_TLS", "maybe"),
        ("EMAIL_HOST_USER", "postern"),
        ("DEFAULT_FROM_EMAIL", "nobody"),
        ("LINK_MAX_AGE", "0"),
        ("SESSION_IDLE", "forever"),
        ("EXEMPT_PATHS", "public"),
        ("REVEAL_UNKNOWN_EMAILS", "2"),
        ("LOG_FORMAT", "xml"),
        ("DATABASE_URL", "mysql://x"),
    ];
    let mistakes = production(&wrong).unwrap_err();
    let text = mistakes.to_string();
    for (name, _) in wrong {
        let name = if name == "EMAIL_HOST_USER" { "EMAIL_HOST_PASSWORD" } else { name };
        assert!(text.contains(&format!("\n  {name} ")), "{name} is missing: {text}");
    }
    assert_eq!(text.matches("Fix: ").count(), mistakes.settings().len());
}

#[test]
fn mistakes_that_depend_on_each_other_are_named() {
    assert_eq!(wrong(&[("PUBLIC_URL", "http://login.example.test")]), set(["PUBLIC_URL"]));
    assert!(production(&[("PUBLIC_URL", "http://login.example.test"), ("ALLOW_HTTP", "true")]).is_ok());
    assert_eq!(wrong(&[("SESSION_IDLE", "8d")]), set(["SESSION_IDLE"]));
    assert_eq!(wrong(&[("EMAIL_USE_SSL", "true")]), set(["EMAIL_USE_TLS"]), "both cannot be");
    assert_eq!(wrong(&[("EMAIL_USE_TLS", "")]), set(["EMAIL_USE_TLS"]), "links would travel in the clear");
    let password =
        [("EMAIL_HOST", "localhost"), ("EMAIL_HOST_USER", "postern"), ("EMAIL_HOST_PASSWORD", "secret")];
    let in_the_clear = [&password[..], &[("EMAIL_USE_TLS", "")]].concat();
    assert_eq!(wrong(&in_the_clear), set(["EMAIL_USE_TLS"]), "the password would travel in the clear");
    assert!(production(&[&in_the_clear[..], &[("EMAIL_ALLOW_PLAINTEXT", "true")]].concat()).is_ok());
    assert_eq!(wrong(&[("SECRET_KEY_FALLBACKS", r#"["short"]"#)]), set(["SECRET_KEY_FALLBACKS"]));
    assert_eq!(wrong(&[("EMAIL_BACKEND", "file")]), set(["EMAIL_BACKEND"]));
    assert_eq!(wrong(&[("CREDENTIALS_FILE", "/nothing/here")]), set(["CREDENTIALS_FILE"]));
    assert_eq!(wrong(&[("EMAIL_CA_FILE", "/nothing/here")]), set(["EMAIL_CA_FILE"]));
    assert_eq!(wrong(&[("EMAIL_CA_FILE", "/etc/hostname")]), set(["EMAIL_CA_FILE"]), "it is no PEM");
}

#[test]
fn the_public_url_is_an_origin_in_one_spelling() {
    for written in
        ["https://login.example.test", "HTTPS://Login.Example.test.:443", "https://login.example.test/"]
    {
        let config = production(&[("PUBLIC_URL", written)]).unwrap();
        assert_eq!(config.public_url.origin(), "https://login.example.test", "{written}");
    }
    for wrong in [
        "https://login.example.test/path",
        "https://login.example.test//",
        "https://login.example.test/?x",
        "https://ada@login.example.test",
        "https://*.example.test",
        "https://my_login.example.test",
        "https://login.example.test:port",
    ] {
        assert_eq!(self::wrong(&[("PUBLIC_URL", wrong)]), set(["PUBLIC_URL"]), "{wrong}");
    }
}

#[test]
fn a_network_of_everybody_is_no_trusted_proxy() {
    for everybody in ["0.0.0.0/0", "::/0", "127.0.0.1,0.0.0.0/0", "203.0.113.9/0"] {
        let mistakes = production(&[("TRUSTED_PROXIES", everybody)]).unwrap_err();
        assert_eq!(mistakes.settings(), ["TRUSTED_PROXIES"], "{everybody}");
        let text = mistakes.to_string();
        assert!(text.contains("Fix: name the proxy itself, like 127.0.0.1 "), "{text}");
        assert!(text.contains("never a network in which visitors live"), "{text}");
    }
    for (proxies, wide) in [
        ("127.0.0.1,2001:db8::1,::ffff:10.0.0.1", vec![]),
        ("10.0.0.0/24,fd00::/64", vec![]),
        ("10.0.0.0/8,172.18.0.2,10.1.0.0/23,fd00::/63", vec!["10.0.0.0/8", "10.1.0.0/23", "fd00::/63"]),
    ] {
        let config = production(&[("TRUSTED_PROXIES", proxies)]).unwrap();
        let found: Vec<_> = config.trusted_proxies.wide().map(ToString::to_string).collect();
        assert_eq!(found, wide, "{proxies}");
    }
    let config = production(&[("TRUSTED_PROXIES", "::ffff:10.0.0.1")]).unwrap();
    assert!(config.trusted_proxies.contains("10.0.0.1".parse().unwrap()));
    assert!(!config.trusted_proxies.contains("10.0.0.2".parse().unwrap()));
}

#[test]
fn the_binary_warns_of_a_wide_network_of_proxies_and_of_no_narrow_one() {
    let folder = TempDir::new().unwrap();
    let (mut child, _) = Child::serve(folder.path(), &[("TRUSTED_PROXIES", "192.0.2.0/24,10.0.0.0/8")]);
    let said = child.stop();
    let lines: Vec<_> = said.lines().filter(|line| line.contains("TRUSTED_PROXIES")).collect();
    assert!(lines.len() == 1 && lines[0].contains(" WARN ") && lines[0].contains("10.0.0.0/8"), "{said}");
}

#[test]
fn every_mistake_of_the_brand_is_named_at_once_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let text = folder.path().join("logo.svg");
    fs::write(&text, "no image").unwrap();
    let mistakes = production(&[
        ("SITE_NAME", &"M".repeat(61)),
        ("SITE_LOGO", text.to_str().unwrap()),
        ("ACCENT_COLOUR", "#ffcc00"),
        ("ACCENT_COLOUR_DARK", "blue"),
        ("SUPPORT_ADDRESS", "http://help.example.test"),
    ]);
    let mistakes = mistakes.unwrap_err();
    let names = ["SITE_NAME", "SITE_LOGO", "ACCENT_COLOUR", "ACCENT_COLOUR_DARK", "SUPPORT_ADDRESS"];
    assert_eq!(mistakes.settings(), names);
    let text = mistakes.to_string();
    assert_eq!(text.matches("Fix: ").count(), names.len(), "{text}");
    for part in
        ["60 characters", "neither SVG nor PNG", "1.44:1, and text needs 4.5:1", "six hexadecimal digits"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_accent_that_a_mistake_offers_is_taken() {
    for (setting, accent, other) in [
        ("ACCENT_COLOUR", "#ffcc00", None),
        ("ACCENT_COLOUR", "#ffffff", None),
        ("ACCENT_COLOUR", "#777777", None),
        ("ACCENT_COLOUR_DARK", "#0b5cad", Some(("ACCENT_COLOUR", "#0b5cad"))),
        ("ACCENT_COLOUR_DARK", "#000000", Some(("ACCENT_COLOUR", "#0b5cad"))),
    ] {
        let with = |accent| production(&[&[(setting, accent)][..], other.as_slice()].concat());
        let mistakes = with(accent).unwrap_err();
        assert_eq!(mistakes.settings(), [setting], "{accent}");
        let text = mistakes.to_string();
        let (_, offered) = text.split_once("take another one; ").unwrap();
        assert!(with(&offered[.."#rrggbb".len()]).is_ok(), "{text}");
    }
}

#[test]
fn a_logo_is_a_small_svg_or_png_file() {
    let folder = TempDir::new().unwrap();
    let with = |bytes: &[u8]| {
        let path = folder.path().join("logo");
        fs::write(&path, bytes).unwrap();
        production(&[("SITE_LOGO", path.to_str().unwrap())])
    };
    let padded = |start: &[u8], length| [start, &vec![b' '; length - start.len()]].concat();
    for (fine, image) in [
        (true, padded(b"<svg/>", 50_000)),
        (false, padded(b"<svg/>", 50_001)),
        (true, "\u{feff}<?xml version=\"1.0\"?>\n<svg/>".into()),
        (true, b"\x89PNG\r\n\x1a\n".to_vec()),
        (false, b"GIF89a".to_vec()),
        (false, b"<html><p>none</html>".to_vec()),
        (false, b"".to_vec()),
    ] {
        let read = with(&image);
        let settings = read.as_ref().err().map(Mistakes::settings).unwrap_or_default();
        assert_eq!(settings.is_empty(), fine, "{:?}", &image[..image.len().min(40)]);
        assert!(fine || settings == ["SITE_LOGO"], "{settings:?}");
    }
    for nowhere in ["/nothing/here", folder.path().to_str().unwrap()] {
        assert_eq!(wrong(&[("SITE_LOGO", nowhere)]), set(["SITE_LOGO"]), "{nowhere}");
    }
}

#[test]
fn whom_to_ask_is_a_mail_address_or_a_page() {
    let with = |text| production(&[("SUPPORT_ADDRESS", text)]).unwrap().brand.support.unwrap();
    assert_eq!(with("Help@Example.Test").words, "help@example.test");
    assert_eq!(with("o'hara?subject=x@example.test").href, "mailto:o%27hara%3Fsubject%3Dx@example.test");
    assert_eq!(with("https://help.example.test/").words, "help.example.test");
    for wrong in
        ["help", "javascript:alert(1)", "https://ada:secret@help.example.test", "mailto:help@example.test"]
    {
        assert_eq!(self::wrong(&[("SUPPORT_ADDRESS", wrong)]), set(["SUPPORT_ADDRESS"]), "{wrong}");
    }
}

#[test]
fn no_mistake_quotes_a_secret() {
    let changes = [
        ("SECRET_KEY", "hunter2"),
        ("SECRET_KEY_FALLBACKS", r#"["hunter2", hunter2]"#),
        ("EMAIL_HOST_PASSWORD", "hunter2"),
    ];
    let text = production(&changes).unwrap_err().to_string();
    assert!(!text.contains("hunter2"), "{text}");
    let config = production(&[
        ("EMAIL_HOST_USER", "postern"),
        ("EMAIL_HOST_PASSWORD", "hunter2"),
        ("EMAIL_USE_TLS", "true"),
    ]);
    let shown = format!("{:?}", config.unwrap());
    assert!(!shown.contains("hunter2") && !shown.contains("thirty-two bytes"), "{shown}");
}

#[test]
fn a_development_server_does_not_show_its_mails_to_other_machines() {
    let open = ("LEPTOS_SITE_ADDR", "0.0.0.0:3000");
    let closed = ("LEPTOS_SITE_ADDR", "[::1]:3000");
    assert_eq!(configure("", &[open]).unwrap_err().settings(), ["LEPTOS_ENV"]);
    assert!(configure("", &[closed]).is_ok());
}

#[test]
fn a_development_server_behind_a_public_name_does_not_start() {
    assert_eq!(wrong(&[("LEPTOS_ENV", "DEV")]), set(["LEPTOS_ENV"]));
    assert!(production(&[("LEPTOS_ENV", "DEV"), ("PUBLIC_URL", "")]).is_ok());
}

#[test]
fn a_setting_that_stands_twice_in_the_environment_file_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "LEPTOS_ENV=DEV\nLEPTOS_ENV=PROD\n").unwrap();
    let output = run_in(folder.path(), &[], &[]);
    assert_eq!(output.status.code(), Some(78));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("LEPTOS_ENV stands twice in .env"), "{text}");
}

#[test]
fn a_credentials_file_has_one_entry_a_line_and_comments() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("people");
    fs::write(&path, "# the team\nbob@example.com  # Bob\n\n@example.org\r\n!eve@example.org\n").unwrap();
    let config = production(&[("CREDENTIALS_FILE", path.to_str().unwrap())]).unwrap();
    let allows =
        |text| config.credentials.allowlist.allows(&postern::domain::EmailAddress::parse(text).unwrap());
    for member in ["ada@example.com", "bob@example.com", "x@example.org"] {
        assert!(allows(member), "{member}");
    }
    for outsider in ["eve@example.org", "eve@example.com"] {
        assert!(!allows(outsider), "{outsider}");
    }
}

#[test]
fn leptos_toml_may_hold_policy_but_no_secret_and_no_typing_mistake() {
    let toml = "limit = \"off\"\n[postern]\nsecret_key = \"x\"\nlink_max_agee = \"5m\"\nlink_max_age = \"10m\"\n\
                [limits]\nadress_gap = \"off\"\n[package.metadata.leptos]\nsite-adr = \"127.0.0.1:80\"\n";
    let text = configure(toml, &COMPLETE).unwrap_err().to_string();
    for mistake in [
        "limit in Leptos.toml is not a table",
        "SECRET_KEY stands in Leptos.toml",
        "link_max_agee under [postern] in Leptos.toml is not a setting",
        "adress_gap under [limits] in Leptos.toml is not a setting",
        "site-adr under [package.metadata.leptos] in Leptos.toml is not a setting",
    ] {
        assert!(text.contains(mistake), "{mistake}: {text}");
    }
    assert_eq!(text.matches("Fix: ").count(), 5, "{text}");
    for meant in ["`link_max_age`", "`site-addr`"] {
        assert!(text.contains(&format!("did you mean {meant}?")), "{text}");
    }
}

#[test]
fn leptos_toml_may_set_limits() {
    let toml = "[limits]\nnetwork = \"2 per 5s\"\naddress = \"off\"\n";
    let limits = configure(toml, &COMPLETE).unwrap().limits;
    assert_eq!(limits.of(Budget::Network), Limit::rate(2, Duration::from_secs(5)));
    assert_eq!(limits.of(Budget::Address), Limit::Off);
    let kept = limits.of(Budget::AddressNetwork);
    assert_eq!(kept, Limit::rate(5, Duration::from_secs(900)), "the others keep their own");
    let limits = configure(toml, &[&COMPLETE[..], &[("LIMIT_NETWORK", "3 per 5s")]].concat()).unwrap().limits;
    assert_eq!(limits.of(Budget::Network), Limit::rate(3, Duration::from_secs(5)), "the environment wins");
}

#[test]
fn limits_off_lifts_all_of_them_and_nothing_less_does() {
    let network = ("LIMIT_NETWORK", "3 per 5s");
    assert_eq!(production(&[("LIMITS", "off"), network]).unwrap().limits, Limits::OFF);
    assert_ne!(production(&[("LIMITS", "on"), network]).unwrap().limits, Limits::OFF);
    assert_eq!(wrong(&[("LIMITS", "none")]), set(["LIMITS"]));
    assert_eq!(wrong(&[("LIMITS", "off"), ("LIMIT_NETWORK", "many")]), set(["LIMIT_NETWORK"]));
}

#[test]
fn every_limit_has_a_default_and_a_name_in_the_environment() {
    let minutes = |count, minutes: u64| Limit::rate(count, Duration::from_secs(minutes * 60));
    let limits = production(&[]).unwrap().limits;
    let defaults = [
        (Budget::Browser, minutes(1, 1)),
        (Budget::KnownBrowser, minutes(10, 60)),
        (Budget::KnownBrowsers, minutes(20, 60)),
        (Budget::Network, minutes(600, 60)),
        (Budget::NetworkDay, minutes(3_000, 1_440)),
        (Budget::AddressNetwork, minutes(5, 15)),
        (Budget::Address, minutes(15, 30)),
        (Budget::NetworkMails, minutes(600, 60)),
        (Budget::Mails, minutes(1_500, 60)),
        (Budget::AddressCodes, minutes(20, 60)),
        (Budget::NetworkCodes, minutes(20, 60)),
        (Budget::Codes, minutes(100, 60)),
        (Budget::Trail, minutes(2_000, 60)),
    ];
    assert_eq!(defaults.map(|(budget, _)| budget).to_vec(), Budget::iter().collect::<Vec<_>>());
    for (budget, expected) in defaults {
        let (name, found) = (limit_setting(budget), limits.of(budget));
        assert_eq!(found, expected, "{name}");
        for malformed in ["many", "5", "0 per 1m", "5 per 0s", "5 per 2d", "5/15m", "-1 per 1m", "none"] {
            assert_eq!(wrong(&[(name, malformed)]), set([name]), "{malformed}");
        }
        assert!(production(&[(name, "off")]).is_ok() && production(&[(name, "7 per 1d")]).is_ok(), "{name}");
    }
    let text = production(&[("LIMIT_NETWORK", "many")]).unwrap_err().to_string();
    assert!(text.contains("LIMIT_NETWORK is `many`") && text.contains("5 per 15m"), "{text}");
}

#[test]
fn leptos_toml_and_cargo_toml_are_in_step() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let section = |name: &str, path: &[&str]| {
        let mut table: toml::Table = fs::read_to_string(root.join(name)).unwrap().parse().unwrap();
        for key in path {
            table = table[*key].as_table().unwrap().clone();
        }
        table
    };
    let path = ["package", "metadata", "leptos"];
    let (deployed, built) = (section("Leptos.toml", &path), section("Cargo.toml", &path));
    assert!(!deployed.is_empty());
    for (key, value) in &deployed {
        assert_eq!(built.get(key), Some(value), "`{key}` differs between Leptos.toml and Cargo.toml");
    }
}

#[test]
fn the_leptos_toml_of_the_repository_is_taken_as_it_is() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Leptos.toml")).unwrap();
    assert!(configure(&text, &COMPLETE).is_ok());
}

#[test]
fn files_that_cannot_be_read_are_both_named_alone() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "SECRET_KEY='hunter2\n").unwrap();
    fs::write(folder.path().join("Leptos.toml"), "[postern\n").unwrap();
    let mistakes = Sources::read(folder.path(), [("LEPTOS_ENV".into(), "PROD".into())]).unwrap_err();
    assert_eq!(mistakes.settings(), [".env", "Leptos.toml"]);
    assert!(!mistakes.to_string().contains("hunter2"), "{mistakes}");
}

#[test]
fn a_wrong_leptos_setting_is_named_with_all_the_others() {
    let wrong_ones = [
        ("LEPTOS_SITE_ADDR", "localhost:3000"),
        ("LEPTOS_SITE_PKG_DIR", "../pkg"),
        ("LEPTOS_OUTPUT_NAME", "pos/tern"),
        ("LEPTOS_HASH_FILES", "sometimes"),
        ("LEPTOS_RELOAD_PORT", "0"),
        ("LEPTOS_RELOAD_EXTERNAL_PORT", "70000"),
        ("LEPTOS_WATCH", "maybe"),
        ("LINK_MAX_AGE", "never"),
    ];
    assert_eq!(wrong(&wrong_ones), set(wrong_ones.map(|(name, _)| name)));
    for mode in ["PRDO", "1", "prod,dev"] {
        assert_eq!(wrong(&[("LEPTOS_ENV", mode)]), set(["LEPTOS_ENV"]), "{mode}");
    }
}

#[test]
fn a_page_hears_of_changes_only_under_cargo_leptos_watch() {
    let port = |settings: &[(&str, &str)]| configure("", settings).unwrap().live_reload;
    assert_eq!(port(&[]), None);
    assert_eq!(port(&[("LEPTOS_WATCH", "false")]), None);
    assert_eq!(port(&[("LEPTOS_WATCH", "true")]), Some(3001));
    assert_eq!(port(&[("LEPTOS_WATCH", "true"), ("LEPTOS_RELOAD_PORT", "3101")]), Some(3101));
    let behind_a_proxy = [("LEPTOS_WATCH", "true"), ("LEPTOS_RELOAD_EXTERNAL_PORT", "80")];
    assert_eq!(port(&behind_a_proxy), Some(80));
}

#[test]
fn an_unreadable_mode_makes_no_key() {
    let folder = TempDir::new().unwrap();
    let sources = Sources::read(folder.path(), [("LEPTOS_ENV".into(), "DVE".into())]).unwrap();
    let mistakes = Config::from_sources(&sources).unwrap_err();
    assert!(mistakes.settings().contains(&"LEPTOS_ENV"), "{mistakes}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn only_a_deployed_server_goes_on_answering_when_it_is_asked_to_stop() {
    assert_eq!(production(&[]).unwrap().drain_time, Duration::from_secs(5));
    assert_eq!(configure("", &[]).unwrap().drain_time, Duration::ZERO);
    assert_eq!(configure("", &[("DRAIN_TIME", "7s")]).unwrap().drain_time, Duration::from_secs(7));
    assert_eq!(production(&[("DRAIN_TIME", "0")]).unwrap().drain_time, Duration::ZERO);
    for wrong in ["6m", "-1", "soon"] {
        assert_eq!(production(&[("DRAIN_TIME", wrong)]).unwrap_err().settings(), ["DRAIN_TIME"], "{wrong}");
    }
}

#[test]
fn relative_paths_begin_in_the_folder_of_the_settings() {
    let folder = TempDir::new().unwrap();
    let inside = |name: &str| folder.path().join(name);
    fs::write(inside("people"), "bob@example.com\n").unwrap();
    let authority = rcgen::generate_simple_self_signed(["mail.example.test".to_owned()]).unwrap().cert.pem();
    fs::write(inside("ca.pem"), authority).unwrap();
    let read = |settings: &[(&str, &str)]| {
        let settings = settings.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Config::from_sources(&Sources::read(folder.path(), settings).unwrap()).unwrap()
    };
    let config = read(&[("CREDENTIALS_FILE", "people"), ("EMAIL_BACKEND", "file")]);
    assert_eq!(config.files(), [inside(".env"), inside("Leptos.toml"), inside("people")]);
    let file = format!("sqlite://{}", inside("data/postern.sqlite3").display());
    assert_eq!(config.database_url.to_string(), file);
    assert_eq!(config.leptos.site_root.as_ref(), inside("target/site").to_str().unwrap());
    assert!(matches!(config.mail.backend, MailBackend::File(path) if path == inside("data/mail")));
    assert!(inside("data/secret_key").exists());
    let smtp = [("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "localhost"), ("EMAIL_CA_FILE", "ca.pem")];
    let MailBackend::Smtp(smtp) = read(&smtp).mail.backend else { panic!("smtp was asked for") };
    assert_eq!(smtp.first.ca_file, Some(inside("ca.pem")));
}

#[test]
fn exempt_paths_are_plain_paths() {
    let read = |paths: &str| production(&[("EXEMPT_PATHS", paths)]);
    let fine = ["/public", "/public/", "/a-b_c.d~e/f", "/..a/b..", "/apidocs", "/ap", "/x/api"];
    assert_eq!(read(&fine.join(", ")).unwrap().exempt_paths, fine);
    for wrong in [
        "public",
        "*",
        "//public",
        "/public//x",
        "/.",
        "/public/..",
        "/./public",
        "/public/../x",
        "/public?x",
        "/public#x",
        "/public/*",
        "/p%75blic",
        "/public\\x",
        "/pub\u{7}lic",
        "/pub lic",
        "/b\u{fc}cher",
    ] {
        let mistakes = read(&format!("/fine,{wrong}")).unwrap_err();
        assert_eq!(mistakes.settings(), ["EXEMPT_PATHS"], "{wrong}");
        assert!(mistakes.to_string().contains(&format!("the entry `{wrong}`")), "{mistakes}");
    }
    assert_eq!(read("a,/b,c").unwrap_err().settings().len(), 2, "each entry is named");
}

#[test]
fn no_exempt_path_opens_a_server_function() {
    for wrong in ["/", "/api", "/api/", "/api/whoami", "/api/whoami/x"] {
        let mistakes = production(&[("EXEMPT_PATHS", wrong)]).unwrap_err();
        assert_eq!(mistakes.settings(), ["EXEMPT_PATHS"], "{wrong}");
        let text = mistakes.to_string();
        assert!(text.contains("server functions: they say for themselves who may call them"), "{text}");
    }
}

#[test]
fn a_database_url_names_a_file_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let odd = folder.path().join("100%?");
    fs::create_dir(&odd).unwrap();
    let url = |text: &str| {
        let settings = [("DATABASE_URL".to_owned(), text.to_owned())];
        Config::from_sources(&Sources::read(&odd, settings).unwrap())
            .map(|config| config.database_url.to_string())
    };
    for absolute in ["sqlite:///var/lib/x.sqlite3", "sqlite:/var/lib/x%3F.sqlite3"] {
        assert_eq!(url(absolute).unwrap(), absolute);
    }
    for relative in ["sqlite://a%20b/x.sqlite3", "sqlite:a%20b/x.sqlite3"] {
        let options: SqliteConnectOptions = url(relative).unwrap().parse().unwrap();
        assert_eq!(options.get_filename(), odd.join("a b/x.sqlite3"), "{relative}");
    }
    for wrong in [
        "postgres://x",
        "sqlite:",
        "sqlite://",
        "sqlite::memory:",
        "sqlite://x?mode=memory",
        "sqlite://x?vfs=unix",
        "x.sqlite3",
    ] {
        assert_eq!(url(wrong).unwrap_err().settings(), ["DATABASE_URL"], "{wrong}");
    }
}

#[test]
fn the_binary_ends_with_78_and_prints_all_that_is_wrong() {
    let folder = TempDir::new().unwrap();
    let output = run_in(folder.path(), &[], &[("LEPTOS_ENV", "PROD"), ("LEPTOS_SITE_ADDR", "3000")]);
    assert_eq!(output.status.code(), Some(78), "EX_CONFIG of sysexits.h");
    let text = String::from_utf8(output.stderr).unwrap();
    for setting in
        ["LEPTOS_SITE_ADDR", "SECRET_KEY", "PUBLIC_URL", "EMAIL_HOST", "DEFAULT_FROM_EMAIL", "CREDENTIALS"]
    {
        assert!(text.contains(&format!("\n  {setting} is")), "{setting}: {text}");
    }
    assert!(!folder.path().join("data").exists(), "nothing was made");
}

/// What the real binary in `folder` shows of two settings: the exempt paths that are open, and the robots.txt of the
/// site that it serves.
async fn seen_from_outside(folder: &Path, environment: &[(&str, &str)]) -> (Vec<&'static str>, String) {
    let (mut child, port) = Child::serve(folder, environment);
    let visitor = Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch);
    let mut open = Vec::new();
    for path in ["/by-toml", "/by-dotenv", "/by-environment"] {
        let status = visitor.fetch(path).await.status;
        assert!(matches!(status, 401 | 404), "{path}: {status}");
        if status == 404 {
            open.push(path);
        }
    }
    let robots = visitor.fetch("/robots.txt").await.text();
    child.stop();
    (open, robots)
}

#[tokio::test]
async fn the_environment_beats_dotenv_and_dotenv_beats_leptos_toml() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    for source in ["toml", "dotenv", "environment"] {
        put_site(&folder.join(source));
        fs::write(folder.join(source).join("robots.txt"), source).unwrap();
    }
    let toml = "[postern]\nexempt_paths = \"/by-toml\"\n[package.metadata.leptos]\nsite-root = \"toml\"\n";
    fs::write(folder.join("Leptos.toml"), toml).unwrap();
    assert_eq!(seen_from_outside(folder, &[]).await, (vec!["/by-toml"], "toml".into()));
    fs::write(folder.join(".env"), "EXEMPT_PATHS=/by-dotenv\nLEPTOS_SITE_ROOT=dotenv\n").unwrap();
    assert_eq!(seen_from_outside(folder, &[]).await, (vec!["/by-dotenv"], "dotenv".into()));
    let environment = [("EXEMPT_PATHS", "/by-environment"), ("LEPTOS_SITE_ROOT", "environment")];
    let seen = seen_from_outside(folder, &environment).await;
    assert_eq!(seen, (vec!["/by-environment"], "environment".into()));
    let empty = [("EXEMPT_PATHS", ""), ("LEPTOS_SITE_ROOT", " ")];
    let seen = seen_from_outside(folder, &empty).await;
    assert_eq!(seen, (vec!["/by-dotenv"], "dotenv".into()), "an empty value counts as unset");
}

#[test]
fn the_binary_says_what_it_is_and_what_it_does_not_know() {
    let folder = TempDir::new().unwrap();
    let version = run_in(folder.path(), &["--version"], &[]);
    assert!(version.status.success());
    assert_eq!(
        String::from_utf8(version.stdout).unwrap().trim(),
        concat!("postern ", env!("CARGO_PKG_VERSION"))
    );
    assert!(run_in(folder.path(), &["--help"], &[]).status.success());
    let settings = run_in(folder.path(), &["--settings"], &[]);
    let text = String::from_utf8(settings.stdout).unwrap();
    assert!(settings.status.success() && text.contains("LINK_MAX_AGE") && text.contains("`5m`"), "{text}");
    let unknown = run_in(folder.path(), &["--frobnicate"], &[]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("--frobnicate"));
}
