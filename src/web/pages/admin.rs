//! Loads the pages of operators. The guard has turned everybody else away; the proof is asked for all the same.

use super::{Loaded, Visit, sessions::moment};
use crate::{
    app::page::{
        Page,
        admin::{
            Admin as Shown, Bar, Budget, Chart, Event, Events, Mail, Mails, Of, Overview, Session, Sessions,
            Spender, Tab,
        },
    },
    audit,
    config::settings::of_budget,
    domain::{self, Limit, UnixTime},
    flow::{
        Error,
        admin::{self, Admin, OPERATORS, Part, REFUSALS, SIGN_INS},
        operator::sessions,
    },
    refusal::Refusal,
    store::{
        audit::AuditRow,
        people::PersonRow,
        waiting::{Kind, Stands, WaitingRow},
    },
    words::{Words, moment as exactly, utc},
};

/// Entries of each list at a glance.
const AT_A_GLANCE: usize = 8;

/// What operators see at a glance.
///
/// # Errors
/// `SignedOut` for everybody else.
pub async fn load_overview(visit: &Visit<'_>) -> Result<Loaded, Error> {
    let (admin, state, words) = (admin_of(visit)?, visit.state, visit.words());
    let [day, week] = admin::charts(state, &admin).await?;
    let counts = admin::counts(state, &admin).await?;
    let budgets = admin::budgets(state, &admin).await?.into_iter().filter_map(|(budget, limit, used)| {
        Some(Budget { setting: setting(budget), limit: written(limit)?, used: used.map(percent) })
    });
    let spenders = admin::spenders(state, &admin).await?.into_iter();
    let (sign_ins, _) = admin::events(state, &admin, &SIGN_INS[..1], None, AT_A_GLANCE).await?;
    let (refusals, _) = admin::events(state, &admin, &REFUSALS, None, AT_A_GLANCE).await?;
    let overview = Overview {
        charts: [
            chart("day", words.admin_chart_day(), &day, |at| format!("{} {:02}:00", at.date(), at.hour())),
            chart("week", words.admin_chart_week(), &week, |at| at.date().to_string()),
        ],
        sessions: counts.sessions.to_string(),
        waiting: counts.waiting.to_string(),
        refused: counts.refused.to_string(),
        budgets: budgets.collect(),
        spenders: spenders
            .map(|(budget, who, used)| Spender { who, setting: setting(budget), used: percent(used) })
            .collect(),
        sign_ins: events(visit, sign_ins),
        refusals: events(visit, refusals),
    };
    Ok(page(visit, Tab::Overview(Box::new(overview))))
}

/// Entries of the trail: `?of=` which, `?before=` the id of the last one that was seen.
///
/// # Errors
/// `SignedOut` for everybody else.
pub async fn load_events(visit: &Visit<'_>) -> Result<Loaded, Error> {
    let admin = admin_of(visit)?;
    let of = visit.query("of").and_then(|of| Of::ALL.into_iter().find(|known| known.name() == of));
    let of = of.unwrap_or_default();
    let wanted: &[audit::Event] = match of {
        Of::SignIns => &SIGN_INS,
        Of::Refusals => &REFUSALS,
        Of::Operators => &OPERATORS,
    };
    let before = visit.query("before").and_then(|id| id.parse().ok());
    let (rows, more) = admin::events(visit.state, &admin, wanted, before, admin::PAGE).await?;
    let older = rows.last().filter(|_| more).map(|row| row.id);
    let events = Events { of, events: events(visit, rows), older, is_newest: before.is_none() };
    Ok(page(visit, Tab::Events(events)))
}

/// The mails that wait, and those that were refused.
///
/// # Errors
/// `SignedOut` for everybody else.
pub async fn load_mails(visit: &Visit<'_>) -> Result<Loaded, Error> {
    let admin = admin_of(visit)?;
    let (waiting, refused) = admin::mails(visit.state, &admin).await?;
    let lines = |rows: Vec<WaitingRow>| rows.into_iter().map(|row| mail(visit, row)).collect();
    Ok(page(visit, Tab::Mails(Mails { waiting: lines(waiting), refused: lines(refused) })))
}

