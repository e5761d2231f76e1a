//! Pages: gathers what a page needs to know of its visitor, then lets Leptos draw it.

use std::collections::HashMap;

use axum::{
    extract::{Path, Query, Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{ALLOW, CONTENT_SECURITY_POLICY},
    },
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::prelude::{expect_context, provide_context, use_nonce};
use leptos_axum::ResponseOptions;
use tower_sessions::Session;

use super::layers::headers::{MAIL_POLICY, page_policy};
use crate::{
    app::{
        FAILURE_PAGE, shell,
        visit::{Notice, PendingMail, SentMail, Visit},
    },
    domain::{EmailAddress, ReturnPath},
    flow::login::{redeem::look_at_link, request::resend_wait},
    mail::message::in_words,
    refusal::Refusal,
    session::LoginSession,
    state::AppState,
};

/// Draws the page of any path that is no file, probe or server function.
pub async fn page(
    State(state): State<AppState>,
    session: Session,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let advice = "Only GET and HEAD are allowed here.\n";
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET,HEAD")], advice).into_response();
    }
    let path = request.uri().path().to_owned();
    let visit = match gather(&state, &LoginSession::new(session), path, &query).await {
        Ok(visit) => visit,
        Err(refusal) => return failure(&refusal),
    };
    match elsewhere(&visit) {
        Some(redirect) => redirect.into_response(),
        None => draw(&state, visit, request).await,
    }
}

/// Where this visitor should be instead, if not here.
fn elsewhere(visit: &Visit) -> Option<Redirect> {
    if let Some(page) = ["/login", "/login/sent", "/verify", "/logout", "/dev/inbox"]
        .into_iter()
        .find(|page| visit.path.strip_prefix(page).is_some_and(|rest| rest == "/"))
    {
        // The query is dropped: mailed links have no slash there.
        return Some(Redirect::to(page));
    }
    let signed_in = visit.signed_in.is_some();
    match visit.path.as_str() {
        "/login" if signed_in => Some(Redirect::to(&visit.next)),
        "/login/sent" if signed_in => Some(Redirect::to("/")),
        "/login/sent" if visit.pending.is_none() => Some(Redirect::to("/login?notice=start_here")),
        _ => None,
    }
}

async fn gather(
    state: &AppState,
    session: &LoginSession,
    path: String,
    query: &HashMap<String, String>,
) -> Result<Visit, Refusal> {
    let get = |name: &str| query.get(name).map(String::as_str);
    let pending = session.pending().await?;
    let signed_in = session.current(state).await?;
    let draft = session.draft().await?.filter(|_| query.contains_key("refusal"));
    let number = get("n").and_then(|number| number.parse().ok());
    let mut refusal = get("refusal").and_then(|name| Refusal::from_query(name, number));
    if let (Some(Refusal::MalformedAddress { advice }), Some(draft)) = (&mut refusal, &draft)
        && let Err(malformed) = EmailAddress::parse(&draft.email)
    {
        *advice = malformed.to_string();
    }
    let token = get("token").filter(|_| path == "/verify").map(str::to_owned);
    if let Some(token) = &token {
        refusal = look_at_link(state, token).err();
    } else if path == "/verify" && refusal.is_none() {
        refusal = Some(Refusal::MalformedLink);
    }
    let next = match (get("next"), &draft) {
        (None, Some(draft)) => draft.next.clone(),
        (next, _) => ReturnPath::parse_or_home(next),
    };
    Ok(Visit {
        signed_in: signed_in.map(|email| email.to_string()),
        next: next.to_string(),
        draft: match (draft, &pending) {
            (Some(draft), _) => draft.email,
            (None, Some(pending)) => pending.email.to_string(),
            (None, None) => String::new(),
        },
        pending: pending.map(|pending| PendingMail {
            resend_in: resend_wait(state, &pending),
            email: pending.email.to_string(),
            lifetime: in_words(state.config.link_max_age),
        }),
        token,
        refusal,
        about_code: get("at") == Some("code"),
        from_form: query.contains_key("refusal"),
        notice: get("notice").and_then(Notice::from_query),
        inbox: state.inbox.as_ref().map(|inbox| inbox.mails().into_iter().map(shown).collect()),
        path,
    })
}

fn shown((number, mail): (usize, crate::mail::message::Mail)) -> SentMail {
    let date = time::OffsetDateTime::from_unix_timestamp(mail.date.secs())
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    SentMail {
        number,
        to: mail.to.to_string(),
        subject: mail.subject,
        date: format!("{} {:02}:{:02}:{:02} UTC", date.date(), date.hour(), date.minute(), date.second()),
        text: mail.text,
    }
}

async fn draw(state: &AppState, visit: Visit, request: Request) -> Response {
    let options = state.config.leptos.clone();
    let context = {
        let options = options.clone();
        // A link that is refused at sight says so in its status as well.
        let at_sight = visit.path == "/verify" && !visit.from_form;
        let status = visit.refusal.as_ref().filter(|_| at_sight).map(Refusal::status);
        move || {
            let response = expect_context::<ResponseOptions>();
            if let Some(policy) =
                use_nonce().and_then(|nonce| HeaderValue::try_from(page_policy(&nonce, &options)).ok())
            {
                response.insert_header(CONTENT_SECURITY_POLICY, policy);
            }
            if let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) {
                response.set_status(status);
            }
            provide_context(visit.clone());
        }
    };
    leptos_axum::render_app_async_with_context(context, move || shell(options.clone()))(request).await
}

/// The page for a visitor when the database does not answer.
pub fn failure(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html(FAILURE_PAGE)).into_response()
}

/// The HTML part of a mail, for its frame in the development inbox.
pub async fn inbox_mail(State(state): State<AppState>, Path(number): Path<usize>) -> Response {
    let Some(mail) = state.inbox.as_ref().and_then(|inbox| inbox.mail(number)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // The link opens in the window around the frame, as it would from a mail program.
    let html = mail.html.replacen("<head>", r#"<head><base target="_top">"#, 1);
    let mut response = Html(html).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, MAIL_POLICY);
    response.headers_mut().insert("x-frame-options", HeaderValue::from_static("SAMEORIGIN"));
    response
}
