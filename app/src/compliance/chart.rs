//! The score over time as a drawing, with its events, and the numbers in a table behind it.

use super::{
    labels::percent,
    layout::{css, height, path, scale},
};
use crate::ui::format::{day, grouped};
use claviger_domain::compliance::{
    Score,
    history::{PostureEvent, moved},
    view::DayScore,
};
use leptos::prelude::*;
use std::{cmp::Ordering, collections::BTreeMap};
use time::Date;

/// How the score moved within a week, as a word on its colour.
#[component]
pub(super) fn Moved(before: Option<Score>, now: Score) -> impl IntoView {
    moved(before, now).map(|(way, by)| {
        let by = percent(Some(by));
        let (class, text) = match way {
            Ordering::Greater => ("moved good", format!("up {by}")),
            Ordering::Less => ("moved bad", format!("down {by}")),
            Ordering::Equal => ("moved unknown", "unchanged".to_owned()),
        };
        view! { <span class=class>{text}" "<span class="span">"this week"</span></span> }
    })
}

/// An event in a sentence, and the page that has more of it.
fn event_text(event: &PostureEvent) -> (String, String) {
    match event {
        PostureEvent::Policy { policy, is_disabled: true, .. } => {
            (format!("Policy {policy} disabled"), format!("/policies/{policy}"))
        }
        PostureEvent::Policy { policy, version: 1, .. } => {
            (format!("Policy {policy} added"), format!("/policies/{policy}"))
        }
        PostureEvent::Policy { policy, version, .. } => {
            (format!("Policy {policy} changed, version {version}"), format!("/policies/{policy}"))
        }
        PostureEvent::Plan { plan, title, .. } => {
            (format!("Plan P-{plan} applied: {title}"), format!("/remediation/P-{plan}"))
        }
    }
}

/// The events of each day.
fn by_day(events: &[PostureEvent]) -> BTreeMap<Date, Vec<&PostureEvent>> {
    let mut days: BTreeMap<Date, Vec<&PostureEvent>> = BTreeMap::new();
    for event in events {
        days.entry(event.at().date()).or_default().push(event);
    }
    days
}

/// The line, from `days`, with a mark for each day with events.
#[component]
pub(super) fn Trend(
    days: Vec<DayScore>,
    #[prop(default = Vec::new())] events: Vec<PostureEvent>,
) -> impl IntoView {
    let scores: Vec<u32> = days.iter().filter_map(|day| day.score.per_mille()).collect();
    let ends = days.first().map(|day| day.day).zip(days.last().map(|day| day.day));
    let (Some(range), Some((from, to))) = (scale(scores.iter().copied()), ends) else {
        return view! { <p class="faint">"The trend begins with the first day on which everything has been scanned and evaluated."</p> }.into_any();
    };
    if from == to {
        return view! { <p class="faint">"Trend available after the first week."</p> }.into_any();
    }
    // Days between may be missing, so the place of each is by its date.
    let days_since = |at: Date| f64::from(i32::try_from((at - from).whole_days()).unwrap_or(0));
    let place = |at: Date| days_since(at) * 100.0 / days_since(to).max(1.0);
    let points: Vec<_> = days.iter().map(|day| (place(day.day), day.score.per_mille())).collect();
    let line = path(&points, range);
    let said = format!(
        "The score from {} on {} to {} on {}",
        percent(scores.first().copied()),
        day(from),
        percent(scores.last().copied()),
        day(to)
    );
    let marked = by_day(&events);
    let marks = marked
        .iter()
        .filter(|(at, _)| **at >= from && **at <= to)
        .map(|(at, events)| {
            let has_plan = events.iter().any(|event| matches!(event, PostureEvent::Plan { .. }));
            let class = if has_plan { "event plan" } else { "event" };
            view! { <g class=class><line x1=css(place(*at)) x2=css(place(*at)) y1="0" y2="100%" /><circle cx=css(place(*at)) cy="100%" r="4" /></g> }
        })
        .collect_view();
    let has_marks = marked.keys().any(|at| *at >= from && *at <= to);
    let middle = u32::midpoint(range.0, range.1);
    let lines = [range.1, middle, range.0].map(|value| {
        let y = css(100.0 - height(value, range));
        view! { <line class="grid" x1="0" x2="100%" y1=y.clone() y2=y /> }
    });
    let labels =
        [range.1, middle, range.0].map(|value| view! { <span>{(value / 10).to_string()}</span> });
    let last = points.last().map(|(x, value)| {
        view! { <circle class="now" cx=css(*x) cy=css(100.0 - height(value.unwrap_or(range.0), range)) r="4" /> }
    });
    view! {
        <div class="trend">
            <svg role="img" aria-label=said>
                {lines.collect_view()}{marks}
                <svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%">
                    <path d=line fill="none" vector-effect="non-scaling-stroke" />
                </svg>
                {last}
            </svg>
            <p class="scale faint" aria-hidden="true">{labels.collect_view()}</p>
        </div>
        <p class="ends faint"><span>{day(from)}</span>
            {has_marks.then(|| view! { <span class="legend"><i class="mark policy"></i>"policy changed "<i class="mark plan"></i>"plan applied"</span> })}
            <span>{day(to)}</span>
        </p>
        <Numbers days events />
    }
    .into_any()
}

#[component]
fn Numbers(days: Vec<DayScore>, events: Vec<PostureEvent>) -> impl IntoView {
    let mut links: BTreeMap<Date, AnyView> = by_day(&events)
        .into_iter()
        .map(|(at, events)| {
            let links = events
                .into_iter()
                .map(|event| {
                    let (text, href) = event_text(event);
                    view! { <a href=href class="event">{text}</a>" " }
                })
                .collect_view();
            (at, links.into_any())
        })
        .collect();
    let mut rows: BTreeMap<Date, (Option<DayScore>, AnyView)> = BTreeMap::new();
    for row in days {
        let of_day = links.remove(&row.day).unwrap_or_else(|| ().into_any());
        rows.insert(row.day, (Some(row), of_day));
    }
    rows.extend(links.into_iter().map(|(at, of_day)| (at, (None, of_day))));
    let rows = rows
        .into_iter()
        .rev()
        .map(|(at, (row, links))| {
            view! {
                <tr>
                    <td>{day(at)}</td>
                    <td class="number">{percent(row.and_then(|row| row.score.per_mille()))}</td>
                    <td class="number">{row.map_or_else(|| "–".into(), |row| grouped(row.fail))}</td>
                    <td>{links}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="behind">
            <summary>"The numbers"</summary>
            <div class="scrolls tall" tabindex="0" role="region" aria-label="The score by day">
                <table class="plain">
                    <thead><tr><th scope="col">"Day"</th><th scope="col" class="number">"Score"</th><th scope="col" class="number">"Failing"</th><th scope="col">"Events"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}
