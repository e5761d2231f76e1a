//! Loads `/`.

use super::{Loaded, Visit};
use crate::{
    app::page::{AppLink, Home, Page},
    domain::Origin,
    flow::{Error, admin::Admin, devices},
};

/// The page of the person who is signed in.
///
/// # Errors
/// `SignedOut` if nobody is, whom the guard has turned away before.
pub async fn load(visit: &Visit<'_>) -> Result<Loaded, Error> {
    let email = visit.visitor.signed_in()?.email().to_string();
    let devices = visit.words().home_devices(devices::count(visit.state, visit.visitor).await?);
    let link = |origin: Origin| AppLink { name: origin.authority().to_owned(), url: format!("{origin}/") };
    let apps = devices::apps(visit.state, visit.visitor)?.into_iter().map(link).collect();
    let is_admin = Admin::of(visit.state, visit.visitor).is_some();
    Ok(Loaded::Page(Page::Home(Home { email, devices, apps, is_admin })))
}
