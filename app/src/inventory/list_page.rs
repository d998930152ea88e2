//! The list with its facets. The URL holds its whole state.

use super::{
    api::load_inventory,
    facet_rail::FacetRail,
    filter_input::FilterInput,
    menus::{Columns, Export, Views},
    paths::Paths,
    table::InventoryTable,
    tokens::Tokens,
    words,
};
use crate::{
    shell::use_live,
    ui::{Incomplete, PageTitle, ProblemPanel, format::grouped, use_own_query},
};
use claviger_domain::{
    problem::ProblemCode,
    query::{InventoryQuery, retyped},
    view::InventoryPage as Shown,
};
use leptos::{either::Either, prelude::*};
use leptos_router::{
    NavigateOptions,
    components::{A, Form},
    hooks::{use_location, use_navigate},
};

#[component]
pub(crate) fn InventoryPage() -> impl IntoView {
    let live = use_live();
    let query = use_own_query();
    let page = Resource::new(
        move || (query.get(), live.version.get()),
        |(query, _)| load_inventory(query),
    );
    view! {
        <PageTitle text="Inventory" />
        <Transition fallback=|| view! { <p class="loading" role="status">"Reading the inventory…"</p> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(shown) => Either::Left(view! { <List shown /> }),
                    Err(error) => {
                        let typed = (error.0.code == ProblemCode::InvalidInput)
                            .then(|| view! { <Unreadable query=query.get_untracked() /> });
                        Either::Right(view! { {typed}<ProblemPanel problem=error.0 /> })
                    }
                }
            })}
        </Transition>
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
        <div class="head"><div><h1>"Inventory"</h1></div></div>
        <Form method="GET" action="/inventory" attr:class="tokens">
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
fn List(shown: Shown) -> impl IntoView {
    let Shown {
        query,
        page,
        matching,
        total,
        facets,
        views,
        folders,
        may_request,
        ever_swept,
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
        Either::Left(view! { <Empty filtered=query.is_filtered() ever_swept /> })
    } else {
        Either::Right(view! { <InventoryTable query=query.clone() page may_request now=as_of /> })
    };
    view! {
        <div class="head">
            <div>
                <h1>"Inventory"</h1>
                <p class="context" role="status">{context}</p>
            </div>
            <div class="actions">
                <A href="/inventory?kind=parameter&path=%2F" attr:class="button">"By path"</A>
                <Views query=query.clone() views />
                <Columns query=query.clone() />
                <Export query=query.clone() matching />
            </div>
        </div>
        <Incomplete why=incomplete />
        <Tokens query=query.clone() facets=facets.clone() />
        <div class="with-rail">
            <FacetRail query=query.clone() facets />
            <section aria-label="Secrets and parameters">
                <Paths query folders />
                {content}
            </section>
        </div>
    }
}

/// Filters that were typed among the words take their own place in the URL, so that it reads as the controls write it.
fn settle_url(query: &InventoryQuery) {
    let (location, navigate) = (use_location(), use_navigate());
    let (words, href) = (query.text.clone(), words::href(query));
    Effect::new(move |_| {
        let typed = location.query.read_untracked().get("q").unwrap_or_default();
        if typed.trim() != words && location.pathname.read_untracked().as_str() == "/inventory" {
            navigate(&href, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
}

/// Says why it is empty, and what to do.
#[component]
fn Empty(filtered: bool, ever_swept: bool) -> impl IntoView {
    let (why, what) = match (filtered, ever_swept) {
        (true, _) => ("Nothing matches these filters.", "Remove one, or search for other words."),
        (false, true) => (
            "There is nothing in your accounts.",
            "The sweeps found no secret and no parameter there.",
        ),
        (false, false) => (
            "No account has been read yet.",
            "The first sweep fills this list. The accounts page shows how far it is, and what stands in its way.",
        ),
    };
    view! {
        <div class="empty panel">
            <h2>{why}</h2>
            <p>{what}</p>
            <a class="button" href=if filtered { "/inventory" } else { "/accounts" }>
                {if filtered { "Clear the filters" } else { "See the accounts" }}
            </a>
        </div>
    }
}
