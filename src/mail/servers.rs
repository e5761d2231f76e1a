//! The mail servers: the one of EMAIL_HOST, and the one of EMAIL_FALLBACK_HOST that stands in for it.
//!
//! The second gets a mail when the first fails in a way that is not about this mail. From then on mails go to the second at
//! once; the first is looked at now and then, beside the mails, and gets them again when it answers. So a first server that
//! hangs costs one mail its patience, and not each of ten thousand (docs/decisions/0022-a-second-mail-server.md).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lettre::Message;
use tokio::time::{Instant, timeout};

use super::{
    MailError,
    smtp::{Blame, Failure, Smtp},
};
use crate::config::SmtpConfig;

/// The longest wait for a whole mail; shorter than a worker's claim on it, so that no two send it at the same time.
pub const MAIL_TIMEOUT: Duration = Duration::from_secs(45);
/// How much of it the first server gets where there is a second.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest wait of somebody who looks on.
const PROBE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the first server is left alone after it has failed; twice as long after each time that it fails again before a
/// mail has gone through it, up to the second one.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// One mail server, or two.
pub struct Servers {
    first: Arc<Smtp>,
    fallback: Option<Smtp>,
    watch: Arc<Watch>,
}

impl Servers {
    /// Reads the certificates; a server is first spoken to when there is a mail.
    ///
    /// # Errors
    /// `Setup` if a CA file is not one.
    pub fn new(config: &SmtpConfig) -> Result<Self, MailError> {
        let open = |server| Smtp::new(server, config.ehlo_name.clone());
        Ok(Self {
            first: Arc::new(open(&config.first)?),
            fallback: config.fallback.as_ref().map(open).transpose()?,
            watch: Arc::default(),
        })
    }

    /// Hands one mail over, as it is, to one of the servers; returns when it has been accepted, after [`MAIL_TIMEOUT`] at the
    /// latest. One that the first server has taken without saying so goes to the second as well: the same mail, under the
    /// same Message-ID.
    ///
    /// # Errors
    /// `Permanent` if a server refused this recipient or this text for good, `NotAccepted` if the last one asked refused us,
    /// `Temporary` for everything else.
    pub async fn send(&self, message: &Message) -> Result<(), MailError> {
        let Some(fallback) = &self.fallback else {
            return self.send_to_first(message, MAIL_TIMEOUT).await.map_err(|failure| failure.error);
        };
        if !self.watch.is_used() {
            self.look_at_first(message);
            return to_fallback(fallback, message, MAIL_TIMEOUT).await;
        }
        let failure = match self.send_to_first(message, PATIENCE).await {
            Ok(()) => {
                self.watch.has_taken_a_mail();
                return Ok(());
            }
            Err(failure) => failure,
        };
        match failure.blame {
            Blame::Mail => Err(failure.error),
            Blame::Server => {
                self.leave_first(&failure.error);
                to_fallback(fallback, message, MAIL_TIMEOUT - PATIENCE).await
            }
            Blame::Doubtful => {
                // A stranger's address may be what it does not like. It is the server's doing if another one takes it.
                match to_fallback(fallback, message, MAIL_TIMEOUT - PATIENCE).await {
                    Ok(()) => {}
                    Err(error @ MailError::Permanent(_)) => return Err(error),
                    Err(_) => return Err(failure.error),
                }
                self.leave_first(&failure.error);
                Ok(())
            }
        }
    }

    /// Goes as far as a mail could begin, with each server: what keeps the first one from taking mails, and the second.
    pub async fn probe(&self) -> [Option<MailError>; 2] {
        let ask = async |server: &Smtp| {
            timeout(PROBE_TIMEOUT, server.probe())
                .await
                .unwrap_or_else(|_| Err(Failure::no_answer(PROBE_TIMEOUT)))
                .err()
                .map(|failure| failure.error)
        };
        let first = ask(&self.first).await;
        let second = match &self.fallback {
            Some(fallback) => ask(fallback).await.map(MailError::of_fallback),
            None => None,
        };
        [first, second]
    }

    async fn send_to_first(&self, message: &Message, patience: Duration) -> Result<(), Failure> {
        timeout(patience, self.first.send(message))
            .await
            .unwrap_or_else(|_| Err(Failure::no_answer(patience)))
    }

