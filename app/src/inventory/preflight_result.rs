//! What a pre-flight found: what fails first, with what to do; what passes is folded.

use crate::rotations::WindowList;
use crate::ui::{
    Chip, Tone,
    format::{absolute, counted},
};
use claviger_domain::{
    remediation::preflight::{
        PreflightCheck, PreflightCounts, PreflightForm, PreflightResult, PreflightView,
    },
    rotations::schedule::{NextWindows, Schedule, Since},
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(super) fn PreflightFound(shown: PreflightView) -> impl IntoView {
    let counts = shown.counts();
    let (tone, said) = summary(counts);
    let onward = {
        let of = format!("resource={}", shown.resource);
        format!("/remediation/new?{}", shown.form.remediation().to_url_query(&of))
    };
    let at = absolute(shown.as_of);
    let mut open = Vec::new();
    let (mut passing, mut not_applicable) = (Vec::new(), Vec::new());
    for check in shown.checks {
        match check.result {
            PreflightResult::Passes(_) => passing.push(check),
            PreflightResult::NotApplicable(_) => not_applicable.push(check),
            _ => open.push(check),
        }
    }
    let folded = [("pass", "passes", passing), ("do not apply", "does not apply", not_applicable)]
        .into_iter()
        .filter(|(.., checks)| !checks.is_empty())
        .map(|(many, one, checks)| {
            let count = u64::try_from(checks.len()).unwrap_or(0);
            let one = format!("check {one}");
            let many = format!("checks {many}");
            view! {
                <details>
                    <summary>{counted(count, &one, &many)}</summary>
                    <CheckList checks />
                </details>
            }
        })
        .collect_view();
    let windows = next_windows(&shown.form, shown.as_of).map(|next| {
        view! { <h3>"Next rotation windows"</h3><WindowList next /> }
    });
    view! {
        <div class=format!("notice {} preflight-summary", tone.class())>
            <p><strong>{said}</strong>" Read from AWS "{at}"."</p>
        </div>
        <CheckList checks=open />
        {folded}
        {windows}
        <p class="actions"><a class="button" href=onward>"Configure rotation"</a></p>
    }
}

/// The windows of the form's schedule, where it is one that AWS takes.
fn next_windows(form: &PreflightForm, now: OffsetDateTime) -> Option<NextWindows> {
    let text = |field: &str| Some(field.trim().to_owned()).filter(|text| !text.is_empty());
    let days = match text(&form.days) {
        Some(days) => Some(days.parse().ok()?),
        None => None,
    };
    let (schedule, duration) = (text(&form.schedule), text(&form.duration));
    let schedule = Schedule::read(days, schedule.as_deref(), duration.as_deref()).ok()?;
    Some(schedule.next_windows(Since::Set(now), now))
}

fn summary(counts: PreflightCounts) -> (Tone, String) {
    let PreflightCounts { failing, warning, unknown, .. } = counts;
    let mut said = match failing {
        0 => "Nothing was found that makes it fail.".to_owned(),
        1 => "A rotation would fail for 1 cause.".to_owned(),
        more => format!("A rotation would fail for {more} causes."),
    };
    if warning > 0 {
        let more = counted(warning.into(), "thing to correct.", "things to correct.");
        said = format!("{said} {more}");
    }
    if unknown > 0 {
        let more = counted(unknown.into(), "check is unknown.", "checks are unknown.");
        said = format!("{said} {more}");
    }
    let tone = match (failing, warning) {
        (1.., _) => Tone::Bad,
        (0, 1..) => Tone::Soon,
        // What is unknown is never shown as good, and the host always is.
        (0, 0) => Tone::Unknown,
    };
    (tone, said)
}

#[component]
pub(super) fn CheckList(checks: Vec<PreflightCheck>) -> impl IntoView {
    let rows = checks
        .into_iter()
        .map(|PreflightCheck { cause, result }| {
            let (tone, word, text, fix) = match result {
                PreflightResult::Fails { text, fix } => (Tone::Bad, "Fails", text, Some(fix)),
                PreflightResult::Warns { text, fix } => (Tone::Soon, "Correct", text, Some(fix)),
                PreflightResult::Unknown(why) => (Tone::Unknown, "Unknown", why, None),
                PreflightResult::Passes(text) => (Tone::Good, "Passes", text, None),
                PreflightResult::NotApplicable(why) => (Tone::Unknown, "Not applicable", why, None),
            };
            let fix =
                fix.map(|fix| view! { <p class="wrap"><strong>"What to do: "</strong>{fix}</p> });
            view! {
                <li data-cause=cause.to_string()>
                    <p><Chip tone text=word.to_owned() />" "<strong>{cause.label()}</strong></p>
                    <p class="wrap">{text}</p>
                    {fix}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="checks">{rows}</ul> }
}
