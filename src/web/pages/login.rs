//! Loads `/login`.

use percent_encoding::utf8_percent_encode;

use super::{Loaded, Visit};
use crate::{
    app::{
        page::{KnownPeople, Login, Page},
        places::{ENTER, HOME, LOGIN, SENT},
    },
    domain::{Challenge, KnownBrowser, Origin, QUERY_VALUE, ReturnPath},
    flow::login::request::resend_wait,
    random,
    refusal::Refusal,
};

/// The value of `as` in the query that leaves the field empty.
const SOMEBODY_ELSE: &str = "somebody_else";

/// The form, with what was typed before, else with the address that signed in here last; whoever is signed in is led on
/// to where they wanted to go.
///
/// What stands in the field comes from the cookies and not from the query, which anybody can write.
pub fn load(visit: &Visit<'_>) -> Loaded {
    let says = visit.visitor.session.says();
    let refusal = visit.refusal();
    let form = says.refused_form.filter(|_| refusal.is_some());
    let next = match (visit.query("next"), &form) {
        (None, Some(form)) => form.next.clone(),
        (next, _) => ReturnPath::parse_or_home(next),
    };
    if visit.visitor.signed_in.is_some() {
        return Loaded::Redirect(next.to_string());
    }
    // Held back in one tab while the mail that another one asked for is on its way: that is the page to be at.
    if let (Some(Refusal::Limited { .. }), Some(pending)) = (&refusal, &says.pending)
        && form.as_ref().is_none_or(|form| form.email == pending.sign_in.email.as_str())
        && resend_wait(visit.state, pending) > 0
    {
        return Loaded::Redirect(SENT.path.into());
    }
    let has_typed = form.is_some();
    let typed = match form {
        Some(form) => form.email,
        None if visit.query("as") == Some(SOMEBODY_ELSE) => String::new(),
        None => {
            let pending = says.pending.map(|pending| pending.sign_in.email.to_string());
            pending.or_else(|| people(visit).next()).unwrap_or_default()
        }
    };
    let somebody_else = (!has_typed && people(visit).any(|known| known == typed)).then(|| {
        let next = utf8_percent_encode(next.as_str(), QUERY_VALUE);
        format!("{}?as={SOMEBODY_ELSE}&next={next}", LOGIN.path)
    });
    let others = people(visit).filter(|known| *known != typed).collect();
    let (max_age, now) = (visit.state.config.link_max_age, visit.state.clock.now());
    let waits_for = visit.visitor.session.waits_for().map(|pending| &pending.sign_in);
    let on_its_way = waits_for.filter(|sign_in| !sign_in.is_expired(max_age, now));
    Loaded::Page(Page::Login(Login {
        on_its_way: on_its_way.map(|sign_in| sign_in.email.to_string()),
        typed,
        known: KnownPeople { somebody_else, others },
        leads_to: leads_to(visit, &next),
        next: next.to_string(),
        form: Challenge::new(visit.state.clock.now_ms(), &mut random::rng()).hashed().to_string(),
        notice: visit.notice(),
        refused: refusal.as_ref().map(|refusal| visit.shown(refusal)),
    }))
}

/// Where one is going, to name it: the host of an app, else the path without its query; none for home, which goes without
/// saying, and for an app that there is none of.
fn leads_to(visit: &Visit<'_>, next: &ReturnPath) -> Option<String> {
    let next = next.as_str().split('#').next().unwrap_or_default();
    let (path, query) = next.split_once('?').unwrap_or((next, ""));
    match path {
        path if path == HOME.path => None,
        path if path == ENTER.path => app_of(visit, query),
        path => Some(path.to_owned()),
    }
}

/// The host of the app that the query of the way into it names. Anybody can write it, so only an app that is there is named.
fn app_of(visit: &Visit<'_>, query: &str) -> Option<String> {
    let (_, origin) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "app")?;
    let origin = Origin::parse(&origin).ok()?;
    visit.state.gateway.get().app(&origin).map(|_| origin.authority().to_owned())
}

/// The addresses that have signed in with this browser, the newest first. Whether they still may is not looked at: the
/// page would tell it.
fn people(visit: &Visit<'_>) -> impl Iterator<Item = String> {
    let known = visit.visitor.browser.known().map(KnownBrowser::people);
    known.unwrap_or_default().iter().map(ToString::to_string)
}
