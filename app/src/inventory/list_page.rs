//! The list with its facets. The URL holds its whole state.

use super::{
    active_filters::InventoryActiveFilters,
    filter_input::FilterInput,
    filter_panel::InventoryFilterPanel,
    labels,
    list_api::load_inventory,
    menus::{Columns, Export, Views},
    paths::Paths,
    table::InventoryTable,
};
use crate::{
    ui::{
        EmptyState, Incomplete, ListPage, PageHeader, PageTitle, ProblemPanel, format::grouped,
        once_read, own_field, own_query,
    },
    wire::server::redirect_page,
};
use claviger_domain::{
    inventory::{InventoryQuery, retyped, view::InventoryView},
    problem::ProblemCode,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn InventoryPage() -> impl IntoView {
    let query = own_query();
    let page = ArcResource::new(|| (), {
        let query = query.clone();
        move |()| load_inventory(query.clone())
    });
    let shown = once_read(page, move |page| match page {
        Ok(shown) => view! { <List shown /> }.into_any(),
        Err(error) => {
            let query = query.clone();
            let typed =
                (error.0.code == ProblemCode::InvalidInput).then(|| view! { <Unreadable query /> });
            view! { {typed}<ProblemPanel problem=error.0 /> }.into_any()
        }
    });
    view! { <PageTitle text="Inventory" /> {shown} }
}

/// The filter box with what was typed, where it cannot be read: to be corrected, not typed again.
#[component]
fn Unreadable(query: String) -> impl IntoView {
    let (text, rest) = retyped(&query);
    let rest = rest
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    view! {
        <PageHeader><h1>"Inventory"</h1></PageHeader>
        <form method="get" action="/inventory" class="active-filters">
            {rest}
            <FilterInput
                id="words"
                value=text
                placeholder="Search or filter, e.g. tag:owner=payments"
                label="Search names, descriptions, tags and ARNs, or filter"
            />
            <button class="button small">"Search"</button>
        </form>
    }
}

#[component]
fn List(shown: InventoryView) -> impl IntoView {
    let InventoryView {
        query,
        page,
        matching,
        total,
        facets,
        views,
        folders,
        may_request,
        may_fix,
        is_scanned,
        incomplete,
        as_of,
    } = shown;
    settle_url(&query);
    let context = if query.is_filtered() {
        format!("{} of {} secrets and parameters match", grouped(matching), grouped(total))
    } else {
        format!("{} secrets and parameters", grouped(total))
    };
    let content = if page.rows.is_empty() {
        Either::Left(view! { <Empty filtered=query.is_filtered() is_scanned /> })
    } else {
        Either::Right(
            view! { <InventoryTable query=query.clone() page matching may_request may_fix now=as_of /> },
        )
    };
    let actions = view! {
        <a href="/inventory?kind=parameter&path=%2F" class="button">"Browse by path"</a>
        <a href="/rotations" class="button">"Rotations"</a>
        <Views query=query.clone() views />
        <Columns query=query.clone() />
        <Export query=query.clone() matching />
        {may_request.then(|| view! { <a href="/secrets/new" class="button">"New secret"</a> })}
    }
    .into_any();
    view! {
        <ListPage title="Inventory" context actions>
            <Incomplete why=incomplete />
            <InventoryActiveFilters query=query.clone() facets=facets.clone() />
            <div class="with-rail">
                <InventoryFilterPanel query=query.clone() facets />
                <section aria-label="Secrets and parameters">
                    <Paths query folders />
                    {content}
                </section>
            </div>
        </ListPage>
    }
}

/// Filters that were typed among the words take their own place in the URL, so that it reads as the controls write it.
fn settle_url(query: &InventoryQuery) {
    let typed = own_field("q").unwrap_or_default();
    if typed.trim() != query.text {
        redirect_page(&labels::href(query));
    }
}

/// Says why it is empty, and what to do.
#[component]
fn Empty(filtered: bool, is_scanned: bool) -> impl IntoView {
    let (why, what) = match (filtered, is_scanned) {
        (true, _) => ("No results.", "Remove a filter or change your search."),
        (false, true) => (
            "No secrets or parameters.",
            "The scans found no secret or parameter in your accounts.",
        ),
        (false, false) => (
            "No account has been scanned yet.",
            "The first scan fills this list. The accounts page shows its progress and any failures.",
        ),
    };
    view! {
        <EmptyState title=why>
            <p>{what}</p>
            <a class="button" href=if filtered { "/inventory" } else { "/accounts" }>
                {if filtered { "Clear the filters" } else { "View accounts" }}
            </a>
        </EmptyState>
    }
}
