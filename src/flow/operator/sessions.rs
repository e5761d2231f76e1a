//! Who is signed in, and ending that.

use super::Operator;
use crate::{
    audit::{Event, Note},
    domain::EmailAddress,
    flow::devices::described,
    store::{Step, StoreError, people::PersonRow, sessions::HashedSessionId},
};

/// Sessions that one step ends: all other steps wait meanwhile.
const AT_ONCE: i64 = 50;
/// Bytes of a session's key that its name shows: with a million sessions two begin alike once in forty million cases.
const NAMED_BY: usize = 8;
/// What the trail says of a session that was ended.
const REASON: &str = "ended_by_the_operator";

/// The name of a session for the operator: the first 16 hexadecimal digits of its key, which is a hash and opens nothing.
pub fn name(session: &HashedSessionId) -> String {
    let mut name = full_name(session);
    name.truncate(2 * NAMED_BY);
    name
}

/// All hexadecimal digits of a session's key. Admins see all sessions, so that it names one is no secret; a MAC, as on its
/// owner's page, could not be looked up.
pub fn full_name(session: &HashedSessionId) -> String {
    session.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key of the session that has this full name.
pub fn key(full_name: &str) -> Option<HashedSessionId> {
    read_name(full_name)?.try_into().ok().map(HashedSessionId::from_bytes)
}

/// The bytes that a name begins with; `None` for what is no name: 8 to 64 hexadecimal digits, an even number of them.
pub fn read_name(name: &str) -> Option<Vec<u8>> {
    let digits = name.as_bytes();
    if !(8..=64).contains(&digits.len())
        || !digits.len().is_multiple_of(2)
        || !digits.iter().all(u8::is_ascii_hexdigit)
    {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(name.get(at..at + 2)?, 16).ok()).collect()
}

/// The sessions that live, of `email` or of everybody; at most `most`, by address.
///
/// # Errors
/// If the database fails.
pub async fn list(
    operator: &Operator,
    email: Option<&EmailAddress>,
    most: usize,
) -> Result<Vec<PersonRow>, StoreError> {
    operator.note("sessions_list", email).await?;
    operator.state.store.people(email, operator.now, most).await
}

/// What ending one session came to.
#[derive(Clone, Debug)]
pub enum One {
    /// It was this one.
    Ended(PersonRow),
    /// There is none of that name that lives.
    None,
    /// There are several whose name begins so.
    Several,
}

/// Ends the session whose key begins with `start`.
///
/// # Errors
/// If the database fails; then it lives.
pub async fn end_one(operator: &Operator, start: Vec<u8>) -> Result<One, StoreError> {
    operator.note("sessions_end", None).await?;
    let me = operator.clone();
    let ending = operator.state.store.step(move |step| {
        Box::pin(async move {
            let mut found = step.people_that_begin(&start, me.now).await?;
            if found.len() > 1 {
                return Ok(One::Several);
            }
            let Some(row) = found.pop() else { return Ok(One::None) };
            end(step, &me, &row).await?;
            Ok(One::Ended(row))
        })
    });
    ending.await
}

/// Ends all sessions that live, of `email` or of everybody; how many they were.
///
/// # Errors
/// If the database fails; some may have ended then.
pub async fn end_all(operator: &Operator, email: Option<&EmailAddress>) -> Result<u64, StoreError> {
    operator.note("sessions_end", email).await?;
    let mut ended = 0;
    loop {
        let (me, email) = (operator.clone(), email.cloned());
        let ending = operator.state.store.step(move |step| {
            Box::pin(async move {
                let some = step.some_people(email.as_ref(), me.now, AT_ONCE).await?;
                for row in &some {
                    end(step, &me, row).await?;
                }
                Ok(some.len() as u64)
            })
        });
        match ending.await? {
            0 => return Ok(ended),
            some => ended += some,
        }
    }
}

async fn end(step: &mut Step, operator: &Operator, row: &PersonRow) -> Result<(), StoreError> {
    if step.end_session(row.session).await? {
        let what = described(row.device, row.created_at);
        let email = EmailAddress::parse(&row.email).ok();
        let note = Note::of(Event::Revoked).reason(REASON).device(&what);
        let note = operator.signed(email.iter().fold(note, Note::email));
        operator.state.audit.note(step, operator.now, note).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_by_its_name() {
        let session = HashedSessionId::of("a session");
        let name = name(&session);
        assert_eq!(name.len(), 16);
        assert!(session.as_bytes().starts_with(&read_name(&name).unwrap()));
        assert_eq!(key(&full_name(&session)), Some(session));
        assert_eq!(key(&name), None);
    }

    #[test]
    fn what_is_no_name_is_none() {
        for name in ["", "12", "1234567", "123456789", "1234567g", "+1+2+3+4", "12345ü67", &"0".repeat(66)] {
            assert_eq!(read_name(name), None, "{name}");
        }
    }
}
