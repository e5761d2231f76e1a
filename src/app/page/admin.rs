//! What stands on the pages of operators.

use super::Moment;

/// A page of operators: one of four, and what the last step came to.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Which one.
    pub tab: Tab,
    /// Good news from the step before.
    pub notice: Option<&'static str>,
    /// Why the last step was refused.
    pub refused: Option<String>,
}

/// The pages of operators.
#[derive(Clone, Debug)]
pub enum Tab {
    /// /admin
    Overview(Box<Overview>),
    /// /admin/events
    Events(Events),
    /// /admin/mails
    Mails(Mails),
    /// /admin/sessions
    Sessions(Sessions),
}

/// What stands on /admin.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The last 24 hours, and the last seven days.
    pub charts: [Chart; 2],
    /// Sessions of people, in digits.
    pub sessions: String,
    /// Mails that wait, in digits.
    pub waiting: String,
    /// Mails that the mail server refused, in digits.
    pub refused: String,
    /// Every limit that is in force.
    pub budgets: Vec<Budget>,
    /// Who has spent nearly all of one.
    pub spenders: Vec<Spender>,
    /// Who signed in lately.
    pub sign_ins: Vec<Event>,
    /// What was refused lately.
    pub refusals: Vec<Event>,
}

/// Sign-ins and refusals over a span.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Tells the chart from others on the page.
    pub id: &'static str,
    /// The span.
    pub title: &'static str,
    /// The first one first.
    pub bars: Vec<Bar>,
}

/// A part of the span of a chart.
#[derive(Clone, Debug)]
pub struct Bar {
    /// When it begins: an hour or a day, in UTC.
    pub label: String,
    /// How many signed in.
    pub sign_ins: u64,
    /// How many requests were refused or limited, and mails given up.
    pub refusals: u64,
}

/// A limit.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Its setting.
    pub setting: String,
    /// As it is written there.
    pub limit: String,
    /// How much is used, in percent, where all spend it together.
    pub used: Option<u64>,
}

/// Somebody who has spent nearly all of a budget.
#[derive(Clone, Debug)]
pub struct Spender {
    /// An address, a network, or both.
    pub who: String,
    /// The setting of the limit.
    pub setting: String,
    /// In percent.
    pub used: u64,
}

/// What stands on /admin/events.
#[derive(Clone, Debug)]
pub struct Events {
    /// Which of them are shown.
    pub of: Of,
    /// The newest first.
    pub events: Vec<Event>,
    /// The id of the last one, where there are older ones.
    pub older: Option<i64>,
    /// Whether newer ones were left out.
    pub is_newest: bool,
}

/// Events that are shown together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    #[default]
    SignIns,
    Refusals,
    Operators,
}

impl Of {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SignIns, Self::Refusals, Self::Operators];

    /// Its name in the query.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIns => "sign_ins",
            Self::Refusals => "refusals",
            Self::Operators => "operators",
        }
    }
}

/// An entry of the trail.
#[derive(Clone, Debug)]
pub struct Event {
    /// When it happened.
    pub at: Moment,
    /// Its name and its reason, as machines know them.
    pub name: String,
    /// Whom it is about.
    pub email: Option<String>,
    /// Everything else that is known: network, device, app, what a mail server said.
    pub facts: Vec<String>,
    /// The operator who did it.
    pub by: Option<String>,
}

/// What stands on /admin/mails.
#[derive(Clone, Debug)]
pub struct Mails {
    /// Those that wait, the oldest first.
    pub waiting: Vec<Mail>,
    /// Those that the mail server refused for good.
    pub refused: Vec<Mail>,
}

/// A mail in the outbox.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its name for the button.
    pub message_id: String,
    /// Its recipient.
    pub email: String,
    /// What it is for.
    pub what: &'static str,
    /// When it was asked for.
    pub asked: Moment,
    /// Why it has not left: what the mail server said, or the name of a limit.
    pub trouble: Option<String>,
    /// How often it was tried, and when it is tried next; none while it is being sent.
    pub next: Option<String>,
}

/// What stands on /admin/sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// The newest sign-in first.
    pub sessions: Vec<Session>,
    /// The query of those that are older, where there are any.
    pub older: Option<String>,
    /// Whether newer ones were left out.
    pub is_newest: bool,
}

/// A session of somebody.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its name for the button.
    pub id: String,
    /// The person.
    pub email: String,
    /// Browser and system, in words.
    pub device: String,
    /// Whether it is the one that the page is drawn for.
    pub is_this: bool,
    /// When it began.
    pub first_seen: Moment,
    /// When it was last seen.
    pub last_seen: Moment,
}
