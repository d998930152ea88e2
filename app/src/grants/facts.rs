//! The facts of a request, for its approvers and its requester.

use super::{labels::verb, lists::GrantTable};
use crate::ui::{
    Chip, Panel, Tone,
    format::{absolute, counted},
};
use claviger_domain::{grants::view::GrantDetail, notifications::notice::for_minutes};
use leptos::prelude::*;

/// What was asked, what the session may do, who decided.
#[component]
pub(crate) fn Facts(shown: GrantDetail) -> impl IntoView {
    let steps = shown
        .steps
        .iter()
        .map(|(words, got, needed)| view! { <li>{format!("{words} ({got} of {needed})")}</li> })
        .collect_view();
    let decided = shown
        .decided
        .iter()
        .map(|d| {
            let said = d.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let less = d.minutes.map(|m| format!(" for {}", for_minutes(m))).unwrap_or_default();
            view! { <li>{format!("{}: {}{less}{said}, {}", d.by.name, d.verdict, absolute(d.at))}</li> }
        })
        .collect_view();
    let start = shown.starts_at.map_or_else(
        || "starts on activation".to_owned(),
        |at| format!("not before {}", absolute(at)),
    );
    let (asked, given) = shown.earlier;
    let warnings = shown
        .warnings
        .iter()
        .map(|mind| view! { <Chip tone=Tone::Soon text=mind.clone() />" " })
        .collect_view();
    let resources = shown
        .resources
        .iter()
        .map(|r| {
            let href = format!("/inventory/{}", r.id);
            let (name, region) = (r.name.clone(), r.region.to_string());
            view! { <li><a href=href class="mono">{name}</a>" "<span class="faint">{region}</span></li> }
        })
        .collect_view();
    let sessions = u64::try_from(shown.policies.len()).unwrap_or(u64::MAX);
    let policies = shown
        .policies
        .into_iter()
        .map(|document| view! { <pre class="code" tabindex="0">{document}</pre> })
        .collect_view();
    view! {
        <dl class="facts">
            <dt>"Secrets"</dt><dd><ul class="plain">{resources}</ul></dd>
            {shown.incident.map(|incident| view! { <dt>"Incident"</dt><dd>{incident}</dd> })}
            {shown.ticket.map(|ticket| view! { <dt>"Ticket"</dt><dd>{ticket}</dd> })}
            <dt>"Window"</dt><dd>{format!("{}, {start}", for_minutes(shown.row.minutes))}</dd>
            {shown.extends.map(|grant| view! { <dt>"Extends"</dt><dd><a href=format!("/access/{grant}")>{grant.to_string()}</a></dd> })}
            <dt>"Permissions"</dt>
            <dd>
                {match shown.policy_problem {
                    Some(problem) => view! { <p>{problem}</p> }.into_any(),
                    None => view! {
                        <details>
                            <summary>{format!("Only {} these, in {}. See the policy", verb(shown.row.action), counted(sessions, "session", "sessions"))}</summary>
                            {policies}
                        </details>
                    }.into_any(),
                }}
            </dd>
            <dt>"Rule"</dt><dd>{shown.rule}<ul class="plain">{steps}</ul></dd>
            {(!shown.decided.is_empty()).then(|| view! { <dt>"Decisions"</dt><dd><ul class="plain">{decided}</ul></dd> })}
            <dt>"Previous requests"</dt>
            <dd>{match asked {
                0 => "None in 90 days".to_owned(),
                _ => format!("{asked} in 90 days, granted {given}"),
            }}</dd>
            {(!shown.warnings.is_empty()).then(|| view! { <dt>"Warnings"</dt><dd class="warnings">{warnings}</dd> })}
        </dl>
    }
}

/// Who else can use the same secrets right now.
#[component]
pub(crate) fn Running(shown: GrantDetail) -> impl IntoView {
    (!shown.running.is_empty()).then(|| {
        view! {
            <Panel title="Active on the same secrets" class="flush">
                <GrantTable rows=shown.running as_of=shown.as_of people=true />
            </Panel>
        }
    })
}
