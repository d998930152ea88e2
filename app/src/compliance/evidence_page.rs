//! The evidence pack of a framework. It prints as it is.

use super::{
    evidence_api::load_evidence,
    evidence_controls::{Controls, ResultsLine},
    evidence_list_page::MAPPING,
    labels::{result_label, severity_tone},
};
use crate::{
    exceptions::{exception_state_label, last_day},
    ui::{
        Breadcrumb, Chip, DataTable, Heading, Incomplete, Menu, PageHeader, PageTitle, Panel, Tone,
        format::{absolute, counted, day, grouped},
        loaded,
    },
};
use claviger_domain::{
    VariantArray,
    audit::view::ChainState,
    compliance::{
        evidence::{EvidenceFormat, EvidencePack, EvidenceScope},
        view::FindingRow,
    },
    exceptions::view::ExceptionRow,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use time::OffsetDateTime;

#[component]
pub(crate) fn EvidencePage() -> impl IntoView {
    let framework = use_params_map().read_untracked().get("framework").unwrap_or_default();
    let page = ArcResource::new(|| (), move |()| load_evidence(framework.clone()));
    loaded(page, "Evidence", |pack: EvidencePack| view! { <Pack pack /> }.into_any())
}

#[component]
fn Pack(pack: EvidencePack) -> impl IntoView {
    let title = pack.framework.title();
    let framework = pack.framework.to_string();
    let results = view! { <ResultsLine controls=pack.controls.clone() /> };
    let actions = view! {
        <button type="button" class="button needs-script" data-print="">"Print"</button>
        <Export framework />
    }
    .into_any();
    view! {
        <PageTitle text=title />
        <PageHeader actions>
            <Breadcrumb><a href="/evidence">"Evidence"</a></Breadcrumb>
            <h1>{title}</h1>
            <p class="context">{format!("Evidence pack of {}, by {}", absolute(pack.as_of), pack.by)}</p>
        </PageHeader>
        <Incomplete why=pack.incomplete.clone() />
        <Panel title="Scope and basis">
            {results}
            <Basis scope=pack.scope head=pack.head evaluated_at=pack.evaluated_at />
            <p class="note">{MAPPING}</p>
        </Panel>
        <Controls controls=pack.controls />
        <Exceptions rows=pack.exceptions />
        <Findings rows=pack.findings count=pack.findings_count />
    }
}

#[component]
fn Export(framework: String) -> impl IntoView {
    let forms = EvidenceFormat::VARIANTS
        .iter()
        .map(|format| {
            let action = format!("/export/evidence/{framework}/{format}");
            let name = match format {
                EvidenceFormat::Csv => "CSV, for spreadsheets",
                EvidenceFormat::Ocsf => "OCSF Compliance Finding",
            };
            view! {
                <li><form method="post" action=action><button class="link">{name}</button></form></li>
            }
        })
        .collect_view();
    view! {
        <Menu label="Export" class="right menu">
            <ul class="form">{forms}<li class="faint">"The export is logged."</li></ul>
        </Menu>
    }
}

/// What the pack is of, and since when.
#[component]
fn Basis(
    scope: EvidenceScope,
    head: Option<ChainState>,
    evaluated_at: Option<OffsetDateTime>,
) -> impl IntoView {
    let accounts = u64::try_from(scope.accounts.len()).unwrap_or(u64::MAX);
    let accounts = counted(accounts, "account", "accounts");
    let whole = if scope.whole_organization {
        format!("The whole Organization: {accounts}")
    } else {
        format!("A part of the Organization, as far as your role reaches: {accounts}")
    };
    let names = scope
        .accounts
        .into_iter()
        .map(|(id, name)| view! { <li>{name}" "<span class="mono">{id.to_string()}</span></li> })
        .collect_view();
    let evaluated = match evaluated_at {
        Some(at) => format!("Every account, the first at {}", absolute(at)),
        None => "Not every account was evaluated yet".to_owned(),
    };
    let head = match head {
        Some(head) => view! {
            "Entry "{grouped(head.entries.unsigned_abs())}", hash "<span class="mono break">{head.head}</span>
        }
        .into_any(),
        None => "Not shown: only roles for the whole Organization may read the audit log".into_any(),
    };
    view! {
        <dl class="facts">
            <dt>"Scope"</dt>
            <dd>{whole}<details class="behind"><summary>"Accounts"</summary><ul>{names}</ul></details></dd>
            <dt>"Evaluated"</dt>
            <dd>{counted(scope.resources, "secret or parameter", "secrets and parameters")}". "{evaluated}</dd>
            <dt>"Audit log"</dt>
            <dd>{head}</dd>
        </dl>
    }
}

#[component]
fn Exceptions(rows: Vec<ExceptionRow>) -> impl IntoView {
    if rows.is_empty() {
        return view! { <Panel title="Exceptions"><p>"No exception is pending or active for these controls."</p></Panel> }.into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/exceptions/{}", row.id);
            let (tone, text) = exception_state_label(row.state);
            let approval = match row.decision {
                Some(note) => format!("{}, {}", note.by.name, absolute(note.at)),
                None => "Not decided".to_owned(),
            };
            let policy = row.policy_title.unwrap_or_else(|| "Every policy".into());
            view! {
                <tr>
                    <td class="name"><a href=href>{row.id.to_string()}</a>" "{policy}<small>{row.target_name}</small><small>{row.reason}</small></td>
                    <td data-label="State"><Chip tone text /></td>
                    <td class="number" data-label="Findings">{grouped(row.findings)}</td>
                    <td data-label="Requested by">{row.owner.name}</td>
                    <td data-label="Approved by">{approval}</td>
                    <td data-label="Expires">{last_day(row.ends_at)}</td>
                </tr>
            }
        })
        .collect_view();
    let head = vec![
        Heading::text("Exception"),
        Heading::text("State"),
        Heading::number("Findings"),
        Heading::text("Requested by"),
        Heading::text("Approved by"),
        Heading::text("Expires"),
    ];
    view! { <Panel title="Exceptions" class="flush"><DataTable head>{rows}</DataTable></Panel> }
        .into_any()
}

#[component]
fn Findings(rows: Vec<FindingRow>, count: u64) -> impl IntoView {
    let shown = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let note = if count > shown {
        format!("The worst {} of {}; the files have all.", grouped(shown), grouped(count))
    } else {
        counted(count, "open finding", "open findings") + ", excepted ones included."
    };
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/inventory/{}", row.resource);
            let (tone, text) = match row.exception {
                Some(_) => (Tone::Soon, "Excepted"),
                None => result_label(row.verdict),
            };
            view! {
                <tr>
                    <td class="name"><a href=href class="mono break">{row.name}</a><small>{row.account_name}", "{row.region.to_string()}</small></td>
                    <td data-label="Issue" class="wrap">{row.says}<small>{row.policy_title}</small></td>
                    <td data-label="Result"><Chip tone text /></td>
                    <td data-label="Severity"><Chip tone=severity_tone(row.severity) text=row.severity.to_string() /></td>
                    <td data-label="First seen">{day(row.opened_at.date())}</td>
                    <td data-label="Due">{day(row.due_at.date())}</td>
                </tr>
            }
        })
        .collect_view();
    let head = ["Secret or parameter", "Issue", "Result", "Severity", "First seen", "Due"]
        .map(Heading::text);
    let table = (shown > 0).then(|| view! { <DataTable head>{rows}</DataTable> });
    view! { <Panel title="Findings" class="flush"><p class="note">{note}</p>{table}</Panel> }
}