/// The sessions of everybody: `?at=` and `?id=` name the last one that was seen.
///
/// # Errors
/// `SignedOut` for everybody else.
pub async fn load_sessions(visit: &Visit<'_>) -> Result<Loaded, Error> {
    let (admin, words, now) = (admin_of(visit)?, visit.words(), visit.state.clock.now());
    let at = visit.query("at").and_then(|at| at.parse().ok()).map(UnixTime::from_secs);
    let after = at.zip(visit.query("id").and_then(sessions::key));
    let (rows, more) = admin::sessions(visit.state, &admin, after).await?;
    let last = rows.last().filter(|_| more);
    let older =
        last.map(|row| format!("at={}&id={}", row.created_at.secs(), sessions::full_name(&row.session)));
    let this = visit.visitor.session.key();
    let line = |row: PersonRow| Session {
        id: sessions::full_name(&row.session),
        is_this: this == Some(row.session),
        email: row.email,
        device: words.device(row.device),
        first_seen: moment(row.created_at, now, words),
        last_seen: moment(row.last_seen_at, now, words),
    };
    let sessions = rows.into_iter().map(line).collect();
    Ok(page(visit, Tab::Sessions(Sessions { sessions, older, is_newest: after.is_none() })))
}

fn admin_of(visit: &Visit<'_>) -> Result<Admin, Refusal> {
    Admin::of(visit.state, visit.visitor).ok_or(Refusal::SignedOut)
}

fn page(visit: &Visit<'_>, tab: Tab) -> Loaded {
    let refused = visit.refusal().map(|refusal| visit.sentence(&refusal));
    Loaded::Page(Page::Admin(Box::new(Shown { tab, notice: visit.notice(), refused })))
}

fn chart(
    id: &'static str,
    title: &'static str,
    parts: &[Part],
    label: impl Fn(time::OffsetDateTime) -> String,
) -> Chart {
    let bar =
        |part: &Part| Bar { label: label(utc(part.from)), sign_ins: part.sign_ins, refusals: part.refusals };
    Chart { id, title, bars: parts.iter().map(bar).collect() }
}

fn events(visit: &Visit<'_>, rows: Vec<AuditRow>) -> Vec<Event> {
    let (now, words) = (visit.state.clock.now(), visit.words());
    rows.into_iter().map(|row| event(row, now, words)).collect()
}

fn event(row: AuditRow, now: UnixTime, words: Words) -> Event {
    let device = row.user_agent.map(|user_agent| words.device(domain::Device::of(&user_agent)));
    let facts = [row.network, device, row.app, row.device, row.detail];
    let name = row.reason.map_or_else(|| row.event.clone(), |reason| format!("{}: {reason}", row.event));
    Event {
        at: moment(row.at, now, words),
        name,
        email: row.email,
        facts: facts.into_iter().flatten().collect(),
        by: row.by_whom,
    }
}

fn mail(visit: &Visit<'_>, row: WaitingRow) -> Mail {
    let words = visit.words();
    let what = match row.kind {
        Kind::SignIn => words.admin_mail_sign_in(),
        Kind::NewDevice => words.admin_mail_new_device(),
    };
    let tries = u64::from(row.tries);
    let next = match row.stands {
        Stands::UnderWay => None,
        Stands::Refused(_) => Some(words.admin_mail_tries(tries)),
        Stands::Due(at) => Some(words.admin_mail_next(&words.admin_mail_tries(tries), &exactly(at))),
    };
    Mail {
        message_id: row.message_id,
        email: row.email,
        what,
        asked: moment(row.issued_at, visit.state.clock.now(), words),
        trouble: row.trouble,
        next,
    }
}

/// The name of the setting of a budget.
fn setting(budget: domain::Budget) -> String {
    of_budget(budget).map_or_else(|| budget.name().to_owned(), |setting| setting.name.to_owned())
}

/// A limit as it is written in a setting; none for one that is off.
fn written(limit: Limit) -> Option<String> {
    match limit {
        Limit::Off => None,
        Limit::Rate { count, period } => Some(format!(
            "{count} per {}",
            humantime::format_duration(period)
                .to_string()
                .replace(' ', "")
                .replace("days", "d")
                .replace("day", "d")
        )),
    }
}

/// A share in whole percent, 100 at the most.
fn percent(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u64
}
