//! Names that are no setting and look like one: what was probably meant.

use super::settings::{self, Place, Setting};

/// How alike two names must be (Jaro-Winkler, 0 to 1): TRUSTED_PROXY and TRUSTED_PROXIES are 0.95, EMAIL_HOST and
/// EMAIL_PORT 0.84.
const ALIKE: f64 = 0.9;
/// What only our settings begin with. `LEPTOS_` is not among them: cargo-leptos has more names than the server reads.
const OURS: [&str; 6] = ["CREDENTIALS_", "EMAIL_", "GATEWAY_", "LIMIT_", "POSTERN_", "SESSION_"];

/// The setting whose name is most like `name`, in any case and with `-` for `_`; `None` if none is much like it.
pub fn meant_by(name: &str) -> Option<Setting> {
    let name = name.to_uppercase().replace('-', "_");
    let alike = |setting: &Setting| strsim::jaro_winkler(setting.name, &name);
    let nearest = settings::ALL.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(nearest) >= ALIKE).then_some(*nearest)
}

/// Whether a name that is no setting was meant to be one: it is much like one, or begins as ours do.
pub fn looks_like_ours(name: &str) -> bool {
    OURS.iter().any(|start| name.starts_with(start)) || meant_by(name).is_some()
}

/// What to do about a name that is no setting.
pub fn advice(name: &str) -> String {
    match meant_by(name) {
        Some(setting) => format!("did you mean {}? Correct or remove it", written(setting, name)),
        None => "correct or remove it; `postern settings` lists them all".to_owned(),
    }
}

/// A setting as it is spelled in the place where `name` stands.
fn written(setting: Setting, name: &str) -> String {
    match setting.in_leptos_toml() {
        Some((table, key)) if name.chars().any(char::is_lowercase) => format!("`{key}` under [{table}]"),
        _ if setting.place == Place::Secret => {
            format!("{}, which belongs into .env or the environment", setting.name)
        }
        _ => setting.name.to_owned(),
    }
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
            ("session-idle", "SESSION_IDLE"),
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
