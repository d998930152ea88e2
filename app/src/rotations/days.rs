//! The days of the calendar.

use crate::ui::{Chip, Tone, format::counted, format::day};
use claviger_domain::rotations::{
    calendar::{CalendarDay, CalendarEntry, CalendarQuery, Collision, Progress, Span, WEEKDAYS},
    schedule::Window,
};
use leptos::prelude::*;
use time::{Date, OffsetDateTime};

pub(super) fn progress_label(progress: Progress, now: OffsetDateTime) -> (Tone, String) {
    let days = |at: OffsetDateTime| match (now - at).whole_days() {
        0 => "today".to_owned(),
        1 => "for 1 day".to_owned(),
        days => format!("for {days} days"),
    };
    match progress {
        Progress::Good => (Tone::Good, "On time".into()),
        Progress::Overdue { since } => (Tone::Bad, format!("Overdue {}", days(since))),
        Progress::Failed { at } => (Tone::Bad, format!("Failed {}", days(at))),
        Progress::Stuck => (Tone::Bad, "Stuck (AWSPENDING)".into()),
    }
}

fn element_id(date: Date) -> String {
    format!("d-{date}")
}

/// `08:00–12:00`; a window that ends with its day ends at 24:00.
fn hours(window: &Window) -> String {
    let end = match window.closes.hour() {
        0 => 24,
        hour => hour,
    };
    format!("{:02}:00–{end:02}:00", window.opens.hour())
}

#[component]
pub(super) fn Week(days: Vec<CalendarDay>, today: Date) -> impl IntoView {
    days.into_iter().map(|one| view! { <Day one today /> }).collect_view()
}

#[component]
fn Day(one: CalendarDay, today: Date) -> impl IntoView {
    let title = format!("{}, {}", one.date.weekday(), day(one.date));
    let is_today =
        (one.date == today).then(|| view! { " "<span class="chip plain">"Today"</span> });
    let flags = view! { <Flags one=one.clone() /> };
    let listed = one.entries.len();
    let rows = one.entries.into_iter().map(|entry| view! { <Entry entry /> }).collect_view();
    let count = usize::try_from(one.secrets).unwrap_or(usize::MAX);
    let more = (count > listed).then(|| {
        let text = format!("And {} more on this day. Choose a team or an account.", count - listed);
        view! { <p class="note">{text}</p> }
    });
    let content = if listed == 0 {
        view! { <p class="faint">"No window opens."</p> }.into_any()
    } else {
        view! { <ul class="rotations">{rows}</ul> }.into_any()
    };
    let said = one
        .collisions
        .iter()
        .map(|collision| view! { <p class="note">{collision_text(collision)}</p> })
        .collect_view();
    view! {
        <section class="panel day" id=element_id(one.date) aria-label=title.clone()>
            <h2>{title.clone()}{is_today}</h2>
            {flags}
            {said}
            {content}
            {more}
        </section>
    }
}

fn collision_text(collision: &Collision) -> String {
    match collision {
        Collision::Function { arn, secrets } => {
            let function = arn.rsplit(':').next().unwrap_or(arn);
            format!(
                "Collision: the function {function} rotates {secrets} secrets in windows that overlap."
            )
        }
        Collision::Crowd { account_name, region, opens, secrets } => format!(
            "Collision: {secrets} windows open at {:02}:00 UTC in {account_name}, {region}.",
            opens.hour()
        ),
    }
}

/// What is to be seen of a day at a glance.
#[component]
fn Flags(one: CalendarDay) -> impl IntoView {
    let mut chips: Vec<(Tone, String)> = Vec::new();
    if one.troubled > 0 {
        chips.push((Tone::Bad, format!("{} late or failing", one.troubled)));
    }
    if one.in_blackout > 0 {
        chips.push((Tone::Bad, format!("{} in a blackout", one.in_blackout)));
    }
    chips.extend(one.blackouts.iter().map(|name| (Tone::Soon, format!("Blackout: {name}"))));
    if !one.collisions.is_empty() {
        let count = u64::try_from(one.collisions.len()).unwrap_or(u64::MAX);
        chips.push((Tone::Soon, counted(count, "collision", "collisions")));
    }
    (!chips.is_empty()).then(|| {
        let chips = chips.into_iter().map(|(tone, text)| view! { <Chip tone text />" " });
        view! { <p class="chips">{chips.collect_view()}</p> }
    })
}

#[component]
fn Entry(entry: CalendarEntry) -> impl IntoView {
    let href = format!("/inventory/{}/rotation", entry.resource);
    let times: Vec<String> = entry.windows.iter().map(hours).collect();
    let place = match &entry.team {
        Some(team) => format!("{team}, {}, {}", entry.account_name, entry.region),
        None => format!("No owner, {}, {}", entry.account_name, entry.region),
    };
    let expected =
        entry.is_expected.then(|| view! { <span class="chip plain">"Expected"</span>" " });
    let trouble = match entry.progress {
        Progress::Good => None,
        Progress::Overdue { .. } => Some("Overdue"),
        Progress::Failed { .. } => Some("Failed"),
        Progress::Stuck => Some("Stuck"),
    };
    let trouble = trouble.map(|text| view! { <Chip tone=Tone::Bad text />" " });
    let blackout = (!entry.blackouts.is_empty()).then(|| {
        let text = format!("In blackout: {}", entry.blackouts.join(", "));
        view! { <Chip tone=Tone::Bad text />" " }
    });
    let collides = entry.collides.then(|| view! { <Chip tone=Tone::Soon text="Collision" /> });
    view! {
        <li>
            <span class="times">{times.join(", ")}</span>
            <span class="what"><a href=href class="mono wrap">{entry.name}</a><small class="faint">{place}</small></span>
            <span class="flags">{expected}{trouble}{blackout}{collides}</span>
        </li>
    }
}

/// A grid of weeks where it fits, a list of days where not. Each day leads to its week.
#[component]
pub(super) fn Month(days: Vec<CalendarDay>, query: CalendarQuery, today: Date) -> impl IntoView {
    let heads = WEEKDAYS.map(|weekday| {
        let name: String = weekday.to_string().chars().take(3).collect();
        view! { <span>{name}</span> }
    });
    let before = days.first().map_or(0, |one| one.date.weekday().number_days_from_monday());
    let blanks = (0..before).map(|_| view! { <li class="blank" aria-hidden="true"></li> });
    let cells = days
        .into_iter()
        .map(|one| {
            let week = CalendarQuery { span: Span::Week, on: Some(one.date), ..query.clone() };
            let href = format!("{}#{}", week.path(), element_id(one.date));
            let class = if one.date == today { "today" } else { "" };
            let count = match one.secrets {
                0 => view! { <span class="faint">"None"</span> }.into_any(),
                count => counted(count.into(), "secret", "secrets").into_any(),
            };
            let label = format!("{} {}", one.date.day(), one.date.month());
            view! {
                <li class=class>
                    <a href=href>{label}</a>
                    <span class="number">{count}</span>
                    <Flags one=one.clone() />
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="panel month">
            <div class="heads" aria-hidden="true">{heads.into_iter().collect_view()}</div>
            <ol>{blanks.collect_view()}{cells}</ol>
        </div>
    }
}
