//! The next windows of a schedule: a line on which they stand, and each in words.

use crate::{
    ui::format::{absolute, machine},
    wire::server::zone,
};
use claviger_domain::rotations::schedule::{NextWindows, Window};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The drawing's width and height.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 20.0;
/// A window of an hour in a year is still seen.
const NARROWEST: f64 = 3.0;

/// The next windows. Times are in UTC, and also in the browser's zone for those who have chosen it.
#[component]
pub(crate) fn WindowList(next: NextWindows) -> impl IntoView {
    let note = next.is_expected.then(|| {
        view! { <p class="note">"Only the first follows from the schedule alone: the interval is counted from each rotation, and a new value stored by hand counts as one."</p> }
    });
    let is_local = zone().is_some();
    let rows =
        next.windows.iter().map(|window| view! { <Row window=*window is_local /> }).collect_view();
    view! {
        <Line windows=next.windows.clone() from=next.from />
        <ol class="windows">{rows}</ol>
        {note}
    }
}

#[component]
fn Row(window: Window, is_local: bool) -> impl IntoView {
    let hours = (window.closes - window.opens).whole_hours();
    let length = if hours == 1 { "1 hour".to_owned() } else { format!("{hours} hours") };
    let opens = window.opens;
    let local = is_local.then(|| {
        view! { " "<span class="faint">"(local: "<time datetime=machine(opens)>{absolute(opens)}</time>")"</span> }
    });
    view! { <li>{absolute(opens)}", for "{length}{local}</li> }
}

/// From now to the end of the last one.
#[component]
fn Line(windows: Vec<Window>, from: OffsetDateTime) -> impl IntoView {
    let end = windows.last().map_or(from, |window| window.closes);
    let whole = (end - from).as_seconds_f64().max(1.0);
    let at = |time: OffsetDateTime| ((time - from).as_seconds_f64() / whole * WIDTH).max(0.0);
    let bars = windows
        .iter()
        .map(|window| {
            let x = at(window.opens).min(WIDTH - NARROWEST);
            let width = (at(window.closes) - x).max(NARROWEST);
            view! { <rect x=px(x) y="3" width=px(width) height="14" rx="2" /> }
        })
        .collect_view();
    let view_box = format!("0 0 {WIDTH} {HEIGHT}");
    view! {
        <svg class="window-line" viewBox=view_box preserveAspectRatio="none" aria-hidden="true">
            <line x1="0" y1="10" x2=px(WIDTH) y2="10" />
            {bars}
        </svg>
    }
}

fn px(number: f64) -> String {
    format!("{number:.1}")
}
