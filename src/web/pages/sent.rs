//! Loads `/login/sent`.

use super::{Loaded, Visit};
use crate::{
    app::{
        page::{InboxButton, MeantAddress, Page, Sent, SentExpired},
        places::LOGIN,
    },
    domain::{InboxLink, ReturnPath, mail_provider::probably_meant},
    flow::login::request::resend_wait,
    refusal::Refusal,
};

/// The page of a browser that waits for a mail. Every other one is sent on: home if it is signed in, else to /login.
pub fn load(visit: &Visit<'_>) -> Loaded {
    let says = visit.visitor.session.says();
    if visit.visitor.signed_in.is_some() {
        return Loaded::Redirect(says.next.unwrap_or_else(ReturnPath::home).to_string());
    }
    let Some(pending) = says.pending else {
        return Loaded::Redirect(format!("{}?notice=start_here", LOGIN.path));
    };
    let words = visit.words();
    let (max_age, now) = (visit.state.config.link_max_age, visit.state.clock.now());
    let email = pending.sign_in.email.to_string();
    let expired = |refused| SentExpired { email: email.clone(), lifetime: words.span(max_age), refused };
    if pending.sign_in.is_expired(max_age, now) {
        let refused = visit.refusal().filter(is_of_mails);
        let refused = refused.as_ref().map(|refusal| visit.sentence(refusal));
        return Loaded::Page(Page::SentExpired(expired(refused)));
    }
    let left = pending.sign_in.expires_at(max_age).since(now).as_secs();
    let about_mail = visit.query("at") != Some("code");
    let (mail_refused, code_refused) = match visit.refusal() {
        Some(refusal) if about_mail && is_of_mails(&refusal) => (Some(refusal), None),
        refusal => (None, refusal),
    };
    let config = &visit.state.config;
    // By the domain alone, for listed and unknown addresses alike.
    let inbox = config.inbox_links.of(&pending.sign_in.email, config.mail.from.email.as_ref());
    let word = pending.sign_in.word().to_string();
    let meant = probably_meant(&pending.sign_in.email);
    Loaded::Page(Page::Sent(Sent {
        meant: meant.map(|email| MeantAddress { email: email.to_string(), next: pending.next.to_string() }),
        inbox: inbox.map(|InboxLink { name, url }| InboxButton { name, url }),
        resend_in: resend_wait(visit.state, &pending),
        expired: expired(None),
        email: email.clone(),
        word,
        lifetime: words.wait(left.max(1)),
        // They are good for the whole of their last second.
        expires_in: left + 1,
        notice: visit.notice(),
        mail_refused: mail_refused.as_ref().map(|refusal| visit.shown(refusal)),
        code_refused: code_refused.as_ref().map(|refusal| visit.shown(refusal)),
        has_inbox: visit.state.inbox.is_some(),
    }))
}

/// Whether another mail can be refused like that. Codes meet limits too, and say so; everything else is about the code.
fn is_of_mails(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Limited { .. } | Refusal::NotRecognized)
}
