//! The button that asks for another mail.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{Refused, ResendLink, resend_link},
    app::submission::{Progress, Submission, Trouble},
};

/// The button that asks for another mail. `wait`: seconds until it may be pressed. `again`: what it says then; until then it
/// says `before`, the time that is left, and `after`.
#[island]
pub fn ResendForm(
    wait: u64,
    refused: Option<Refused>,
    again: String,
    before: String,
    after: String,
    waiting: String,
) -> impl IntoView {
    // Without JavaScript the button is always live; the server holds the limit.
    let resend = Submission::new(refused, wait, waiting);
    let submit = resend.on_submit(resend_link);
    let label = move || match resend.countdown() {
        None => resend.label(&again),
        Some(left) => format!("{before}{left}{after}"),
    };
    view! {
        <form method="post" action=ResendLink::url() on:submit=submit>
            <button
                type="submit"
                class="link"
                disabled=resend.waits()
                aria-disabled=resend.busy()
            >
                {label}
            </button>
            <Trouble form=resend id=None/>
            <Progress form=resend/>
        </form>
    }
}
