//! The mail about a sign-in with a browser that is not known: which, when, and what to do if it was somebody else.

use super::{
    letter::{Button, Fact, Letter},
    message::Mail,
};
use crate::{config::Config, domain::Device, store::notices::NoticeRow, words::moment};

/// The mail that tells of it. It leads to a page that is guarded, and holds nothing that opens it.
pub fn mail(notice: &NoticeRow, config: &Config) -> Mail {
    let words = config.languages.of_or_first(&notice.language);
    let (site, device) = (&config.brand.name, words.device(Device::of(&notice.user_agent)));
    let letter = Letter {
        subject: words.new_device_subject(site, &device),
        preview: words.new_device_preview(&moment(notice.at)),
        headline: words.new_device_title(site),
        lead: vec![
            words.new_device_lead(site),
            words.new_device_you().into(),
            words.new_device_not_you().into(),
        ],
        button: Some(Button {
            label: words.devices_title().into(),
            link: format!("{}/sessions", config.public_url.origin()),
            copy: words.new_device_copy().into(),
        }),
        code: None,
        facts: vec![
            Fact { name: words.mail_device().into(), value: device },
            Fact { name: words.new_device_when().into(), value: moment(notice.at) },
        ],
        closing: vec![words.new_device_then(site)],
    };
    Mail {
        message_id: notice.message_id.clone(),
        to: notice.email.clone(),
        text: letter.text(words, &config.brand),
        html: letter.html(words, &config.brand),
        subject: letter.subject,
        words,
        date: notice.at,
    }
}
