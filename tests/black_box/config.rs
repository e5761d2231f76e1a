//! The configuration, as its operator meets it.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use leptos::config::Env;
use postern::{
    config::{Config, Mistakes, Sources},
    domain::Limit,
};
use tempfile::TempDir;

use crate::harness::{leptos_options, run_in};

const COMPLETE: [(&str, &str); 8] = [
    ("SECRET_KEY", "a secret key of more than thirty-two bytes"),
    ("PUBLIC_URL", "https://login.example.test"),
    ("CREDENTIALS", r#"["ada@example.com"]"#),
    ("EMAIL_BACKEND", "smtp"),
    ("EMAIL_HOST", "mail.example.test"),
    ("EMAIL_USE_TLS", "true"),
    ("DEFAULT_FROM_EMAIL", "Postern <postern@example.test>"),
    ("DATABASE_URL", "sqlite://data/postern.sqlite3"),
];

/// The complete settings with some replaced; an empty value counts as unset.
fn production(changes: &[(&str, &str)]) -> Result<Config, Mistakes> {
    let settings = Sources::from_pairs(COMPLETE.iter().chain(changes).copied());
    Config::from_sources(&settings, leptos_options(Env::PROD, "site"))
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
    let nothing = Sources::from_pairs::<&str, &str>([]);
    let mistakes = Config::from_sources(&nothing, leptos_options(Env::PROD, "site")).unwrap_err();
    let settings: BTreeSet<_> = mistakes.settings().into_iter().map(str::to_owned).collect();
    assert_eq!(
        settings,
        set(["SECRET_KEY", "PUBLIC_URL", "EMAIL_BACKEND", "DEFAULT_FROM_EMAIL", "CREDENTIALS"])
    );
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
    let mut options = leptos_options(Env::DEV, "site");
    options.site_addr = "0.0.0.0:3000".parse().unwrap();
    let local = [("PUBLIC_URL", "")];
    let settings = Sources::from_pairs(COMPLETE.iter().chain(&local).copied());
    let mistakes = Config::from_sources(&settings, options).unwrap_err();
    assert_eq!(mistakes.settings(), ["LEPTOS_ENV"]);
}

#[test]
fn a_development_server_behind_a_public_name_does_not_start() {
    let settings = Sources::from_pairs(COMPLETE);
    let mistakes = Config::from_sources(&settings, leptos_options(Env::DEV, "site")).unwrap_err();
    assert_eq!(mistakes.settings(), ["LEPTOS_ENV"]);
}

#[test]
fn a_setting_that_stands_twice_in_the_environment_file_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "LEPTOS_ENV=DEV\nLEPTOS_ENV=PROD\n").unwrap();
    let output = run_in(folder.path(), &[], &[("LEPTOS_OUTPUT_NAME", "postern")]);
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
    let toml = "[postern]\nsecret_key = \"x\"\nlink_max_agee = \"5m\"\nlink_max_age = \"10m\"\n";
    let sources = Sources::from_leptos_toml(toml).unwrap();
    let mistakes = Config::from_sources(&sources, leptos_options(Env::PROD, "site")).unwrap_err();
    let text = mistakes.to_string();
    assert!(text.contains("SECRET_KEY stands in Leptos.toml"), "{text}");
    assert!(text.contains("link_max_agee in Leptos.toml is not a setting"), "{text}");
    assert!(!text.contains("LINK_MAX_AGE"), "{text}");
}

#[test]
fn leptos_toml_may_set_limits() {
    let toml = "[limits]\naddress_gap = \"2 per 5s\"\naddress_short = \"off\"\n";
    let sources = Sources::from_leptos_toml(toml).unwrap();
    let limits = Config::from_sources(&sources, leptos_options(Env::DEV, "site")).unwrap().limits;
    assert_eq!(limits.address_gap, Limit::rate(2, Duration::from_secs(5)));
    assert_eq!(limits.address_short, Limit::Off);
    assert_eq!(limits.address_long, Limit::rate(30, Duration::from_secs(3_600)), "the others keep their own");
}

#[test]
fn every_limit_has_a_default_and_a_name_in_the_environment() {
    let minutes = |count, minutes: u64| Limit::rate(count, Duration::from_secs(minutes * 60));
    let limits = production(&[]).unwrap().limits;
    let defaults = [
        ("LIMIT_ADDRESS_GAP", limits.address_gap, minutes(1, 1)),
        ("LIMIT_ADDRESS_SHORT", limits.address_short, minutes(5, 15)),
        ("LIMIT_ADDRESS_LONG", limits.address_long, minutes(30, 60)),
        ("LIMIT_NETWORK", limits.network, minutes(30, 5)),
        ("LIMIT_ADDRESS_CODES", limits.address_codes, minutes(20, 60)),
    ];
    for (name, found, expected) in defaults {
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
fn the_environment_wins_over_the_limits_of_leptos_toml() {
    let folder = TempDir::new().unwrap();
    let toml = "[package.metadata.leptos]\noutput-name = \"postern\"\n[limits]\nnetwork = \"lots\"\naddress_gap = \"often\"\nadress_gap = \"off\"\n";
    fs::write(folder.path().join("Leptos.toml"), toml).unwrap();
    let settings = [("LEPTOS_OUTPUT_NAME", "postern"), ("LIMIT_NETWORK", "1 per 1m"), ("SECRET_KEY", "x")];
    let output = run_in(folder.path(), &[], &settings);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(text.contains("LIMIT_ADDRESS_GAP is `often`") && !text.contains("lots"), "{text}");
    assert!(text.contains("limit_adress_gap in Leptos.toml is not a setting"), "{text}");
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
    let mut mistakes = Mistakes::default();
    Sources::from_leptos_toml(&text).unwrap().report_unknown_settings(&mut mistakes);
    assert_eq!(mistakes.settings(), Vec::<&str>::new());
}

#[test]
fn the_binary_ends_with_78_and_prints_all_that_is_wrong() {
    let folder = TempDir::new().unwrap();
    let output = run_in(folder.path(), &[], &[("LEPTOS_ENV", "PROD"), ("LEPTOS_OUTPUT_NAME", "postern")]);
    assert_eq!(output.status.code(), Some(78), "EX_CONFIG of sysexits.h");
    let text = String::from_utf8(output.stderr).unwrap();
    for setting in ["SECRET_KEY", "PUBLIC_URL", "EMAIL_BACKEND", "DEFAULT_FROM_EMAIL", "CREDENTIALS"] {
        assert!(
            text.contains(&format!("\n  {setting} is")) || text.contains(&format!("\n  {setting} sends")),
            "{setting}: {text}"
        );
    }
    assert!(!folder.path().join("data").exists(), "nothing was made");
}

#[test]
fn the_binary_reads_env_files_and_the_environment_wins() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "LINK_MAX_AGE=never\nRESEND_WAIT=never\n").unwrap();
    fs::write(folder.path().join("Leptos.toml"), "[package.metadata.leptos]\noutput-name = \"postern\"\n[postern]\nsession_idle = \"never\"\nlink_max_age = \"ages\"\n").unwrap();
    let settings = [("LEPTOS_OUTPUT_NAME", "postern"), ("RESEND_WAIT", "1s"), ("SECRET_KEY", "x")];
    let output = run_in(folder.path(), &[], &settings);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(text.contains("LINK_MAX_AGE is `never`") && text.contains("SESSION_IDLE is `never`"), "{text}");
    assert!(!text.contains("RESEND_WAIT"), "{text}");
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
    let unknown = run_in(folder.path(), &["--frobnicate"], &[]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("--frobnicate"));
}
