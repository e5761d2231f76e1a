//! A small chart of sign-ins and refusals: bars as SVG, their sum in a sentence, and every number in a table.

use leptos::prelude::*;

use crate::{
    app::page::admin::{Bar, Chart},
    words::Words,
};

/// The size of the drawing, in its own units.
const WIDTH: usize = 480;
const HEIGHT: u64 = 96;
/// The least height of a bar for something: one sign-in among thousands is still seen.
const LEAST: u64 = 3;

/// A chart.
#[component]
pub fn ChartCard(chart: Chart, words: Words) -> impl IntoView {
    let Chart { id, title, bars } = chart;
    let (heading, sum) = (format!("chart-{id}"), format!("chart-{id}-sum"));
    let total = |of: fn(&Bar) -> u64| bars.iter().map(of).sum::<u64>().to_string();
    let summary = words.admin_chart_sum(&total(|bar| bar.sign_ins), &total(|bar| bar.refusals));
    let most = bars.iter().map(|bar| bar.sign_ins + bar.refusals).max().unwrap_or_default().max(1);
    let step = WIDTH / bars.len().max(1);
    let drawn =
        bars.iter().enumerate().map(|(place, bar)| draw(bar, place * step, step, most)).collect_view();
    let rows = bars.iter().map(|bar| {
        view! {
            <tr>
                <th scope="row">{bar.label.clone()}</th>
                <td>{bar.sign_ins}</td>
                <td>{bar.refusals}</td>
            </tr>
        }
    });
    let (labelled_by, name) = (format!("{heading} {sum}"), heading.clone());
    view! {
        <section class="card chart" aria-labelledby=heading.clone()>
            <h2 id=name>{title}</h2>
            <p id=sum class="hint">{summary}</p>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-labelledby=labelled_by>
                <path class="ground" d=format!("M0 {}.5h{WIDTH}", HEIGHT - 1)/>
                {drawn}
            </svg>
            <p class="legend">
                <span class="of-sign-ins">{words.admin_sign_ins()}</span>
                <span class="of-refusals">{words.admin_refusals()}</span>
            </p>
            <details>
                <summary>{words.admin_chart_table()}</summary>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{words.admin_chart_when()}</th>
                            <th scope="col">{words.admin_sign_ins()}</th>
                            <th scope="col">{words.admin_refusals()}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </details>
        </section>
    }
}

/// The bar of one part of the span: sign-ins below, refusals on top of them.
fn draw(bar: &Bar, left: usize, step: usize, most: u64) -> impl IntoView + use<> {
    let height = |of: u64| if of == 0 { 0 } else { (of * (HEIGHT - 8) / most).max(LEAST) };
    let (gap, ground) = (if step > 40 { 16 } else { 4 }, HEIGHT - 1);
    let (sign_ins, refusals) = (height(bar.sign_ins), height(bar.refusals));
    let rect = |class: &'static str, bottom: u64, height: u64| {
        (height > 0).then(|| {
            view! { <rect class=class x=left + gap / 2 y=bottom - height width=step - gap height=height rx="2"/> }
        })
    };
    [rect("of-sign-ins", ground, sign_ins), rect("of-refusals", ground - sign_ins, refusals)]
        .into_iter()
        .collect_view()
}
