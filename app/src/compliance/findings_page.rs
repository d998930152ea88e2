//! What fails or is unknown, the worst first. The URL holds the list's whole state.

use super::{
    api::load_findings,
    filter_panel::{FindingActiveFilters, FindingFilterPanel},
    labels::{result_label, severity_tone},
};
use crate::{
    exceptions::ExceptionChip,
    remediation::plan_href,
    ui::{
        Ago, Chip, DataTable, EmptyState, Heading, Incomplete, ListPage, Menu, Pager, Tone,
        format::{counted, day},
        loaded, own_query,
    },
};
use claviger_domain::{
    VariantArray,
    compliance::{
        CheckResult, Evidence, ExportFormat,
        view::{FindingRow, FindingsView},
    },
    list_link::with_list,
};
use leptos::prelude::*;
use leptos_router::components::A;
use time::OffsetDateTime;

#[component]
pub(crate) fn FindingsPage() -> impl IntoView {
    let query = own_query();
    let page = Resource::new(|| (), move |()| load_findings(query.clone()));
    loaded(page, "Findings", |shown: FindingsView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: FindingsView) -> impl IntoView {
    let now = shown.as_of;
    let is_filtered = !shown.query.filters().is_empty();
    let context = counted(shown.matching, "finding", "findings");
    let whole = shown.query.after(None).to_url_query();
    let plan = shown.can_remediate.then(|| {
        view! { <A href=plan_href(&whole, None) attr:class="button primary">"Fix"</A> }
    });
    let actions =
        (!shown.rows.is_empty()).then(|| view! { {plan}<Export query=whole.clone() /> }.into_any());
    let next = shown
        .next
        .map(|next| format!("/findings?{}", shown.query.after(Some(next)).to_url_query()));
    let content = if shown.rows.is_empty() {
        view! { <Empty is_filtered is_evaluated=shown.is_evaluated /> }.into_any()
    } else {
        let list = match shown.query.to_url_query() {
            query if query.is_empty() => "/findings".to_owned(),
            query => format!("/findings?{query}"),
        };
        let rows = shown.rows.into_iter().map(|row| view! { <Row row list=list.clone() now /> });
        let rows = rows.collect_view();
        view! {
            <div class="panel flush">
                <DataTable
                    class="list findings"
                    head=["Secret or parameter", "Issue", "Severity", "Account, Region", "Team", "First seen", "Due"].map(Heading::text)
                >
                    {rows}
                </DataTable>
                <Pager links=[("Next", next)] />
            </div>
        }
        .into_any()
    };
    view! {
        <ListPage title="Findings" context actions>
            <Incomplete why=shown.incomplete />
            <FindingActiveFilters query=shown.query.clone() facets=shown.facets.clone() />
            <div class="with-rail">
                <FindingFilterPanel query=shown.query facets=shown.facets />
                <section aria-label="Findings">{content}</section>
            </div>
        </ListPage>
    }
}

/// The whole filtered list as a file.
#[component]
fn Export(query: String) -> impl IntoView {
    let links = ExportFormat::VARIANTS
        .iter()
        .map(|format| {
            let href = format!("/export/findings/{format}?{query}");
            let name = match format {
                ExportFormat::Csv => "CSV, for spreadsheets",
                ExportFormat::Json => "JSON",
                ExportFormat::Asff => "ASFF, for AWS Security Hub",
                ExportFormat::Ocsf => "OCSF Compliance Finding",
            };
            view! { <li><a href=href rel="external" download>{name}</a></li> }
        })
        .collect_view();
    view! {
        <Menu label="Export" class="right menu">
            <ul class="form">{links}</ul>
        </Menu>
    }
}

#[component]
fn Empty(is_filtered: bool, is_evaluated: bool) -> impl IntoView {
    let (why, what) = match (is_filtered, is_evaluated) {
        (true, _) => ("No results.", "Remove a filter or change your search."),
        (false, true) => ("No failing checks.", "Every check with a known result passes."),
        (false, false) => ("Not evaluated yet.", "The first scan is followed by an evaluation."),
    };
    view! { <EmptyState title=why><p>{what}</p></EmptyState> }
}

#[component]
fn Row(row: FindingRow, list: String, now: OffsetDateTime) -> impl IntoView {
    let href = with_list(&format!("/inventory/{}", row.resource), &list);
    let policy = format!("/policies/{}", row.policy);
    let unknown = (row.verdict == CheckResult::Unknown).then(|| {
        let (tone, text) = result_label(row.verdict);
        view! { <Chip tone text /> " " }
    });
    let due = match row.resolved_at {
        Some(at) => view! { <Chip tone=Tone::Good text="Resolved" />" "<Ago at now /> }.into_any(),
        None if row.due_at < now && row.exception.is_none() => {
            view! { <Chip tone=Tone::Bad text="Overdue" />" "<Ago at=row.due_at now /> }.into_any()
        }
        None => view! { <Ago at=row.due_at now /> }.into_any(),
    };
    let exception =
        row.exception.map(|exception| view! { <small><ExceptionChip exception /></small> });
    let back = (row.reopened > 0)
        .then(|| view! { <small>{format!("reopened {} times", row.reopened)}</small> });
    let name =
        row.name.split_inclusive('/').map(|part| view! { {part.to_owned()}<wbr /> }).collect_view();
    view! {
        <tr>
            <td class="name"><A href=href attr:class="row-link mono">{name}</A><small>{row.kind.to_string()}</small></td>
            <td class="says">
                {unknown}{row.says}
                <small><A href=policy>{row.policy_title}</A></small>
                {exception}
                <EvidenceList evidence=row.evidence />
            </td>
            <td data-label="Severity"><Chip tone=severity_tone(row.severity) text=row.severity.to_string() /></td>
            <td class="place">{row.account_name}<small>{row.region.to_string()}</small></td>
            <td data-label="Team">{row.team.unwrap_or_else(|| "No owner".into())}</td>
            <td data-label="First seen"><Ago at=row.opened_at now />{back}</td>
            <td data-label="Due" title=day(row.due_at.date())>{due}</td>
        </tr>
    }
}

/// What decided.
#[component]
pub(crate) fn EvidenceList(evidence: Vec<Evidence>) -> impl IntoView {
    if evidence.is_empty() {
        return ().into_any();
    }
    let rows = evidence
        .into_iter()
        .map(|e| view! { <li><span class="faint">{e.fact}": "</span>{e.value}</li> })
        .collect_view();
    view! { <ul class="evidence">{rows}</ul> }.into_any()
}
