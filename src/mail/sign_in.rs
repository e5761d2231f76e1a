//! The sign-in mail: link and code, and by what one knows that it is one's own.

use super::{
    letter::{Button, Code, Fact, Letter},
    message::Mail,
};
use crate::{
    config::Config,
    domain::{Device, SignIn},
    words::{Words, moment},
};

/// The mail that signs somebody in. Its link and code exist only from here on. `device`: where it was asked for.
///
/// The preview has the code, so that a notification shows it and mail programs offer it. The subject has not: mail servers
/// write subjects into their logs, and whoever reads those could have asked for the mail in their own browser, where the
/// code counts.
pub fn mail(sign_in: &SignIn, device: Device, words: Words, config: &Config) -> Mail {
    let site = &config.brand.name;
    let (word, digits) = (sign_in.word().to_string(), sign_in.code(&config.keys).grouped());
    let lifetime = words.span(config.link_max_age);
    let letter = Letter {
        // Mails with the same subject become one thread, in which the older ones hide the newest.
        subject: words.mail_subject(site, &word),
        preview: words.mail_preview(&digits, &lifetime),
        headline: words.mail_title(site),
        lead: vec![words.mail_lead(&lifetime)],
        button: Some(Button {
            label: words.mail_button().to_owned(),
            link: sign_in.link(&config.keys, config.public_url.origin()),
            copy: words.mail_copy().to_owned(),
        }),
        code: Some(Code { intro: words.mail_other_device().to_owned(), digits }),
        facts: vec![
            Fact { name: words.mail_word().to_owned(), value: word },
            Fact { name: words.mail_asked().to_owned(), value: moment(sign_in.issued_at) },
            Fact { name: words.mail_device().to_owned(), value: words.device(device) },
        ],
        closing: vec![words.mail_not_you().to_owned()],
    };
    Mail {
        message_id: sign_in.message_id(),
        to: sign_in.email.clone(),
        text: letter.text(words, &config.brand),
        html: letter.html(words, &config.brand),
        subject: letter.subject,
        words,
        date: sign_in.issued_at,
    }
}
