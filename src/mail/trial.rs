//! The mail of `postern check --send`: it looks like the others, and opens nothing.

use rand::Rng;

use super::{
    letter::{Fact, Letter},
    message::Mail,
};
use crate::{
    config::Config,
    domain::{EmailAddress, UnixTime},
    random,
    words::moment,
};

/// The mail to `to`. It is for an operator, and in English as the commands are.
pub fn mail(to: &EmailAddress, now: UnixTime, config: &Config) -> Mail {
    let words = config.languages.of_or_first("en");
    let site = &config.brand.name;
    let letter = Letter {
        subject: format!("{site}: a mail to try it out"),
        preview: "Mails of this site arrive.".to_owned(),
        headline: "Mails arrive".to_owned(),
        lead: vec![
            format!("Somebody who runs {site} has sent this mail with `postern check`, to see whether mails arrive."),
            "If you read it in your inbox, they do. If it was among the spam, mails to sign in would be there too."
                .to_owned(),
        ],
        button: None,
        code: None,
        facts: vec![Fact { name: "Sent".to_owned(), value: moment(now) }],
        closing: vec!["There is nothing to click.".to_owned()],
    };
    let mut bytes = [0u8; 16];
    random::rng().fill_bytes(&mut bytes);
    Mail {
        message_id: bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        to: to.clone(),
        text: letter.text(words, &config.brand),
        html: letter.html(words, &config.brand),
        subject: letter.subject,
        words,
        date: now,
    }
}
