//! The metrics: what a process counts and measures, as Prometheus reads it. No address, network, token or path of a visitor
//! is a label here: every label is a word of ours.
//!
//! Counting is an atomic addition, and measuring a span takes a lock for some nanoseconds. What is only known by looking
//! ([`Gauges`]) is looked at when somebody asks. The registry belongs to the state of a process and is no global one: two
//! servers in one test count apart (docs/decisions/0021-metrics.md).

mod process;

use std::{sync::atomic::AtomicU64, time::Duration};

use prometheus_client::{
    encoding::text,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::Registry,
};

/// The media type of [`Metrics::text`] (OpenMetrics).
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The classes of statuses.
const CLASSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// How a step of the database may fail: the kinds that `store` knows.
const STEP_FAILURES: [&str; 9] =
    ["busy", "full", "read_only", "damaged", "away", "refused", "replaced", "unknown", "failed"];

/// One label and its value.
type Label = [(&'static str, &'static str); 1];

/// Everything that a process counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    events: Family<[(&'static str, String); 2], Counter>,
    refusals: Family<Label, Counter>,
    mail_tries: Family<Label, Counter>,
    requests: Family<[(&'static str, &'static str); 2], Counter>,
    request_seconds: Family<Label, Histogram>,
    checks: [Counter; CLASSES.len()],
    check_seconds: Histogram,
    step_seconds: Histogram,
    step_failures: Family<Label, Counter>,
    /// What is looked at when somebody asks.
    pub gauges: Gauges,
    process: process::Process,
}

/// What is looked at when somebody asks.
#[derive(Debug, Default)]
pub struct Gauges {
    /// 1 while somebody could sign in, else 0.
    pub ready: Gauge,
    /// Mails in the outbox, by `kind`.
    pub outbox_mails: Family<Label, Gauge>,
    /// Seconds since the first mail was asked for that waits; 0 where none does. By `kind`.
    pub outbox_oldest_seconds: Family<Label, Gauge>,
    /// Seconds for which every try of every mail has failed; 0 while mails leave.
    pub mail_failing_seconds: Gauge,
    /// Sessions of people.
    pub sessions: Gauge,
    /// How much is used of a budget that all spend together, 0 to 1. By `budget`.
    pub budget_used: Family<Label, Gauge<f64, AtomicU64>>,
    /// Bytes of the database.
    pub database_bytes: Gauge,
    /// Steps that wait for their turn to write.
    pub steps_waiting: Gauge,
    /// Rules of the allowlist.
    pub allowlist_entries: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut whole = Registry::default();
        let process = process::Process::register(&mut whole);
        let all = whole.sub_registry_with_prefix("postern");
        all.register("build", "The version that runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        let (events, refusals) = (Family::default(), Family::<Label, Counter>::default());
        all.register(
            "events",
            "Events of the audit trail, those that it leaves out included",
            events.clone(),
        );
        all.register("refusals", "Requests that were refused, by the kind of the refusal", refusals.clone());
        let mail_tries = Family::<Label, Counter>::default();
        all.register("mail_tries", "Tries to hand a mail over, by how they ended", mail_tries.clone());
        let requests = Family::default();
        all.register("requests", "Requests by place and class of status", requests.clone());
        let request_seconds = Family::new_with_constructor(seconds as fn() -> Histogram);
        all.register(
            "request_seconds",
            "From the head of a request to that of its answer",
            request_seconds.clone(),
        );
        let (by_class, check_seconds) = (Family::<Label, Counter>::default(), seconds());
        all.register("checks", "Checks of proxies for apps, by class of status", by_class.clone());
        all.register("check_seconds", "From the head of a check to its answer", check_seconds.clone());
        let (step_seconds, step_failures) = (seconds(), Family::<Label, Counter>::default());
        all.register(
            "step_seconds",
            "From asking for a step of the database to its commit",
            step_seconds.clone(),
        );
        all.register("step_failures", "Steps of the database that failed, by kind", step_failures.clone());
        STEP_FAILURES.iter().for_each(|kind| _ = step_failures.get_or_create(&[("kind", *kind)]));
        let gauges = Gauges::default();
        gauges.register(all);
        Self {
            registry: whole,
            events,
            refusals,
            mail_tries,
            requests,
            request_seconds,
            // Resolved once: a check runs before every request of every app.
            checks: CLASSES.map(|class| by_class.get_or_create_owned(&[("status", class)])),
            check_seconds,
            step_seconds,
            step_failures,
            gauges,
            process,
        }
    }
}

