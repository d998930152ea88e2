//! Calls in a table: what each changes, before and after, and what came of it.

use super::labels::step_label;
use crate::ui::{Ago, Chip, Tone};
use claviger_domain::remediation::{
    Change,
    view::{StepRow, skipped},
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// Calls that are seen without opening anything.
const AT_ONCE: usize = 20;

/// `as_of` shows how each call went; without it the calls are only planned.
#[component]
pub(crate) fn Steps(
    steps: Vec<StepRow>,
    #[prop(optional)] as_of: Option<OffsetDateTime>,
) -> impl IntoView {
    let mut steps = steps;
    let not_made = skipped(&steps);
    let rest = steps.split_off(steps.len().min(AT_ONCE));
    let more = (!rest.is_empty()).then(|| {
        let summary = format!("{} more", rest.len());
        view! { <details class="behind note"><summary>{summary}</summary><Table steps=rest as_of not_made=not_made.clone() /></details> }
    });
    view! { <Table steps as_of not_made />{more} }
}

#[component]
fn Table(
    steps: Vec<StepRow>,
    as_of: Option<OffsetDateTime>,
    /// Positions of calls that were not made.
    not_made: Vec<u32>,
) -> impl IntoView {
    // What a call about a role changes is no secret.
    let is_about_roles = steps.iter().any(|step| step.call.of_consumer().is_some());
    let what = if is_about_roles { "Resource" } else { "Secret or parameter" };
    let rows = steps
        .into_iter()
        .map(|step| {
            let is_skipped = not_made.contains(&step.position);
            view! { <Row step as_of is_skipped /> }
        })
        .collect_view();
    let outcome = as_of.map(|_| view! { <th scope="col">"Outcome"</th> });
    view! {
        <table class="list steps">
            <thead><tr>
                <th scope="col">{what}</th>
                <th scope="col">"Call"</th>
                <th scope="col">"Before and after"</th>
                <th scope="col">"Account, Region"</th>
                {outcome}
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(step: StepRow, as_of: Option<OffsetDateTime>, is_skipped: bool) -> impl IntoView {
    let href = format!("/inventory/{}", step.resource);
    let operation = step.call.operation(step.kind);
    // Of a call that changes something else than the secret: then that comes first.
    let subject =
        step.call.of_consumer().map(|call| view! { <div><strong>{call.subject()}</strong></div> });
    let outcome = as_of.map(|now| {
        let (tone, text) =
            if is_skipped { (Tone::Unknown, "Skipped") } else { step_label(step.state) };
        let at = step.ended_at.map(|at| view! { " "<Ago at now /> });
        let tries = (step.attempts > 1).then(|| format!(" Tried {} times.", step.attempts));
        view! { <td data-label="Outcome"><div><Chip tone text />{at}<small>{step.says}{tries}</small></div></td> }
    });
    let name = step
        .name
        .split_inclusive('/')
        .map(|part| view! { {part.to_owned()}<wbr /> })
        .collect_view();
    let warnings = step
        .warnings
        .into_iter()
        .map(|warning| view! { <p class="notice soon">{warning}</p> })
        .collect_view();
    let changes =
        step.changes.into_iter().map(|change| view! { <ChangeLine change /> }).collect_view();
    view! {
        <tr>
            <td class="name">{subject}<a href=href class="row-link mono">{name}</a><small>{step.kind.to_string()}</small></td>
            <td data-label="Call"><span class="mono">{operation}</span></td>
            <td class="changes"><dl>{changes}</dl>{warnings}</td>
            <td data-label="Account, Region" class="place">{step.account_name}<small>{step.region.to_string()}</small></td>
            {outcome}
        </tr>
    }
}

#[component]
fn ChangeLine(change: Change) -> impl IntoView {
    let value = |value: Option<String>| {
        match value {
        None => view! { <span class="faint">"(none)"</span> }.into_any(),
        // A resource policy is long; it is there, and out of the way.
        Some(long) if long.len() > 120 => view! {
            <details class="behind"><summary>{format!("{} characters", long.chars().count())}</summary><pre class="mono source" tabindex="0">{long}</pre></details>
        }
        .into_any(),
        Some(text) => view! { <span class="mono">{text}</span> }.into_any(),
    }
    };
    view! {
        <dt>{change.field}</dt>
        <dd><del>{value(change.before)}</del><span aria-hidden="true">" → "</span><span class="sr">" becomes "</span><ins>{value(change.after)}</ins></dd>
    }
}
