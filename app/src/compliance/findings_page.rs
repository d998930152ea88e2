//! What fails or is unknown, the worst first. The URL holds the list's whole state.

use super::{
    api::load_findings,
    filter_panel::{FindingActiveFilters, FindingFilterPanel},
    fix_groups::FixGroups,
    labels::{result_label, severity_tone},
};
use crate::{
    exceptions::ExceptionChip,
    remediation::plan_href,
    ui::{
        Ago, AllMatching, Chip, DataTable, EmptyState, Heading, Incomplete, ListPage, Menu,
        PageRange, Pager, SelectCell, SelectionAction, SelectionForm, Tone,
        format::{counted, day},
        loaded, own_query,
    },
};
use claviger_domain::{
    VariantArray,
    compliance::{
        CheckResult, Evidence, ExportFormat, FindingGrouping, FindingQuery, FindingSort,
        FindingState,
        triage::FindingRef,
        view::{FindingActions, FindingFacets, FindingRow, FindingsView},
    },
    list_link::with_list,
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn FindingsPage() -> impl IntoView {
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_findings(query.clone()));
    loaded(page, "Findings", |shown: FindingsView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: FindingsView) -> impl IntoView {
    let now = shown.as_of;
    let is_filtered = !shown.query.filters().is_empty();
    let context = counted(shown.matching, "finding", "findings");
    let whole = shown.query.after(None).to_url_query();
    let plan = shown.can.remediate.then(|| {
        view! { <a href=plan_href(&whole, None) class="button primary">"Fix"</a> }
    });
    let grouping = if shown.query.group.is_some() {
        ("All findings", FindingQuery { group: None, ..shown.query.after(None) })
    } else {
        let group = Some(FindingGrouping::Fix);
        ("Group by fix", FindingQuery { group, ..shown.query.after(None) })
    };
    let grouping = view! { <a href=href(&grouping.1) class="button">{grouping.0}</a> };
    let actions = (!shown.rows.is_empty())
        .then(|| view! { {grouping}{plan}<Export query=whole.clone() /> }.into_any());
    let next = shown.next.map(|next| href(&shown.query.after(Some(next))));
    let first = shown.query.after.is_some().then(|| href(&shown.query.after(None)));
    let content = if shown.rows.is_empty() {
        view! { <Empty is_filtered is_evaluated=shown.is_evaluated /> }.into_any()
    } else if shown.query.group.is_some() {
        view! { <FixGroups query=whole.clone() /> }.into_any()
    } else {
        let query = &shown.query;
        let range = PageRange { before: shown.before, rows: shown.rows.len(), of: shown.matching };
        let all = AllMatching {
            count: shown.matching,
            is_selected: query.all,
            href: href(&query.selecting_all(!query.all)),
        };
        let actions = selection_actions(&whole, shown.can);
        let head = head(query, &all);
        let all_selected = query.all;
        let list = href(query);
        let rows = shown.rows.into_iter();
        let rows = rows.map(|row| view! { <Row row list=list.clone() all=all_selected now /> });
        let rows = rows.collect_view();
        view! {
            <SelectionForm actions all=Some(all) fields=kept(query)>
                <DataTable class="list findings" head>{rows}</DataTable>
            </SelectionForm>
            <Pager links=[("First", first), ("Next", next)] range />
        }
        .into_any()
    };
    view! {
        <ListPage title="Findings" context actions>
            <Incomplete why=shown.incomplete />
            <SnoozedNote query=shown.query.clone() facets=shown.facets.clone() />
            <FindingActiveFilters query=shown.query.clone() facets=shown.facets.clone() />
            <div class="with-rail">
                <FindingFilterPanel query=shown.query facets=shown.facets />
                <section aria-label="Findings">{content}</section>
            </div>
        </ListPage>
    }
}

fn href(query: &FindingQuery) -> String {
    format!("/findings?{}", query.to_url_query())
}

fn head(query: &FindingQuery, all: &AllMatching) -> Vec<Heading> {
    let sorted = |sort: FindingSort, label: &'static str| {
        let order = (query.sort == sort).then_some(query.direction);
        Heading::sorted(label, href(&query.sorted_by(sort)), order)
    };
    vec![
        Heading::select(all),
        sorted(FindingSort::Name, "Secret or parameter"),
        Heading::text("Issue"),
        sorted(FindingSort::Severity, "Severity"),
        sorted(FindingSort::Account, "Account, Region"),
        Heading::text("Team"),
        sorted(FindingSort::Opened, "First seen"),
        sorted(FindingSort::Due, "Due"),
    ]
}

