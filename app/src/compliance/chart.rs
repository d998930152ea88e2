//! The trend as a drawing, with its numbers in a table behind it.

use super::labels::percent;
use crate::ui::format::{day, grouped};
use claviger_domain::compliance::view::DayScore;
use leptos::prelude::*;
use std::fmt::Write;

const WIDTH: u32 = 620;
const HEIGHT: u32 = 150;

/// The path through the days, between the lowest and the highest score.
fn path(days: &[DayScore], low: u32, high: u32) -> String {
    let first = days.first().map(|day| day.day);
    // Days between may be missing, so the place of each is by its date.
    let since = |day: &DayScore| {
        first.map_or(0, |first| u32::try_from((day.day - first).whole_days()).unwrap_or(0))
    };
    let last = days.last().map_or(1, since).max(1);
    let span = (high - low).max(1);
    days.iter().enumerate().fold(String::new(), |mut line, (nth, day)| {
        let at = since(day);
        let score = day.score.per_mille().unwrap_or(low);
        let x = at * WIDTH / last;
        let y = HEIGHT - (score - low) * HEIGHT / span;
        let _ = write!(line, "{}{x} {y}", if nth == 0 { "M" } else { "L" });
        line
    })
}

#[component]
pub(crate) fn Trend(days: Vec<DayScore>) -> impl IntoView {
    let scores: Vec<u32> = days.iter().filter_map(|day| day.score.per_mille()).collect();
    let (Some(low), Some(high)) = (scores.iter().min(), scores.iter().max()) else {
        return view! { <p class="faint">"The trend begins with the first day on which everything has been scanned and evaluated."</p> }.into_any();
    };
    if days.len() == 1 {
        return view! { <p class="faint">"Trend available after the first week."</p> }.into_any();
    }
    // Some room, so that a flat line does not lie on the edge.
    let (low, high) = (low.saturating_sub(20), (high + 20).min(1000));
    let line = path(&days, low, high);
    let said = format!(
        "The score from {} to {}",
        percent(scores.first().copied()),
        percent(scores.last().copied())
    );
    let ends = days.first().zip(days.last()).map(|(a, b)| (day(a.day), day(b.day)));
    let rows = days
        .iter()
        .rev()
        .map(|row| {
            view! {
                <tr>
                    <td>{day(row.day)}</td>
                    <td class="number">{percent(row.score.per_mille())}</td>
                    <td class="number">{grouped(row.fail)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <svg class="trend" viewBox=format!("0 -8 {WIDTH} {}", HEIGHT + 16) role="img" aria-label=said preserveAspectRatio="none">
            <path d=line fill="none" stroke="currentColor" stroke-width="2" vector-effect="non-scaling-stroke" />
        </svg>
        {ends.map(|(from, to)| view! { <p class="ends faint"><span>{from}</span><span>{to}</span></p> })}
        <details class="behind">
            <summary>"The numbers"</summary>
            <table class="plain">
                <thead><tr><th scope="col">"Day"</th><th scope="col" class="number">"Score"</th><th scope="col" class="number">"Failing"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .into_any()
}
