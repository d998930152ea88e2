//! What the policies say of one secret, and who can read it.

use super::{
    api::load_resource_evaluation,
    findings_page::EvidenceList,
    labels::{compliance_label, location_label, result_label, severity_tone},
};
use crate::{
    exceptions::{ExceptionChip, exception_href},
    remediation::plan_href,
    ui::{Ago, Chip, Panel, Tone, loaded},
};
use claviger_domain::{
    accounts::readiness::ConfigOpinion,
    compliance::{
        CheckResult,
        view::{Check, Reader, Readers, ResourceEvaluation},
    },
    exceptions::ExceptionScope,
    ids::ResourceId,
};
use leptos::prelude::*;
use leptos_router::components::A;
use time::OffsetDateTime;

#[component]
pub(crate) fn Checks(id: String) -> impl IntoView {
    let evaluated = Resource::new(|| (), move |()| load_resource_evaluation(id.clone()));
    loaded(evaluated, "Inventory", |shown: ResourceEvaluation| {
        view! { <ResourceChecks shown /> }.into_any()
    })
}

#[component]
fn ResourceChecks(shown: ResourceEvaluation) -> impl IntoView {
    let now = shown.as_of;
    let (apply, rest): (Vec<Check>, Vec<Check>) = shown
        .checks
        .into_iter()
        .partition(|check| check.outcome.verdict != CheckResult::NotApplicable);
    let none =
        apply.is_empty().then(|| view! { <p class="faint">"No enabled policy applies."</p> });
    let many = rest.len();
    let may = May {
        fix: shown.can_remediate.then_some(shown.resource),
        exception: shown.can_request_exception.then_some(shown.resource),
    };
    let rows = apply.into_iter().map(|check| view! { <Row check now may /> }).collect_view();
    let rest = (many > 0).then(|| {
        let rows = rest.into_iter().map(|check| view! { <Row check now may=May::default() /> }).collect_view();
        view! { <details class="behind"><summary>{format!("{many} not applicable")}</summary><ul class="checks">{rows}</ul></details> }
    });
    let gap = shown.config_gap.map(|gap| view! { <p class="faint">{gap}</p> });
    view! {
        <Panel title="Checks">{none}<ul class="checks">{rows}</ul>{rest}{gap}</Panel>
        {shown.readers.map(|readers| view! { <WhoReads readers /> })}
    }
}

/// What the caller may do about this resource, where they may.
#[derive(Clone, Copy, Default)]
struct May {
    fix: Option<ResourceId>,
    exception: Option<ResourceId>,
}

#[component]
fn Row(check: Check, now: OffsetDateTime, may: May) -> impl IntoView {
    let (tone, word) = result_label(check.outcome.verdict);
    let href = format!("/policies/{}", check.policy);
    let severity = (check.outcome.verdict == CheckResult::Fail)
        .then(|| view! { " " <Chip tone=severity_tone(check.severity) text=check.severity.to_string() /> });
    let fails = check.outcome.verdict == CheckResult::Fail && check.exception.is_none();
    let fix = may.fix.filter(|_| fails).map(|id| {
        let of = format!("resource={id}&policy={}", check.policy);
        view! { <A href=plan_href(&of, None)>"Fix"</A> }
    });
    let exception = may.exception.filter(|_| fails).map(|id| {
        view! { <A href=exception_href(&check.policy, &ExceptionScope::Resource(id))>"Request exception"</A> }
    });
    let audit_actions = (fix.is_some() || exception.is_some())
        .then(|| view! { <p class="check-actions">{fix}{exception}</p> });
    let exception =
        check.exception.clone().map(|exception| view! { " "<ExceptionChip exception /> });
    let since =
        check.opened_at.map(|at| view! { <span class="faint">" since "<Ago at now /></span> });
    let due = check
        .due_at
        .filter(|at| *at < now && check.exception.is_none())
        .map(|_| view! { " " <Chip tone=Tone::Bad text="Overdue" /> });
    let opinions =
        check.config.into_iter().map(|opinion| view! { <Opinion opinion now /> }).collect_view();
    view! {
        <li>
            <p><Chip tone text=word />{severity}{due}" "<A href=href>{check.title}</A>{since}{exception}</p>
            <p>{check.outcome.says}</p>
            <EvidenceList evidence=check.outcome.evidence />
            {opinions}
            {audit_actions}
        </li>
    }
}

/// What AWS Config says of the same, and why it may say otherwise.
#[component]
fn Opinion(opinion: ConfigOpinion, now: OffsetDateTime) -> impl IntoView {
    let (tone, word) = compliance_label(opinion.compliance);
    let when = opinion.recorded_at.map(|at| view! { ", "<Ago at now /> });
    let differs = opinion.differs.map(|why| view! { <br />{why} });
    view! {
        <p class="opinion">
            "AWS Config: "<Chip tone text=word />" "<span class="mono faint">{opinion.rule}</span>
            <span class="faint">{when}</span>{differs}
        </p>
    }
}

#[component]
fn WhoReads(readers: Readers) -> impl IntoView {
    let table = (!readers.rows.is_empty()).then(|| {
        let rows = readers.rows.iter().cloned().map(|row| view! { <ReaderRow row /> }).collect_view();
        view! {
            <div class="scrolls" tabindex="0" role="region" aria-label="Who has access">
                <table class="plain readers">
                    <thead><tr><th scope="col">"Principal"</th><th scope="col">"Where"</th><th scope="col">"Actions"</th><th scope="col">"Conditions"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    let sentences =
        readers.rows.iter().map(|row| view! { <li>{row.sentence.clone()}</li> }).collect_view();
    let notes = readers.notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view();
    let document = readers.document.map(|text| {
        view! { <details class="behind"><summary>"Resource policy (JSON)"</summary><pre class="mono source" tabindex="0">{text}</pre></details> }
    });
    view! {
        <Panel title="Who has access">
            <p>{readers.summary}</p>
            <ul class="sentences">{sentences}</ul>
            {table}
            <ul class="evidence faint">{notes}</ul>
            {document}
        </Panel>
    }
}

#[component]
fn ReaderRow(row: Reader) -> impl IntoView {
    let (tone, place) = location_label(row.location);
    let conditions =
        if row.conditions.is_empty() { "none".to_owned() } else { row.conditions.join("; ") };
    view! {
        <tr>
            <td class="mono wrap">{row.principal}</td>
            <td><Chip tone text=place /></td>
            <td class="mono wrap">{row.actions.join(", ")}</td>
            <td class="wrap">{conditions}</td>
        </tr>
    }
}
