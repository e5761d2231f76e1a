//! Small pieces that several pages share.

use leptos::prelude::*;

/// The name of the house, above every page.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <p class="mark" aria-hidden="true">
            <svg viewBox="0 0 24 24" width="48" height="48">
                <path class="mark-arch" d="M2 23V11a10 10 0 0 1 20 0v12z"/>
                <path class="mark-light" d="M6 23V11a6 6 0 0 1 12 0v12z"/>
                <g class="mark-leaf">
                    <path d="M6 23V11a6 6 0 0 1 5.3-5.96L14 7.5v13z"/>
                    <circle class="mark-knob" cx="12" cy="14.2" r=".9"/>
                </g>
            </svg>
            <span>"Postern"</span>
        </p>
    }
}

/// A line of good news, announced to screen readers.
#[component]
pub fn NoticeLine(notice: Option<&'static str>) -> impl IntoView {
    notice.map(|notice| view! { <p class="notice" role="status">{notice}</p> })
}