/// What can be done with selected findings. `whole` is the list.
fn selection_actions(whole: &str, can: FindingActions) -> Vec<SelectionAction> {
    let of = |label, path| SelectionAction {
        label,
        path,
        all: Some(format!("{path}?{whole}")),
        with: None,
    };
    let triage = SelectionAction {
        with: Some(("from", format!("/findings?{whole}"))),
        ..of("Snooze or assign", "/findings/triage")
    };
    let fix = SelectionAction {
        label: "Fix",
        path: "/remediation/new",
        all: Some(plan_href(whole, None)),
        with: None,
    };
    let each = [
        can.remediate.then_some(fix),
        can.triage.then_some(triage),
        can.request_exception.then_some(SelectionAction {
            label: "Request exception",
            path: "/exceptions/new",
            all: None,
            with: None,
        }),
        Some(of("Export CSV", "/export/findings/csv")),
    ];
    each.into_iter().flatten().collect()
}

/// What goes with ticked findings: without it, a list has only open failures.
fn kept(query: &FindingQuery) -> Vec<(&'static str, String)> {
    let fields = query.filters().into_iter();
    fields.filter(|(field, _)| matches!(*field, "state" | "verdict")).collect()
}

/// Says that findings are left out, because people have put them off.
#[component]
fn SnoozedNote(query: FindingQuery, facets: FindingFacets) -> impl IntoView {
    let snoozed = FindingState::Snoozed;
    let found = facets.states.iter().find(|state| state.value == snoozed.to_string());
    let count = found.map_or(0, |state| state.count);
    let is_shown = query.states.contains(&snoozed);
    (count > 0 && !is_shown).then(|| {
        let states = vec![snoozed];
        let href = href(&FindingQuery { states, group: None, ..query.after(None) });
        let count = counted(count, "snoozed finding is", "snoozed findings are");
        view! { <p class="note"><a href=href>{count}" not listed"</a>". They still count in the score."</p> }
    })
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
    let csv = format!("/export/findings/{}?{query}", ExportFormat::Csv);
    view! {
        <a href=csv class="button" rel="external" download>"Export CSV"</a>
        <Menu label="Export as" class="right menu">
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
fn Row(row: FindingRow, list: String, all: bool, now: OffsetDateTime) -> impl IntoView {
    let own = FindingRef { resource: row.resource, policy: row.policy.clone() };
    let select = format!("Select {}: {}", row.name, row.policy_title);
    let snoozed = row.triage.snoozed_until.map(|until| {
        view! { <small><Chip tone=Tone::Unknown text=format!("Snoozed until {}", day(until.date())) /></small> }
    });
    let assignee = row
        .triage
        .assignee
        .map(|one| view! { <small>{format!("Assigned to {}", one.name)}</small> });
    let ticket = row.triage.ticket.map(|ticket| {
        let label = ticket.label().to_owned();
        view! { <small><a href=ticket.to_string() rel="external noopener noreferrer">{label}</a></small> }
    });
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
        <tr data-key=own.to_string()>
            <SelectCell name="finding" value=own.to_string() label=select all />
            <td class="name"><a href=href class="row-link mono">{name}</a><small>{row.kind.to_string()}</small></td>
            <td class="says">
                {unknown}{row.says}
                <small><a href=policy>{row.policy_title}</a></small>
                {exception}{snoozed}
                <EvidenceList evidence=row.evidence />
            </td>
            <td data-label="Severity"><Chip tone=severity_tone(row.severity) text=row.severity.to_string() /></td>
            <td class="place">{row.account_name}<small>{row.region.to_string()}</small></td>
            <td data-label="Team">{row.team.unwrap_or_else(|| "No owner".into())}{assignee}{ticket}</td>
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
