//! The list with its facets. The URL holds its whole state.

use super::{api::load_inventory, facet_rail::FacetRail, table::InventoryTable, tokens::Tokens};
use crate::{
    shell::use_live,
    ui::{PageTitle, ProblemPanel, format::grouped, use_own_query},
};
use claviger_domain::view::InventoryPage as Shown;
use leptos::{either::Either, prelude::*};

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
                    Err(error) => Either::Right(view! { <ProblemPanel problem=error.0 /> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn List(shown: Shown) -> impl IntoView {
    let Shown { query, page, matching, total, facets, may_request, ever_swept, as_of } = shown;
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
        </div>
        <Tokens query=query.clone() facets=facets.clone() />
        <div class="with-rail">
            <FacetRail query facets />
            <section aria-label="Secrets and parameters">{content}</section>
        </div>
    }
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
