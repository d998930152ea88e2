//! The audit log, newest first, its filters, its export and its verification. The URL holds the list's whole state.

use super::{
    api::{VerifyAudit, load_audit},
    entry::Entry,
    filter_panel::{AuditActiveFilters, AuditFilterPanel, Choices},
    links::list,
    words::position,
};
use crate::ui::{
    DataTable, EmptyState, ErrorNotice, Heading, ListPage, Menu, Pager, format::grouped, loaded,
    own_query,
};
use claviger_domain::{
    VariantArray,
    audit::{
        AuditFormat, AuditQuery,
        view::{AuditView, ChainState},
    },
};
use leptos::prelude::*;

#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_audit(query.clone()));
    loaded(page, "Audit log", |shown: AuditView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: AuditView) -> impl IntoView {
    let AuditView { query, rows, newer, older, searched, actors, chain, as_of: now, .. } = shown;
    let context = position(shown.position, rows.len());
    let choices = Choices::new(actors);
    let is_filtered = !query.filters().is_empty();
    let actions = chain.is_some().then(|| view! { <Export query=query.clone() /> }.into_any());
    let note = searched.map(|(low, high)| {
        let (low, high) = (grouped(low.unsigned_abs()), grouped(high.unsigned_abs()));
        view! {
            <p class="note" role="status">
                {format!("Entries {low} to {high} were searched. Others were not searched yet.")}
            </p>
        }
    });
    let newer = newer.map(|seq| list(&query.after(seq)));
    let older_label = if searched.is_some() { "Search older entries" } else { "Older" };
    let older = older.map(|seq| list(&query.before(seq)));
    let content = if rows.is_empty() {
        view! { <Empty is_filtered /> }.into_any()
    } else {
        let rows = rows.into_iter().map(|row| view! { <Entry row now /> }).collect_view();
        let head = vec![
            Heading::number("Entry"),
            Heading::text("When"),
            Heading::text("What happened"),
            Heading::text("Outcome"),
        ];
        view! {
            <div class="panel flush">
                <DataTable class="list audit" head>{rows}</DataTable>
            </div>
        }
        .into_any()
    };
    view! {
        <ListPage title="Audit log" context actions>
            <Chain chain />
            <AuditActiveFilters query=query.clone() choices=choices.clone() />
            <div class="with-rail">
                <AuditFilterPanel query choices />
                <section aria-label="Entries">
                    {note}
                    {content}
                    <Pager links=[("Newer", newer), (older_label, older)] />
                </section>
            </div>
        </ListPage>
    }
}

/// The state of the chain, and its verification.
#[component]
fn Chain(chain: Option<ChainState>) -> impl IntoView {
    let action = ServerAction::<VerifyAudit>::new();
    let state = chain.map(|chain| {
        let entries = grouped(chain.entries.unsigned_abs());
        view! {
            <p>
                {format!("Tamper-evident: {entries} entries, each with the hash of the one before. Latest hash: ")}
                <span class="mono">{chain.head}</span>
            </p>
        }
    });
    view! {
        <section class="panel chain" aria-label="Integrity">
            {state}
            <ActionForm action attr:class="form">
                <button class="button">"Verify integrity"</button>
                // The page's module shows it, with what the verification found.
                <p class="done" role="status" hidden data-success=""><span></span></p>
            </ActionForm>
            <ErrorNotice value=action.value() />
        </section>
    }
}

/// The whole filtered list as a file. A form, because the export is itself an entry.
#[component]
fn Export(query: AuditQuery) -> impl IntoView {
    let query = query.first_page().to_url_query();
    let forms = AuditFormat::VARIANTS
        .iter()
        .map(|format| {
            let action = format!("/export/audit/{format}?{query}");
            let name = match format {
                AuditFormat::Csv => "CSV, for spreadsheets",
                AuditFormat::Json => "JSON, with what verifies it",
                AuditFormat::Ocsf => "OCSF Entity Management",
            };
            view! {
                <li>
                    <form method="post" action=action><button class="link">{name}</button></form>
                </li>
            }
        })
        .collect_view();
    view! {
        <Menu label="Export" class="right menu">
            <ul class="form">{forms}<li class="faint">"The export is logged."</li></ul>
        </Menu>
    }
}

#[component]
fn Empty(is_filtered: bool) -> impl IntoView {
    let (why, what) = if is_filtered {
        ("No entries match.", "Remove a filter or change your search.")
    } else {
        ("No entries.", "Requests, decisions and sessions are logged here.")
    };
    view! { <EmptyState title=why><p>{what}</p></EmptyState> }
}
