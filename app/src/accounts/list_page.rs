//! Every account: what it holds, how fresh that is, and what stands in the way.

use super::{api::load_accounts, coverage::CoverageCell, readiness::unready_chip};
use crate::{
    shell::{StartScan, use_live},
    ui::{
        Ago, DataTable, EmptyState, Heading, PageHeader, PageTitle, Panel, ProblemPanel,
        format::{counted, grouped},
    },
};
use claviger_domain::inventory::view::{AccountRow, AccountsView, Coverage};
use leptos::{either::Either, prelude::*};
use leptos_router::components::A;
use time::OffsetDateTime;

#[component]
pub(crate) fn AccountsPage() -> impl IntoView {
    let live = use_live();
    // Each step of a sweep changes this list.
    let steps = Memo::new(move |_| {
        live.progress.with(|p| p.as_ref().map(|p| (p.running, p.scans_done, p.scans)))
    });
    let page = Resource::new(move || (steps.get(), live.version.get()), |_| load_accounts());
    view! {
        <PageTitle text="Accounts" />
        <Transition fallback=|| view! { <p class="loading" role="status">"Reading the accounts…"</p> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(shown) => Either::Left(view! { <List shown /> }),
                    Err(error) => Either::Right(view! { <ProblemPanel problem=error.0 /> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn List(shown: AccountsView) -> impl IntoView {
    let now = shown.as_of;
    let reached = shown.rows.iter().filter(|row| row.reach == Coverage::Whole).count();
    let total = u64::try_from(shown.rows.len()).unwrap_or(u64::MAX);
    let context = format!("{reached} of {} scanned", counted(total, "account", "accounts"));
    let content = if shown.rows.is_empty() {
        Either::Left(view! {
            <EmptyState title="No accounts yet.">
                <p>"The first scan lists the Organization's accounts. Failures are shown at the top of the page."</p>
            </EmptyState>
        })
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Row row now /> }).collect_view();
        Either::Right(view! {
            <div class="panel flush">
                <DataTable class="list accounts" head=[
                    Heading::text("Account"),
                    Heading::text("OU"),
                    Heading::number("Secrets"),
                    Heading::number("Parameters"),
                    Heading::text("Last scan"),
                    Heading::text("Last updated"),
                    Heading::text("Prerequisites"),
                ]>{rows}</DataTable>
            </div>
        })
    };
    let actions = shown.can_scan.then(|| view! { <ScanNow /> }.into_any());
    view! {
        <PageHeader actions>
            <h1>"Accounts"</h1>
            <p class="context">{context}</p>
        </PageHeader>
        <ScopeProblems problems=shown.scope_problems />
        {content}
    }
}

/// What the configuration names and the Organization does not have.
#[component]
fn ScopeProblems(problems: Vec<String>) -> impl IntoView {
    (!problems.is_empty()).then(|| {
        let each = problems.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
        view! {
            <Panel title="Scopes that match nothing, or more than one OU" class="notice soon">
                <ul>{each}</ul>
            </Panel>
        }
    })
}

#[component]
fn ScanNow() -> impl IntoView {
    let action = ServerAction::<StartScan>::new();
    let live = use_live();
    let running = move || {
        live.progress.with(|p| p.as_ref().is_some_and(|p| p.running)) || action.pending().get()
    };
    let failed = move || {
        action
            .value()
            .with(|value| value.as_ref().and_then(|v| v.as_ref().err().map(|e| e.0.to_string())))
    };
    view! {
        <ActionForm action>
            <button class="button primary" disabled=running>
                {move || if running() { "Scan in progress" } else { "Scan now" }}
            </button>
        </ActionForm>
        {move || failed().map(|text| view! { <p class="fault" role="alert">{text}</p> })}
    }
}

#[component]
fn Row(row: AccountRow, now: OffsetDateTime) -> impl IntoView {
    let href = format!("/accounts/{}", row.id);
    let unit = if row.ou_path.is_empty() { "Root".to_owned() } else { row.ou_path.clone() };
    let fresh = match row.complete_as_of {
        Some(at) => Either::Left(view! { <Ago at now /> }),
        None => Either::Right(view! { <span class="faint">"no data"</span> }),
    };
    // Never read is not the same as empty.
    let number = |count: u64| {
        if row.complete_as_of.is_none() && count == 0 { "–".to_owned() } else { grouped(count) }
    };
    let unready = unready_chip(row.unready);
    let (secrets, parameters) = (number(row.secrets), number(row.parameters));
    let (name, id) = (row.name.clone(), row.id.to_string());
    view! {
        <tr>
            <td class="name">
                <A href=href attr:class="row-link">{name}</A>
                <small class="mono">{id}</small>
            </td>
            <td data-label="OU">{unit}</td>
            <td data-label="Secrets" class="number">{secrets}</td>
            <td data-label="Parameters" class="number">{parameters}</td>
            <td class="reach"><CoverageCell row /></td>
            <td data-label="Last updated">{fresh}</td>
            <td data-label="Prerequisites">{unready}</td>
        </tr>
    }
}
