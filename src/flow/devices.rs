//! The devices of a person: everything that is signed in as them, for them to see and to end.
//!
//! Nobody sees or ends anything of somebody else: each statement names the address of whoever asks. Whose session an id
//! names that is not one's own, and whether it names any, is not told.

use super::{Error, Visitor, sign_out::sign_out};
use crate::{
    audit::{Event, Note},
    domain::{Device, EmailAddress, Origin, UnixTime},
    refusal::Refusal,
    session::public_name,
    state::AppState,
    store::{Step, StoreError, devices::DeviceRow, sessions::HashedSessionId},
    words::moment,
};

/// Devices that are listed; those last seen. Who has more is told how many, and can end them all together.
const MOST_LISTED: usize = 50;
/// Apps that are listed below all of them.
const MOST_APPS: usize = 500;

/// A device that is signed in as the person who asks.
#[derive(Clone, Debug)]
pub struct SignedInDevice {
    /// The name by which it is ended.
    pub id: String,
    /// Browser and system.
    pub device: Device,
    /// Whether it is the one that asks.
    pub is_this: bool,
    /// The sign-in.
    pub first_seen: UnixTime,
    /// The last request, about a minute exact.
    pub last_seen: UnixTime,
    /// The apps behind the gateway that it has opened and may still open.
    pub apps: Vec<Origin>,
}

/// The devices of a person.
#[derive(Clone, Debug)]
pub struct Devices {
    /// This one, then those last seen; at most [`MOST_LISTED`].
    pub listed: Vec<SignedInDevice>,
    /// How many are not listed.
    pub left_out: u64,
}

/// The devices that are signed in as the person who asks.
///
/// # Errors
/// `SignedOut` if nobody is signed in.
pub async fn list(state: &AppState, visitor: &Visitor) -> Result<Devices, Error> {
    let (person, this) = (visitor.signed_in()?, own_session(visitor)?);
    let (email, now, gateway) = (person.email(), state.clock.now(), state.gateway.get());
    let rows = state.store.devices(email, this, now, MOST_LISTED).await?;
    let left_out = state.store.count_devices(email, now).await?.saturating_sub(rows.len() as u64);
    let opened = state.store.apps_of_devices(email, now, MOST_APPS).await?;
    let may_open = |origin: &Origin| gateway.app(origin).is_some_and(|app| app.allows(email));
    let listed = rows.into_iter().map(|row| {
        let origins = opened.iter().filter(|(session, _)| *session == row.session);
        SignedInDevice {
            id: public_name(&state.config.keys.primary, &row.session),
            device: row.device,
            is_this: row.session == this,
            first_seen: row.created_at,
            last_seen: row.last_seen_at,
            apps: origins.filter_map(|(_, origin)| Origin::parse(origin).ok()).filter(may_open).collect(),
        }
    });
    Ok(Devices { listed: listed.collect(), left_out })
}

/// How many devices are signed in as the person who asks, this one included.
///
/// # Errors
/// `SignedOut` if nobody is signed in.
pub async fn count(state: &AppState, visitor: &Visitor) -> Result<u64, Error> {
    Ok(state.store.count_devices(visitor.signed_in()?.email(), state.clock.now()).await?)
}

/// The apps behind the gateway that the person who asks may open, and whose address is known.
///
/// # Errors
/// `SignedOut` if nobody is signed in.
pub fn apps(state: &AppState, visitor: &Visitor) -> Result<Vec<Origin>, Error> {
    let email = visitor.signed_in()?.email();
    Ok(state.gateway.get().named_for(email).cloned().collect())
}

/// What was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The session of the device that asked.
    This,
    /// That of another one.
    Other,
}

/// Ends the session of the device called `id`, and with it those of its apps. That of the device that asks is ended as by
/// signing out.
///
/// # Errors
/// `SignedOut`; `NoSuchSession` for everything that is not the name of a session of one's own.
pub async fn end(state: &AppState, visitor: &Visitor, id: &str) -> Result<Ended, Error> {
    let (this, key) = (own_session(visitor)?, state.config.keys.primary.clone());
    if public_name(&key, &this) == id {
        sign_out(state, visitor).await?;
        return Ok(Ended::This);
    }
    let id = id.to_owned();
    let is_meant = move |session: &HashedSessionId| public_name(&key, session) == id;
    match end_where(state, visitor, "ended_from_another_device", is_meant).await? {
        0 => Err(Refusal::NoSuchSession.into()),
        _ => Ok(Ended::Other),
    }
}

/// Ends the sessions of all devices but the one that asks, and with them those of their apps. That there is none is fine.
///
/// # Errors
/// `SignedOut` if nobody is signed in.
pub async fn end_others(state: &AppState, visitor: &Visitor) -> Result<(), Error> {
    end_where(state, visitor, "all_others_ended", |_| true).await.map(drop)
}

/// Ends those sessions of the person that `is_meant` picks, except the one that asks, in one step; how many there were.
async fn end_where(
    state: &AppState,
    visitor: &Visitor,
    reason: &'static str,
    is_meant: impl Fn(&HashedSessionId) -> bool + Clone + Send + Sync + 'static,
) -> Result<usize, Error> {
    let (email, this) = (visitor.signed_in()?.email().clone(), own_session(visitor)?);
    let (audit, client, now) = (state.audit, visitor.client.clone(), state.clock.now());
    let ended = state.store.step(move |step| {
        Box::pin(async move {
            // Two devices may end each other at the same time: the one that has been ended ends nothing any more.
            if step.session(this, now).await?.is_none() {
                return Ok(Err(Refusal::SignedOut));
            }
            let mut ended = 0;
            for device in others(step, &email, this, now).await? {
                if is_meant(&device.session) && step.end_session(device.session).await? {
                    let what = described(device.device, device.created_at);
                    let note = Note::of(Event::Revoked).reason(reason).email(&email);
                    audit.note(step, now, note.client(&client).device(&what)).await?;
                    ended += 1;
                }
            }
            Ok(Ok(ended))
        })
    });
    Ok(ended.await??)
}

async fn others(
    step: &mut Step,
    email: &EmailAddress,
    this: HashedSessionId,
    now: UnixTime,
) -> Result<Vec<DeviceRow>, StoreError> {
    let mut devices = step.devices(email, this, now).await?;
    devices.retain(|device| device.session != this);
    Ok(devices)
}

/// The session of whoever is signed in. There is always one.
fn own_session(visitor: &Visitor) -> Result<HashedSessionId, Refusal> {
    visitor.session.key().ok_or(Refusal::SignedOut)
}

/// A device for the trail: its names, and the sign-in that is noted there too.
pub(super) fn described(device: Device, signed_in: UnixTime) -> String {
    let names = [device.browser, device.system].into_iter().flatten().map(str::to_owned);
    names.chain([format!("since {}", moment(signed_in))]).collect::<Vec<_>>().join(", ")
}
