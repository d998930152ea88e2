//! Every account: what it holds, how fresh that is, and what stands in the way.

use super::{
    api::load_accounts,
    coverage::CoverageCell,
    readiness::unready_chip,
    roll_out::{RollOutPanel, opt_in_note, roles_chip},
};
use crate::{
    shell::{StartScan, load_progress},
    ui::{
        Ago, DataTable, EmptyState, ErrorNotice, Heading, PageHeader, PageTitle, Panel,
        format::{counted, grouped},
        loaded, own_field,
    },
};
use claviger_domain::{
    accounts::roles::AccountRoles,
    inventory::view::{AccountRow, AccountsView, Coverage},
};
use leptos::{either::Either, prelude::*};
use time::OffsetDateTime;

#[component]
pub(crate) fn AccountsPage() -> impl IntoView {
    // A state that is none of ours filters nothing.
    let chosen: Option<AccountRoles> = own_field("roles").and_then(|state| state.parse().ok());
    let page = ArcResource::new(
        || (),
        move |()| async move { Ok((load_accounts().await?, load_progress().await?.running, chosen)) },
    );
    loaded(page, "Accounts", |(shown, is_scanning, chosen)| {
        view! { <List shown is_scanning chosen /> }.into_any()
    })
}

#[component]
fn List(shown: AccountsView, is_scanning: bool, chosen: Option<AccountRoles>) -> impl IntoView {
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
        let rows =
            shown.rows.into_iter().filter(|row| chosen.is_none_or(|state| row.roles == state));
        let rows = rows.map(|row| view! { <Row row now /> }).collect_view();
        Either::Right(view! {
            // Each step of a scan changes this list.
            <div class="panel flush" data-follows="scan">
                <DataTable class="list accounts" head=[
                    Heading::text("Account"),
                    Heading::text("OU"),
                    Heading::number("Secrets"),
                    Heading::number("Parameters"),
                    Heading::text("Last scan"),
                    Heading::text("Last updated"),
                    Heading::text("Roles"),
                    Heading::text("Prerequisites"),
                ]>{rows}</DataTable>
            </div>
        })
    };
    let actions = shown.can_scan.then(|| view! { <ScanNow is_scanning /> }.into_any());
    view! {
        <PageTitle text="Accounts" />
        <PageHeader actions>
            <h1>"Accounts"</h1>
            <p class="context">{context}</p>
        </PageHeader>
        <ScopeProblems problems=shown.scope_problems />
        <RollOutPanel roll_out=shown.roll_out chosen />
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
fn ScanNow(is_scanning: bool) -> impl IntoView {
    let action = ServerAction::<StartScan>::new();
    view! {
        <ActionForm action>
            <button class="button primary" disabled=is_scanning>
                {if is_scanning { "Scan in progress" } else { "Scan now" }}
            </button>
        </ActionForm>
        <ErrorNotice value=action.value() />
    }
}

#[component]
fn Row(row: AccountRow, now: OffsetDateTime) -> impl IntoView {
    let href = format!("/accounts/{}", row.id);
    let unit = if row.ou_path.is_empty() { "Root" } else { row.ou_path.as_str() };
    // A line may end after the name of a parent.
    let unit = unit.split_inclusive('/').map(|part| view! { {part.to_owned()}<wbr /> });
    let unit = unit.collect_view();
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
                <a href=href class="row-link">{name}</a>
                <small class="mono">{id}</small>
            </td>
            <td data-label="OU">{unit}</td>
            <td data-label="Secrets" class="number">{secrets}</td>
            <td data-label="Parameters" class="number">{parameters}</td>
            <td data-label="Last scan" class="reach"><CoverageCell row=row.clone() /></td>
            <td data-label="Last updated">{fresh}</td>
            <td data-label="Roles">{roles_chip(row.roles)}{opt_in_note(&row.opt_in_roles)}</td>
            <td data-label="Prerequisites">{unready}</td>
        </tr>
    }
}
