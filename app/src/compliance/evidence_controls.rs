//! The controls of an evidence pack with what is behind each.

use super::labels::{control_result_label, severity_tone};
use crate::ui::{
    Chip, DataTable, Heading, Panel,
    format::{counted, grouped},
};
use claviger_domain::{
    VariantArray,
    compliance::{
        FindingQuery, Tally,
        evidence::{ControlResult, EvidenceControl, EvidencePolicy},
    },
};
use leptos::prelude::*;

/// How many controls have each result.
#[component]
pub(super) fn ResultsLine(controls: Vec<EvidenceControl>) -> impl IntoView {
    let chips = ControlResult::VARIANTS
        .iter()
        .filter_map(|result| {
            let count = controls.iter().filter(|control| control.result == *result).count();
            let (tone, text) = control_result_label(*result);
            (count > 0)
                .then(|| view! { <Chip tone text=format!("{count} {}", text.to_lowercase()) />" " })
        })
        .collect_view();
    view! { <p class="chips">{chips}</p> }
}

#[component]
pub(super) fn Controls(controls: Vec<EvidenceControl>) -> impl IntoView {
    let rows = controls.into_iter().map(|control| view! { <Row control /> }).collect_view();
    let head = ["Control", "Result", "Checks", "Evidence"].map(Heading::text);
    view! {
        <Panel title="Controls" class="flush">
            <DataTable class="list controls" head>{rows}</DataTable>
        </Panel>
    }
}

#[component]
fn Row(control: EvidenceControl) -> impl IntoView {
    let (tone, text) = control_result_label(control.result);
    let key = control.id.clone();
    let behind = if control.policies.is_empty() {
        let why = if control.rules.is_empty() {
            "No rule checks this control.".to_owned()
        } else {
            format!("No policy in force uses {}.", control.rules.join(", "))
        };
        view! { <p class="faint">{why}</p> }.into_any()
    } else {
        let policies =
            control.policies.into_iter().map(|policy| view! { <Behind policy /> }).collect_view();
        view! { <ul class="evidence">{policies}</ul> }.into_any()
    };
    view! {
        <tr data-key=key>
            <td class="name"><span class="mono">{control.id}</span><small>{control.title}</small></td>
            <td data-label="Result"><Chip tone text /></td>
            <td data-label="Checks">{checks(control.tally)}</td>
            <td data-label="Evidence" class="wrap"><p>{control.why}</p>{behind}</td>
        </tr>
    }
}

/// A policy with its result, and the way to its findings.
#[component]
fn Behind(policy: EvidencePolicy) -> impl IntoView {
    let href = format!("/policies/{}", policy.id);
    let query = FindingQuery { policies: vec![policy.id.clone()], ..FindingQuery::default() };
    let findings = (policy.tally.fail > 0).then(|| {
        let href = format!("/findings?{}", query.to_url_query());
        let text = counted(policy.tally.fail, "finding", "findings");
        view! { " "<a href=href>{text}</a> }
    });
    view! {
        <li>
            <a href=href>{policy.title}</a>
            {format!(" (version {}, rule {}, mode {}) ", policy.version, policy.rule, policy.mode)}
            <Chip tone=severity_tone(policy.severity) text=policy.severity.to_string() />
            <small>{policy.applies}" "{checks(policy.tally)}"."{findings}</small>
        </li>
    }
}

/// `120 pass, 3 fail, 2 unknown, 1 excepted`.
fn checks(tally: Tally) -> String {
    let parts = [
        (tally.pass, "pass"),
        (tally.fail, "fail"),
        (tally.unknown, "unknown"),
        (tally.waived, "excepted"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", grouped(count)))
        .collect();
    if parts.is_empty() { "None".into() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_result_is_said() {
        let tally = |pass, fail, unknown, waived| Tally { pass, fail, unknown, waived };
        assert_eq!(checks(tally(1200, 3, 0, 1)), "1,200 pass, 3 fail, 1 excepted");
        assert_eq!(checks(tally(0, 0, 2, 0)), "2 unknown");
        assert_eq!(checks(Tally::default()), "None");
    }
}
