//! Loads `/dev/inbox` and its mails.

use axum::{
    extract::{Path, State},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY},
    },
    response::{Html, IntoResponse, Response},
};

use super::{Loaded, Visit};
use crate::{
    app::page::{Page, SentMail},
    mail::message::Mail,
    state::AppState,
    web::layers::headers::MAIL_POLICY,
    words::utc,
};

/// All mails that this process has kept, the newest first.
pub fn load(visit: &Visit<'_>) -> Loaded {
    let mails = visit.state.inbox.as_ref().map(|inbox| inbox.mails()).unwrap_or_default();
    Loaded::Page(Page::DevInbox(mails.into_iter().map(sent_mail).collect()))
}

/// A mail as the page shows it, with its date in UTC.
fn sent_mail((number, mail): (usize, Mail)) -> SentMail {
    let date = utc(mail.date);
    SentMail {
        number,
        to: mail.to.to_string(),
        subject: mail.subject,
        date: format!("{} {:02}:{:02}:{:02} UTC", date.date(), date.hour(), date.minute(), date.second()),
        text: mail.text,
    }
}

/// The HTML part of a mail, for its frame; 404 once it is no longer kept. No script runs in it, and it may be framed by
/// our own page only.
pub async fn mail(State(state): State<AppState>, Path(number): Path<usize>) -> Response {
    let Some(mail) = state.inbox.as_ref().and_then(|inbox| inbox.mail(number)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // The link opens in the window around the frame, as it would from a mail program.
    let html = mail.html.replacen("<head>", r#"<head><base target="_top">"#, 1);
    let mut response = Html(html).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, MAIL_POLICY);
    response.headers_mut().insert(CONTENT_LANGUAGE, HeaderValue::from_static(mail.words.lang()));
    response.headers_mut().insert("x-frame-options", HeaderValue::from_static("SAMEORIGIN"));
    response
}
