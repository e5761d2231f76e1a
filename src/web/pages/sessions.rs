//! Loads `/sessions`.

use super::{Loaded, Visit};
use crate::{
    app::page::{DeviceLine, Moment, Page, Sessions},
    domain::UnixTime,
    flow::{
        Error,
        devices::{self, SignedInDevice},
    },
    words::{Words, utc},
};

/// The devices that are signed in as the person who asks.
///
/// # Errors
/// `SignedOut` if nobody is, whom the guard has turned away before.
pub async fn load(visit: &Visit<'_>) -> Result<Loaded, Error> {
    let found = devices::list(visit.state, visit.visitor).await?;
    let (now, words) = (visit.state.clock.now(), visit.words());
    Ok(Loaded::Page(Page::Sessions(Sessions {
        email: visit.visitor.signed_in()?.email().to_string(),
        devices: found.listed.into_iter().map(|device| line(device, now, words)).collect(),
        left_out: (found.left_out > 0).then(|| words.devices_left_out(found.left_out)),
        notice: visit.notice(),
        refused: visit.refusal().map(|refusal| visit.sentence(&refusal)),
    })))
}

fn line(device: SignedInDevice, now: UnixTime, words: Words) -> DeviceLine {
    DeviceLine {
        id: device.id,
        name: words.device(device.device),
        is_handheld: device.device.is_handheld(),
        is_this: device.is_this,
        first_seen: moment(device.first_seen, now, words),
        last_seen: moment(device.last_seen, now, words),
        apps: device.apps.iter().map(|origin| origin.authority().to_owned()).collect(),
    }
}

/// A moment of the past, for people and for machines.
pub fn moment(at: UnixTime, now: UnixTime, words: Words) -> Moment {
    let utc = utc(at);
    let datetime = format!("{}T{:02}:{:02}:{:02}Z", utc.date(), utc.hour(), utc.minute(), utc.second());
    Moment { words: words.ago(now.since(at)), datetime }
}
