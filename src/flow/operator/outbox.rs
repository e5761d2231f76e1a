//! The mails that have not left, and trying them again.

use super::Operator;
use crate::{
    audit::{Event, Note},
    domain::{EmailAddress, UnixTime},
    store::{
        StoreError,
        waiting::{Kind, Stands, WaitingRow},
    },
};

/// Mails that are looked at; more than that wait only in a flood.
const MOST: usize = 10_000;
/// Mails that one step makes due: all other steps wait meanwhile.
const AT_ONCE: usize = 50;

/// The mails that wait, and those that were refused; at most `most` of each kind.
///
/// # Errors
/// If the database fails.
pub async fn list(operator: &Operator, most: usize) -> Result<Vec<WaitingRow>, StoreError> {
    operator.note("outbox_list", None).await?;
    operator.state.store.waiting(most).await
}

/// When a mail is of no use any more: the link of a sign-in lives as long as it does now, not as it did when it was asked
/// for.
pub fn ends_at(operator: &Operator, mail: &WaitingRow) -> UnixTime {
    match mail.kind {
        Kind::SignIn => mail.issued_at.plus(operator.state.config.link_max_age),
        Kind::NewDevice => mail.expires_at,
    }
}

/// What trying one mail again came to.
#[derive(Clone, Debug)]
pub enum One {
    /// It is due now.
    Due(WaitingRow),
    /// It is being sent at this moment.
    UnderWay(WaitingRow),
    /// It is of no use any more: its person has to ask again.
    TooLate(WaitingRow),
    /// There is none whose message id begins so.
    None,
    /// There are several.
    Several,
}

/// Makes the mail due whose message id begins with `start`.
///
/// # Errors
/// If the database fails; then nothing changes.
pub async fn retry_one(operator: &Operator, start: String) -> Result<One, StoreError> {
    operator.note("outbox_retry", None).await?;
    let (now, finder) = (operator.now, start);
    let find =
        operator.state.store.step(move |step| Box::pin(async move { step.mails_that_begin(&finder).await }));
    let mut found = find.await?;
    if found.len() > 1 {
        return Ok(One::Several);
    }
    let Some(mail) = found.pop() else { return Ok(One::None) };
    if ends_at(operator, &mail) <= now {
        return Ok(One::TooLate(mail));
    }
    Ok(match try_again(operator, vec![mail.clone()]).await? {
        0 => One::UnderWay(mail),
        _ => One::Due(mail),
    })
}

/// What trying all mails again came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct All {
    /// They are due now.
    pub due: usize,
    /// They are being sent at this moment.
    pub under_way: usize,
    /// They are of no use any more.
    pub too_late: usize,
}

/// Makes all mails due that wait or were refused, as far as they are of use.
///
/// # Errors
/// If the database fails; some may be due then.
pub async fn retry_all(operator: &Operator) -> Result<All, StoreError> {
    operator.note("outbox_retry", None).await?;
    let mails = operator.state.store.waiting(MOST).await?;
    let (of_use, too_late): (Vec<_>, Vec<_>) =
        mails.into_iter().partition(|mail| ends_at(operator, mail) > operator.now);
    let all = of_use.len();
    let due = try_again(operator, of_use).await?;
    Ok(All { due, under_way: all - due, too_late: too_late.len() })
}

/// Makes mails due that wait for a limit, where `such` picks them: the limit may be one that was cleared.
///
/// # Errors
/// If the database fails; some may be due then.
pub(super) async fn let_go(
    operator: &Operator,
    such: impl Fn(&WaitingRow) -> bool,
) -> Result<usize, StoreError> {
    let mut mails = operator.state.store.waiting(MOST).await?;
    mails.retain(|mail| {
        let waits = matches!(mail.stands, Stands::Due(due) if due > operator.now);
        waits && mail.tries == 0 && such(mail)
    });
    try_again(operator, mails).await
}

/// How many of these are due now.
async fn try_again(operator: &Operator, mails: Vec<WaitingRow>) -> Result<usize, StoreError> {
    let mut due = 0;
    for some in mails.chunks(AT_ONCE) {
        let (me, some) = (operator.clone(), some.to_vec());
        let trying = operator.state.store.step(move |step| {
            Box::pin(async move {
                let mut due = 0;
                for mail in &some {
                    if step.try_again(&mail.message_id, me.now).await? {
                        due += 1;
                        let email = EmailAddress::parse(&mail.email).ok();
                        let note = Note::of(Event::Retried).message_id(&mail.message_id);
                        let note = me.signed(email.iter().fold(note, Note::email));
                        me.state.audit.note(step, me.now, note).await?;
                    }
                }
                Ok(due)
            })
        });
        due += trying.await?;
    }
    // Where it is a server that does this, its workers need not find out by themselves.
    operator.state.outbox_bell.notify_one();
    operator.state.notice_bell.notify_one();
    Ok(due)
}
