//! The button that asks for another mail.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{Refused, ResendLink, resend_link},
    app::submission::Submission,
};

/// The button that asks for another mail. `wait`: seconds until it may be pressed. `again`: what it says then; until then it
/// says `before`, the time that is left, and `after`. `unreachable`: for when no answer comes.
#[island]
pub fn ResendForm(
    wait: u64,
    refused: Option<Refused>,
    again: String,
    before: String,
    after: String,
    unreachable: String,
) -> impl IntoView {
    // Without JavaScript the button is always live; the server holds the limit.
    let resend = Submission::new(refused, wait, unreachable);
    let submit = resend.on_submit(resend_link);
    let label = move || match resend.countdown() {
        None => again.clone(),
        Some(left) => format!("{before}{left}{after}"),
    };
    view! {
        <form method="post" action=ResendLink::url() on:submit=submit>
            <button type="submit" class="link" disabled=move || resend.countdown().is_some()>{label}</button>
            <p class="error" role="alert">{move || resend.message()}</p>
        </form>
    }
}