impl Gauges {
    fn register(&self, all: &mut Registry) {
        all.register("ready", "1 while somebody could sign in", self.ready.clone());
        let kinds = "Mails in the outbox, at most 10000 of a kind";
        all.register("outbox_mails", kinds, self.outbox_mails.clone());
        let oldest = "Since the first mail was asked for that waits";
        all.register("outbox_oldest_seconds", oldest, self.outbox_oldest_seconds.clone());
        let failing = "Since when every try of every mail has failed";
        all.register("mail_failing_seconds", failing, self.mail_failing_seconds.clone());
        all.register("sessions", "Sessions of people, at most 100000", self.sessions.clone());
        let used = "How much is used of a budget that all spend together";
        all.register("budget_used_ratio", used, self.budget_used.clone());
        all.register("database_bytes", "Size of the database", self.database_bytes.clone());
        all.register("steps_waiting", "Steps that wait for their turn to write", self.steps_waiting.clone());
        all.register("allowlist_entries", "Rules of the allowlist", self.allowlist_entries.clone());
    }
}

/// A histogram of spans from half a millisecond to eight seconds.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 4.0, 8))
}

impl Metrics {
    /// Has the counters of these words begin at 0, so that the first of each is seen as an increase.
    pub fn begin(
        &self,
        events: impl Iterator<Item = &'static str>,
        refusals: impl Iterator<Item = &'static str>,
        mail_outcomes: &[&'static str],
    ) {
        events.for_each(|event| _ = self.events.get_or_create(&event_labels(event, None)));
        refusals.for_each(|kind| _ = self.refusals.get_or_create(&[("kind", kind)]));
        mail_outcomes.iter().for_each(|outcome| _ = self.mail_tries.get_or_create(&[("outcome", *outcome)]));
    }

    /// An event of the audit trail; `event` and `reason` are words of ours.
    pub fn event(&self, event: &'static str, reason: Option<&str>) {
        self.events.get_or_create(&event_labels(event, reason)).inc();
    }

    /// A request was refused.
    pub fn refusal(&self, kind: &'static str) {
        self.refusals.get_or_create(&[("kind", kind)]).inc();
    }

    /// A mail was tried.
    pub fn mail_try(&self, outcome: &'static str) {
        self.mail_tries.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A request to a place of ours was answered.
    pub fn request(&self, place: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&[("place", place), ("status", CLASSES[class(status)])]).inc();
        self.request_seconds.get_or_create(&[("place", place)]).observe(took.as_secs_f64());
    }

    /// A check of a proxy was answered.
    pub fn check(&self, status: u16, took: Duration) {
        self.checks[class(status)].inc();
        self.check_seconds.observe(took.as_secs_f64());
    }

    /// A step of the database came to its end; `failed`: of which kind the failure was.
    pub fn step(&self, took: Duration, failed: Option<&'static str>) {
        self.step_seconds.observe(took.as_secs_f64());
        if let Some(kind) = failed {
            self.step_failures.get_or_create(&[("kind", kind)]).inc();
        }
    }

    /// All of it, for Prometheus; the gauges as they were last set.
    pub fn text(&self) -> String {
        self.process.look();
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

fn event_labels(event: &'static str, reason: Option<&str>) -> [(&'static str, String); 2] {
    [("event", event.to_owned()), ("reason", reason.unwrap_or_default().to_owned())]
}

/// Where the class of a status is among [`CLASSES`].
fn class(status: u16) -> usize {
    let class = usize::from(status / 100);
    if class < CLASSES.len() { class } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_and_what_was_not_begins_at_zero() {
        let metrics = Metrics::default();
        metrics.begin(["asked", "sent"].into_iter(), ["limited"].into_iter(), &["sent"]);
        metrics.event("asked", None);
        metrics.request("/login", 200, Duration::from_millis(3));
        metrics.check(999, Duration::ZERO);
        let text = metrics.text();
        for line in [
            "postern_events_total{event=\"asked\",reason=\"\"} 1",
            "postern_events_total{event=\"sent\",reason=\"\"} 0",
            "postern_refusals_total{kind=\"limited\"} 0",
            "postern_requests_total{place=\"/login\",status=\"2xx\"} 1",
            "postern_request_seconds_count{place=\"/login\"} 1",
            "postern_checks_total{status=\"other\"} 1",
            "postern_checks_total{status=\"2xx\"} 0",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"), "{text}");
    }

    #[test]
    fn two_registries_count_apart() {
        let (one, other) = (Metrics::default(), Metrics::default());
        one.refusal("used");
        assert!(one.text().contains("{kind=\"used\"} 1"));
        assert!(!other.text().contains("{kind=\"used\"}"));
    }
}
