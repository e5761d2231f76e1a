//! The button that asks for another mail.

use leptos::{prelude::*, server_fn::ServerFn};

use super::Island;
use crate::{
    api::ResendLink,
    app::{
        given::{Given, Say},
        submission::{Progress, Submission, Trouble},
    },
};

/// The button that asks for another mail. Until it may be pressed, it says how long that takes.
#[derive(Debug, Default)]
pub struct ResendForm;

impl Island for ResendForm {
    const NAME: &'static str = "resend-form";

    fn view(self, given: Given) -> impl IntoView + 'static {
        // Without JavaScript the button is always live; the server holds the limit.
        let resend = Submission::new(given);
        let label = move || match resend.countdown() {
            None => resend.label(),
            Some(left) => resend.say(Say::Before) + &left + &resend.say(Say::After),
        };
        view! {
            <form method="post" action=ResendLink::url() on:submit=resend.on_submit()>
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
}