    /// Has mails go to the second server; says so where they did not before.
    fn leave_first(&self, error: &MailError) {
        if self.watch.fails(Instant::now()) {
            let reason = error.to_string();
            let remedy = match error {
                MailError::NotAccepted { remedy, .. } => remedy.as_str(),
                _ => "see whether the server of EMAIL_HOST runs and can be reached",
            };
            tracing::error!(
                reason,
                remedy,
                "the first mail server fails: mails leave by EMAIL_FALLBACK_HOST"
            );
        }
    }

    /// Looks whether the first server would take a mail from this sender. No mail waits for that.
    fn look_at_first(&self, message: &Message) {
        if !self.watch.may_look(Instant::now()) {
            return;
        }
        let (first, watch) = (Arc::clone(&self.first), Arc::clone(&self.watch));
        let sender = message.envelope().from().cloned();
        tokio::spawn(async move {
            match timeout(PATIENCE, first.would_take(sender)).await {
                Ok(Ok(())) => {
                    watch.works();
                    tracing::info!("the first mail server answers: mails leave by EMAIL_HOST again");
                }
                Ok(Err(_)) | Err(_) => watch.still_fails(Instant::now()),
            }
        });
    }
}

async fn to_fallback(fallback: &Smtp, message: &Message, patience: Duration) -> Result<(), MailError> {
    let sent = timeout(patience, fallback.send(message)).await;
    sent.unwrap_or_else(|_| Err(Failure::no_answer(patience))).map_err(|failure| failure.error.of_fallback())
}

/// What is known of the first server.
#[derive(Default)]
struct Watch(Mutex<Known>);

struct Known {
    /// Until when it is left alone; `None` while mails go to it.
    until: Option<Instant>,
    /// How long it is left alone next time.
    pause: Duration,
}

impl Default for Known {
    fn default() -> Self {
        Self { until: None, pause: FIRST_PAUSE }
    }
}

impl Known {
    fn leave(&mut self, now: Instant) {
        self.until = Some(now + self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

impl Watch {
    /// Whether mails go to the first server.
    fn is_used(&self) -> bool {
        self.lock().until.is_none()
    }

    /// Leaves it alone for a while; whether mails went to it until now. Of many mails that fail at once one counts.
    fn fails(&self, now: Instant) -> bool {
        let mut known = self.lock();
        let was_used = known.until.is_none();
        if was_used {
            known.leave(now);
        }
        was_used
    }

    /// Leaves it alone for longer.
    fn still_fails(&self, now: Instant) {
        self.lock().leave(now);
    }

    /// Whether it may be looked at now: once in each pause.
    fn may_look(&self, now: Instant) -> bool {
        let mut known = self.lock();
        let pause = known.pause;
        match &mut known.until {
            Some(until) if *until <= now => {
                // Nobody else looks meanwhile; how it ends says when to look again.
                *until = now + pause;
                true
            }
            _ => false,
        }
    }

    /// Lets mails go to it again. The pause stays as it is until one has gone through.
    fn works(&self) {
        self.lock().until = None;
    }

    /// Forgets the failures before.
    fn has_taken_a_mail(&self) {
        let mut known = self.lock();
        // A mail that was under way when others failed says nothing.
        if known.until.is_none() {
            known.pause = FIRST_PAUSE;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_server_that_fails_is_looked_at_once_in_each_pause_and_each_is_longer() {
        let (watch, mut now) = (Watch::default(), Instant::now());
        assert!(watch.is_used() && !watch.may_look(now));
        assert!(watch.fails(now), "mails went to it");
        for _ in 0..100 {
            assert!(!watch.fails(now), "one change is said once");
        }
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let began = now;
            while !watch.may_look(now) {
                assert!(!watch.is_used());
                now += SECOND;
            }
            assert!(!watch.may_look(now), "one looks");
            watch.still_fails(now);
            pauses.push(now.duration_since(began).as_secs());
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn one_that_answers_and_takes_no_mail_is_left_alone_for_longer() {
        let (watch, now) = (Watch::default(), Instant::now());
        watch.fails(now);
        watch.works();
        assert!(watch.is_used());
        assert!(watch.fails(now), "this is another change");
        assert!(!watch.may_look(now + 59 * SECOND) && watch.may_look(now + 60 * SECOND));
        watch.works();
        watch.has_taken_a_mail();
        watch.fails(now);
        // A mail that began before the failure.
        watch.has_taken_a_mail();
        assert!(!watch.is_used());
        assert!(!watch.may_look(now + 29 * SECOND) && watch.may_look(now + 30 * SECOND));
    }
}
