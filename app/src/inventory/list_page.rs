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
    ui::{EmptyState, Incomplete, ListPage, PageHeader, PageTitle, ProblemPanel, format::grouped},
    wire::server::redirect_page,
};
use claviger_domain::{
    inventory::{InventoryQuery, retyped, view::InventoryView},
    problem::ProblemCode,
};
use leptos::{either::Either, prelude::*};
use leptos_router::{
    components::{A, Form},
    hooks::use_location,
};

#[component]
pub(crate) fn InventoryPage() -> impl IntoView {
    let query = use_location().search.get_untracked().trim_start_matches('?').to_owned();
    let page = Resource::new(|| (), {
        let query = query.clone();
        move |()| load_inventory(query.clone())
    });
    view! {
        <PageTitle text="Inventory" />
        <Suspense>
            {move || {
                let query = query.clone();
                Suspend::new(async move {
                    match page.await {
                        Ok(shown) => Either::Left(view! { <List shown /> }),
                        Err(error) => {
                            let typed = (error.0.code == ProblemCode::InvalidInput)
                                .then(|| view! { <Unreadable query /> });
                            Either::Right(view! { {typed}<ProblemPanel problem=error.0 /> })
                        }
                    }
                })
            }}
        </Suspense>
    }
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
        <Form method="GET" action="/inventory" attr:class="active-filters">
            {rest}
            <FilterInput
                id="words"
                value=text
                placeholder="Search or filter, e.g. tag:owner=payments"
                label="Search names, descriptions, tags and ARNs, or filter"
            />
            <button class="button small">"Search"</button>
        </Form>
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
        <A href="/inventory?kind=parameter&path=%2F" attr:class="button">"Browse by path"</A>
        <Views query=query.clone() views />
        <Columns query=query.clone() />
        <Export query=query.clone() matching />
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
    let typed = use_location().query.read_untracked().get("q").unwrap_or_default();
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
