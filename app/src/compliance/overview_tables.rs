//! The overview's tables: the numbers by policy, account and control, and what is not known.

use super::labels::{percent, severity_tone};
use crate::ui::{
    Chip, Panel,
    format::{counted, grouped},
};
use claviger_domain::compliance::{
    Tally,
    view::{ControlRow, Gap, Group, Offender, PolicyRow, ScorePart},
};
use leptos::prelude::*;

#[component]
pub(super) fn Arithmetic(parts: Vec<ScorePart>, scope: String) -> impl IntoView {
    let (mut passed, mut of) = (0, 0);
    for part in &parts {
        let weight = u64::from(part.severity.weight());
        passed += weight * part.tally.pass;
        of += weight * part.tally.all();
    }
    let rows = parts
        .into_iter()
        .map(|part| {
            let weight = u64::from(part.severity.weight());
            let ScorePart { severity, tally } = part;
            let fails = format!("/findings?severity={severity}{scope}");
            let unknown = format!("/findings?severity={severity}&verdict=unknown{scope}");
            let waived = format!("/findings?severity={severity}&state=waived{scope}");
            view! {
                <tr>
                    <td><Chip tone=severity_tone(severity) text=severity.to_string() /></td>
                    <td class="number">{grouped(tally.pass)}</td>
                    <td class="number"><a href=fails>{grouped(tally.fail)}</a></td>
                    <td class="number"><a href=unknown>{grouped(tally.unknown)}</a></td>
                    <td class="number"><a href=waived>{grouped(tally.waived)}</a></td>
                    <td class="number">{weight}</td>
                    <td class="number">{format!("{} of {}", grouped(weight * tally.pass), grouped(weight * tally.all()))}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="behind">
            <summary>"How this is calculated"</summary>
            <div class="scrolls" tabindex="0" role="region" aria-label="How this is calculated">
            <table class="plain">
                <thead><tr>
                    <th scope="col">"Severity"</th><th scope="col" class="number">"Pass"</th><th scope="col" class="number">"Fail"</th>
                    <th scope="col" class="number">"Unknown"</th><th scope="col" class="number">"Excepted"</th><th scope="col" class="number">"Weight"</th><th scope="col" class="number">"Points"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
                <tfoot><tr>
                    <th scope="row" colspan="6">"Total"</th>
                    <td class="number">{format!("{} of {}", grouped(passed), grouped(of))}</td>
                </tr></tfoot>
            </table>
            </div>
        </details>
    }
}

#[component]
fn Numbers(tally: Tally, query: String) -> impl IntoView {
    let unknown = format!("/findings?{query}&verdict=unknown");
    view! {
        <td class="number"><a href=format!("/findings?{query}")>{grouped(tally.fail)}</a></td>
        <td class="number"><a href=unknown>{grouped(tally.unknown)}</a></td>
        <td class="number">{percent(tally.per_mille())}</td>
    }
}

const HEADS: [&str; 3] = ["Failing", "Unknown", "Pass rate"];

fn heads(first: &'static str) -> impl IntoView {
    let rest =
        HEADS.map(|head| view! { <th scope="col" class="number">{head}</th> }).collect_view();
    view! { <thead><tr><th scope="col">{first}</th>{rest}</tr></thead> }
}

#[component]
pub(super) fn Policies(rows: Vec<PolicyRow>, scope: String) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/policies/{}", row.id);
            view! {
                <tr>
                    <th scope="row"><a href=href>{row.title}</a>" "<Chip tone=severity_tone(row.severity) text=row.severity.to_string() /></th>
                    <Numbers tally=row.tally query=format!("policy={}{scope}", row.id) />
                </tr>
            }
        })
        .collect_view();
    view! { <Panel title="By policy"><table class="plain">{heads("Policy")}<tbody>{rows}</tbody></table></Panel> }
}

#[component]
pub(super) fn Accounts(groups: Vec<Group>) -> impl IntoView {
    let rows = groups
        .into_iter()
        .map(|group| {
            view! { <tr><th scope="row">{group.label}</th><Numbers tally=group.tally query=format!("account={}", group.value) /></tr> }
        })
        .collect_view();
    view! { <Panel title="By account"><table class="plain">{heads("Account")}<tbody>{rows}</tbody></table></Panel> }
}

#[component]
pub(super) fn Controls(rows: Vec<ControlRow>, scope: String) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let query: Vec<String> = row.policies.iter().map(|id| format!("policy={id}")).collect();
            view! {
                <tr>
                    <th scope="row">{row.framework}" "<span class="mono">{row.control}</span></th>
                    <Numbers tally=row.tally query=format!("{}{scope}", query.join("&")) />
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Compliance controls">
            <p class="faint">"Only controls covered by enabled policies."</p>
            <table class="plain">{heads("Control")}<tbody>{rows}</tbody></table>
        </Panel>
    }
    .into_any()
}

#[component]
pub(super) fn Offenders(rows: Vec<Offender>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/inventory/{}", row.resource);
            view! {
                <li>
                    <a href=href>
                        <span class="mono">{row.name}</span>
                        <Chip tone=severity_tone(row.worst) text=counted(row.fails, "failure", "failures") />
                        <small>{row.account_name}", "{row.region.to_string()}</small>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <Panel title="Highest risk secrets" class="flush"><ul class="worse">{rows}</ul></Panel> }
}

#[component]
pub(super) fn Coverage(tally: Tally, gaps: Vec<Gap>) -> impl IntoView {
    let known = tally.all() - tally.unknown;
    let share =
        (tally.all() > 0).then(|| u32::try_from(known * 1000 / tally.all()).unwrap_or(1000));
    let rows = gaps
        .into_iter()
        .map(|gap| view! { <li><a href=gap.href><span>{gap.why}</span><strong>{grouped(gap.count)}</strong></a></li> })
        .collect_view();
    view! {
        <Panel title="Coverage" class="flush">
            <p class="note">{format!("{} % of applicable checks have a known result; {} are unknown.", percent(share), grouped(tally.unknown))}</p>
            <ul class="needs">{rows}</ul>
        </Panel>
    }
}
