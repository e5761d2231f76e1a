//! The sign-in mail: link and code, as plain text and as HTML.

use std::time::{Duration, SystemTime};

use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};

use super::MailError;
use crate::{
    config::Config,
    domain::{EmailAddress, SignIn, UnixTime},
};

/// A mail on its way out. Holds secrets: it has no `Debug` and is never logged.
#[derive(Clone)]
pub struct Mail {
    /// The left half of Message-ID; the same for each try, so that a mail sent twice is seen to be one.
    pub message_id: String,
    pub to: EmailAddress,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// When the link was asked for.
    pub date: UnixTime,
}

/// The mail that signs somebody in. Its link and code exist only from here on.
pub fn sign_in(sign_in: &SignIn, config: &Config) -> Mail {
    let site = config.public_url.authority();
    let url = sign_in.link(&config.keys, config.public_url.origin());
    let code = sign_in.code(&config.keys).grouped();
    let lifetime = in_words(config.link_max_age);
    let text = format!(
        "Hello,\n\n\
         open this link to sign in to {site}:\n\n\
         {url}\n\n\
         It works once, for {lifetime}, and only in the browser where you asked for it.\n\
         Reading this on another device? Type this code in that browser instead:\n\n\
         {code}\n\n\
         Did you not ask to sign in? Then ignore this mail: nobody gets in without it.\n\
         Never give the code to anybody.\n"
    );
    let (site_html, url_html) = (escape(site), escape(&url));
    let html = format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>Sign in to {site_html}</title>
<style>{DARK_STYLE}</style>
</head>
<body class="wall" style="margin:0;padding:0;background:#f6f5f1">
<div style="display:none;max-height:0;overflow:hidden">The link works once, for {lifetime}.</div>
<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0"><tr><td class="wall" align="center" style="padding:32px 12px;background:#f6f5f1">
<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0" style="max-width:480px"><tr><td class="card" style="padding:28px 24px;background:#fffefc;border:1px solid #e1dccf;border-radius:16px;color:#1c1e22;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div class="door" style="width:8px;height:33px;margin:0 0 20px;border:solid #1f5f4a;border-width:7px 7px 0 19px;border-radius:17px 17px 0 0;background:#ffd98f"></div>
<h1 style="margin:0 0 12px;font:600 26px/1.25 Georgia,'Times New Roman',serif">Sign in to {site_html}</h1>
<p style="margin:0 0 24px">Press the button in the browser where you asked for it. It works once, for {lifetime}.</p>
<table role="presentation" cellspacing="0" cellpadding="0" border="0" style="margin:0 0 28px"><tr><td class="button" style="border-radius:10px;background:#1f5f4a"><a class="button" href="{url_html}" style="display:inline-block;padding:13px 32px;border-radius:10px;background:#1f5f4a;color:#ffffff;font-weight:600;text-decoration:none">Sign in</a></td></tr></table>
<p style="margin:0 0 10px">Reading this on another device? Type this code in that browser instead:</p>
<p class="code" style="margin:0 0 24px;padding:16px 8px;border-radius:10px;background:#f3f0e7;font:600 30px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:3px;white-space:nowrap;text-align:center">{code}</p>
<p class="soft" style="margin:0;color:#595c63;font-size:14px">Did you not ask to sign in? Then ignore this mail: nobody gets in without it. Never give the code to anybody.</p>
</td></tr></table>
</td></tr></table>
</body>
</html>
"#
    );
    Mail {
        message_id: sign_in.message_id(),
        to: sign_in.email.clone(),
        subject: format!("Sign in to {site}"),
        text,
        html,
        date: sign_in.issued_at,
    }
}

/// Overrides the inline styles, which are for mail programs that read no style sheet.
const DARK_STYLE: &str = "@media (prefers-color-scheme: dark) {\
    .wall { background: #14161a !important }\
    .card { background: #1f2227 !important; border-color: #353941 !important; color: #eceae4 !important }\
    .door { border-color: #7fd1b0 !important }\
    .button { background: #7fd1b0 !important; color: #0c231b !important }\
    .code { background: #14161a !important }\
    .soft { color: #adb0b7 !important }\
}";

/// A time span for people: "5 minutes".
pub fn in_words(span: Duration) -> String {
    let (count, unit) = match span.as_secs() {
        secs if secs % 3_600 == 0 => (secs / 3_600, "hour"),
        secs if secs % 60 == 0 => (secs / 60, "minute"),
        secs => (secs, "second"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// Text as HTML, for content and for attributes in double quotes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Mail {
    /// The mail as it crosses the wire (RFC 5322, MIME multipart/alternative).
    ///
    /// # Errors
    /// `Permanent` if an address cannot stand in a header.
    pub fn to_message(&self, from: &Mailbox) -> Result<Message, MailError> {
        let unwritable = |error: &dyn std::fmt::Display| MailError::Permanent(error.to_string());
        let to = self.to.as_str().parse().map_err(|error| unwritable(&error))?;
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(self.date.secs().unsigned_abs());
        Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(&self.subject)
            .date(date)
            .message_id(Some(format!("<{}@{}>", self.message_id, from.email.domain())))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))
            .map_err(|error| unwritable(&error))
    }
}

/// `Auto-Submitted: auto-generated`, so that no out-of-office note comes back (RFC 3834, section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
