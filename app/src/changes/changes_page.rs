//! What changed across the Organization. The URL holds the list's whole state.

use super::{
    api::load_changes,
    labels::{What, kind_label},
};
use crate::ui::{Ago, Choice, DataTable, EmptyState, Heading, ListPage, Pager, loaded, own_query};
use claviger_domain::{
    VariantArray,
    changes::{ChangeKind, ChangeQuery, ChangeRow, ChangesView, FIELDS},
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The periods that are offered.
const PERIODS: [(u16, &str); 4] =
    [(1, "the last day"), (7, "the last 7 days"), (30, "the last 30 days"), (365, "the last year")];

#[component]
pub(crate) fn ChangesPage() -> impl IntoView {
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_changes(query.clone()));
    loaded(page, "Changes", |shown: ChangesView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: ChangesView) -> impl IntoView {
    let now = shown.as_of;
    let older =
        shown.next.map(|next| format!("/changes?{}", shown.query.after(Some(next)).to_url_query()));
    let context = match (shown.rows.len(), shown.next) {
        (0, _) => "Nothing has changed.".to_owned(),
        (1, None) => "1 change.".to_owned(),
        (count, None) => format!("{count} changes."),
        (count, Some(_)) => format!("The newest {count}; there are more."),
    };
    let content = if shown.rows.is_empty() {
        view! {
            <EmptyState title="No changes match.">
                <p>"Changes appear from the second scan on."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Row row now /> }).collect_view();
        view! {
            <div class="panel flush">
                <DataTable
                    class="list history"
                    head=["Secret or parameter", "What changed", "Account, Region", "Detected"].map(Heading::text)
                >
                    {rows}
                </DataTable>
                <Pager links=[("Older", older)] />
            </div>
        }
        .into_any()
    };
    let accounts = shown.accounts.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    view! {
        <ListPage title="Changes" context>
            <Filter query=shown.query accounts />
            <section aria-label="Changes">{content}</section>
        </ListPage>
    }
}

#[component]
fn Filter(query: ChangeQuery, accounts: Vec<(String, String)>) -> impl IntoView {
    let periods = PERIODS.map(|(days, text)| (days.to_string(), text.to_owned())).to_vec();
    let kinds = ChangeKind::VARIANTS
        .iter()
        .map(|kind| (kind.to_string(), kind_label(*kind).1.to_owned()))
        .collect();
    let fields = FIELDS.map(|field| (field.to_owned(), field.to_owned())).to_vec();
    view! {
        <form method="get" action="/changes" class="panel filter-row">
            <label>"Search"<input type="search" name="q" value=query.text.clone() /></label>
            <Choice name="days" label="Period" all="" options=periods chosen=Some(query.days.to_string()) />
            <Choice name="what" label="Change type" all="All" options=kinds chosen=query.what.first().map(ToString::to_string) />
            <Choice name="field" label="Field" all="any" options=fields chosen=query.fields.first().cloned() />
            <Choice name="account" label="Account" all="all" options=accounts chosen=query.accounts.first().map(ToString::to_string) />
            <button class="button">"Apply"</button>
        </form>
    }
}

#[component]
fn Row(row: ChangeRow, now: OffsetDateTime) -> impl IntoView {
    let href = format!("/inventory/{}", row.resource);
    view! {
        <tr>
            <td class="name mono"><a href=href class="row-link">{row.name}</a><small>{row.kind.to_string()}</small></td>
            <td data-label="What changed" class="wrap"><What what=row.what change=row.change /></td>
            <td data-label="Account, Region">{row.account_name}<small class="mono">{row.region.to_string()}</small></td>
            <td data-label="Detected"><Ago at=row.at now /></td>
        </tr>
    }
}
