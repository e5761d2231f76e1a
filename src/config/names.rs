//! Names that are no setting and look like one: what was probably meant.

use super::settings::{self, Setting};

/// How alike two names must be (Jaro-Winkler, 0 to 1): TRUSTED_PROXY and TRUSTED_PROXIES are 0.95, EMAIL_HOST and
/// EMAIL_PORT 0.84.
const ALIKE: f64 = 0.9;
/// What only our settings begin with. `LEPTOS_` is not among them: cargo-leptos has more names than the server reads.
const OURS: [&str; 6] = ["CREDENTIALS_", "EMAIL_", "GATEWAY_", "LIMIT_", "POSTERN_", "SESSION_"];

/// The setting whose name is most like `name`, in any case; `None` if none is much like it.
fn meant_by(name: &str) -> Option<Setting> {
    let name = name.to_uppercase();
    let alike = |setting: &Setting| strsim::jaro_winkler(setting.name, &name);
    let nearest = settings::ALL.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(nearest) >= ALIKE).then_some(*nearest)
}

/// Whether a name that is no setting was meant to be one: it is much like one, or begins as ours do.
pub fn looks_like_ours(name: &str) -> bool {
    OURS.iter().any(|start| name.starts_with(start)) || meant_by(name).is_some()
}

/// What to do about a name in .env that is no setting.
pub fn advice(name: &str) -> String {
    match meant_by(name) {
        Some(setting) => did_you_mean(setting.name),
        None => "correct or remove it; `postern settings` lists them all".to_owned(),
    }
}

/// What to do about a key that is no setting in that table of Leptos.toml.
pub fn advice_in(table: &str, key: &str) -> String {
    let keys = settings::ALL.iter().filter_map(Setting::in_leptos_toml).filter(|(of, _)| *of == table);
    let alike = |(_, other): &(&str, String)| strsim::jaro_winkler(other, key);
    match keys.max_by(|a, b| alike(a).total_cmp(&alike(b))) {
        Some(nearest) if alike(&nearest) >= ALIKE => did_you_mean(&format!("`{}`", nearest.1)),
        _ => "correct or remove it; docs/configuration.md lists them all".to_owned(),
    }
}

fn did_you_mean(name: &str) -> String {
    format!("did you mean {name}? Correct or remove it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_told_from_a_name_of_somebody_else() {
        for (slip, meant) in [
            ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
            ("PUBLIC_URI", "PUBLIC_URL"),
            ("EMAIL_HOST_PASWORD", "EMAIL_HOST_PASSWORD"),
            ("SECRETKEY", "SECRET_KEY"),
            ("session_idle", "SESSION_IDLE"),
            ("CREDENTIAL", "CREDENTIALS"),
        ] {
            assert_eq!(meant_by(slip).map(|setting| setting.name), Some(meant), "{slip}");
            assert!(looks_like_ours(slip), "{slip}");
        }
        assert!(looks_like_ours("EMAIL_TIMEOUT_IN_MINUTES"), "nobody else's names begin like this");
        for other in [
            "COMPOSE_PROJECT_NAME",
            "TZ",
            "PATH",
            "POSTGRES_PASSWORD",
            "DJANGO_SETTINGS_MODULE",
            "LEPTOS_LIB_DIR",
        ] {
            assert!(!looks_like_ours(other), "{other}");
        }
    }
}
