//! INBOX_LINKS: the buttons to people's inboxes.

use std::collections::BTreeMap;

use super::{
    reader::{Noted, Reader},
    settings,
};
use crate::domain::InboxLinks;

/// `on`: those of the large mail providers; an object adds to them, or replaces some; `off`: none.
///
/// # Errors
/// Notes every entry that is no link to an inbox.
pub fn read(reader: &mut Reader) -> Result<InboxLinks, Noted> {
    let text = reader.text(settings::INBOX_LINKS).unwrap_or("on");
    match text.to_lowercase().as_str() {
        "on" | "true" => return Ok(InboxLinks::of_providers()),
        "off" | "false" => return Ok(InboxLinks::off()),
        _ => {}
    }
    let entries: BTreeMap<String, String> = serde_json::from_str(text).map_err(|error| {
        reader.note(
            settings::INBOX_LINKS,
            format!("is neither on nor off nor a JSON object of texts ({error})"),
            r#"write it like {"example.com": "https://mail.example.com/?user={email}", "gmail.com": "off"}"#,
        )
    })?;
    let (mut links, mut wrongs) = (InboxLinks::of_providers(), Vec::new());
    for (domain, link) in &entries {
        let link = (!link.eq_ignore_ascii_case("off")).then_some(link.as_str());
        if let Err(fault) = links.set(domain, link) {
            let fix =
                "write a mail domain, and an https URL or off; {email} and {sender} may stand after its host";
            wrongs.push((format!("has an entry for `{domain}` that {fault}"), fix));
        }
    }
    if wrongs.is_empty() { Ok(links) } else { Err(reader.note_all(settings::INBOX_LINKS, wrongs)) }
}
