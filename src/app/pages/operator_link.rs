//! /verify with a link that the operator has made: says what it is and whom it signs in, and waits for the button.

use leptos::{prelude::*, server_fn::ServerFn};

use super::components::{Marked, PageTitle};
use crate::{
    api::RedeemOperatorLink,
    words::{Words, marked::mark},
};

/// A plain form that no script presses: such a link works in any browser, so whoever opens it should see as whom.
#[component]
pub fn OperatorLinkPage(token: String, email: String, words: Words) -> impl IntoView {
    view! {
        <PageTitle title=words.operator_link_title()/>
        <section class="card">
            <h1>{words.operator_link_title()}</h1>
            <p class="lead"><Marked sentence=words.operator_link_lead(&mark(&email))/></p>
            <p class="hint">{words.operator_link_hint()}</p>
            <form class="actions" method="post" action=RedeemOperatorLink::url()>
                <input type="hidden" name="token" value=token/>
                <button type="submit" class="button">{words.operator_link_button()}</button>
                <a class="button quiet" href="/login">{words.operator_link_leave()}</a>
            </form>
        </section>
    }
}
