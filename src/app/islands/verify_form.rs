//! The button behind a mailed link.

use leptos::{html::Form, prelude::*, server_fn::ServerFn};

use crate::{
    api::{RedeemLink, redeem_link},
    app::{
        islands::Drawn,
        navigate::replace_by_refusal,
        submission::{Progress, Submission, SubmitButton},
    },
};

/// The texts of the form.
#[derive(Clone, Copy, Debug, Default)]
pub struct VerifyFormWords {
    pub title: &'static str,
    pub lead_scripted: &'static str,
    pub lead_unscripted: &'static str,
}

/// Presses its own button once it is alive; without JavaScript the visitor presses it.
///
/// Nothing is redeemed by GET, because mail scanners and previews fetch every link they see. `button`: its label.
#[island]
pub fn VerifyForm(
    token: String,
    button: String,
    waiting: String,
    words: Drawn<VerifyFormWords>,
) -> impl IntoView {
    let Drawn(words) = words;
    let redeem = Submission::new(None, 0, waiting);
    let call = {
        let token = token.clone();
        move || redeem_link(token.clone())
    };
    let submit = redeem.on_submit(call.clone());
    let form = NodeRef::<Form>::new();
    Effect::new(move |_| {
        // A visitor who pressed before this came alive has sent the form already.
        if form.get_untracked().is_some_and(|form| !form.has_attribute("data-posted")) {
            redeem.send(call());
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
        <h1>{words.title}</h1>
        <p class="lead scripted">{words.lead_scripted}</p>
        <p class="lead unscripted">{words.lead_unscripted}</p>
        <form node_ref=form method="post" action=RedeemLink::url() on:submit=submit>
            <input type="hidden" name="token" value=token/>
            <SubmitButton form=redeem label=button/>
            <div class="note">
                <p class="error" role="alert">{trouble}</p>
                <Progress form=redeem/>
            </div>
        </form>
    }
}
