//! The way of mails: is the mail server there, does it speak TLS, does it let us in, does it take a mail?

use super::Findings;
use crate::{
    clock::Clock,
    config::{Config, MailBackend},
    domain::EmailAddress,
    mail::{MailError, mailer::Mailer, trial},
};

const ABOUT: &str = "mail";

/// Goes as far as the sign-in at the mail server; with `send_to`, up to a mail that it has taken.
pub async fn check(config: &Config, send_to: Option<&EmailAddress>, findings: &mut Findings) {
    let way = &config.mail.backend;
    if let MailBackend::File(folder) = way
        && !folder.exists()
    {
        return findings.well(ABOUT, format!("Mails go to {way}, which the start makes"));
    }
    let mailer = match Mailer::open(&config.mail) {
        Ok(mailer) => mailer,
        Err(error) => return failed(&format!("Mails cannot leave by {way}"), &error, findings),
    };
    let [first, second] = mailer.probe().await;
    if let Some(error) = second {
        failed("The second mail server could not take over", &error, findings);
    }
    if let Some(error) = first {
        // A mail would fail once more at the same place.
        return failed(&format!("Mails cannot leave by {way}"), &error, findings);
    }
    findings.well(ABOUT, reached(way));
    let Some(to) = send_to else { return };
    match mailer.send(&trial::mail(to, Clock::System.now(), config)).await {
        Ok(()) => findings.well(ABOUT, format!("A mail to {to} was taken by {way}; see that it arrives")),
        Err(error) => failed(&format!("A mail to {to} was not taken by {way}"), &error, findings),
    }
}

fn reached(way: &MailBackend) -> String {
    match way {
        MailBackend::Smtp(smtp) => match &smtp.first.credentials {
            Some((user, _)) => format!("The mail server {way} was reached and let us in as {user}"),
            None => format!("The mail server {way} was reached; no user is set"),
        },
        MailBackend::Console | MailBackend::File(_) => format!("Mails go to {way}"),
    }
}

fn failed(what: &str, error: &MailError, findings: &mut Findings) {
    let fix = match error {
        MailError::NotAccepted { remedy, .. } => remedy,
        MailError::Temporary(_) => {
            "check host and port, and whether this machine may connect there (EMAIL_HOST and EMAIL_PORT, or those of \
             EMAIL_FALLBACK_)"
        }
        MailError::Permanent(_) => {
            "see whether the address exists, and whether DEFAULT_FROM_EMAIL may write to it"
        }
        MailError::Setup(_) => "check the EMAIL_ settings",
    };
    findings.trouble(ABOUT, format!("{what}: {error}"), fix);
}
