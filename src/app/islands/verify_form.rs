//! The button behind a mailed link.

use leptos::{html::Form, prelude::*, server_fn::ServerFn};

use super::Island;
use crate::{
    api::RedeemLink,
    app::{
        given::Given,
        navigate::replace_by_refusal,
        submission::{Progress, Submission, SubmitButton},
    },
};

/// Presses its own button once it is alive; without JavaScript the visitor presses it.
///
/// Nothing is redeemed by GET, because mail scanners and previews fetch every link they see.
#[derive(Debug, Default)]
pub struct VerifyForm {
    /// The token of the link.
    pub token: String,
    pub title: &'static str,
    pub lead_scripted: &'static str,
    pub lead_unscripted: &'static str,
}

impl Island for VerifyForm {
    const NAME: &'static str = "verify-form";

    fn view(self, given: Given) -> impl IntoView + 'static {
        let redeem = Submission::new(given);
        let form = NodeRef::<Form>::new();
        Effect::new(move |_| {
            // A visitor who pressed before this came alive has sent the form already.
            if let Some(form) = form.get_untracked().filter(|form| !form.has_attribute("data-posted")) {
                redeem.send(&form);
            }
        });
        // What may pass leaves the button where it is; for everything else the server has a page.
        Effect::new(move |_| {
            if let Some(refused) = redeem.refused().filter(|refused| !refused.is_passing()) {
                replace_by_refusal(&refused.refusal);
            }
        });
        let trouble = move || redeem.message().filter(|_| redeem.refused().is_some_and(|it| it.is_passing()));
        view! {
            <h1>{self.title}</h1>
            <p class="lead scripted">{self.lead_scripted}</p>
            <p class="lead unscripted">{self.lead_unscripted}</p>
            <form node_ref=form method="post" action=RedeemLink::url() on:submit=redeem.on_submit()>
                <input type="hidden" name="token" value=self.token/>
                <SubmitButton form=redeem/>
                <div class="note">
                    <p class="error" role="alert">{trouble}</p>
                    <Progress form=redeem/>
                </div>
            </form>
        }
    }
}
