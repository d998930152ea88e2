//! What stands at the head of the list: saved views, columns, the export.

use super::{
    column_label::column_label,
    labels,
    list_api::{DeleteView, SaveView},
};
use crate::ui::{ErrorNotice, Hidden, Icon, Menu, Shape, format::grouped};
use claviger_domain::{
    VariantArray,
    inventory::{Column, InventoryQuery, view::SavedView},
};
use leptos::prelude::*;

#[component]
pub(crate) fn Views(query: InventoryQuery, views: Vec<SavedView>) -> impl IntoView {
    let (save, delete) = (ServerAction::<SaveView>::new(), ServerAction::<DeleteView>::new());
    let here = query.view().to_url_query();
    let of = |mine: bool| {
        let here = here.clone();
        let rows = views.iter().filter(|view| view.is_mine == mine).cloned();
        rows.map(move |view| {
            let href = if view.query.is_empty() {
                "/inventory".to_owned()
            } else {
                format!("/inventory?{}", view.query)
            };
            let about = match (view.is_mine, view.shared) {
                (true, true) => "shared".to_owned(),
                (true, false) => String::new(),
                (false, _) => format!("by {}", view.owner),
            };
            let is_here = (view.query == here).then_some("page");
            let out = format!("Delete the view {}", view.name);
            let remove = view.is_mine.then(|| {
                view! {
                    <ActionForm action=delete>
                        <input type="hidden" name="id" value=view.id.clone() />
                        <button class="bare" aria-label=out><Icon shape=Shape::Close /></button>
                    </ActionForm>
                }
            });
            view! {
                <li>
                    <a href=href aria-current=is_here>{view.name}</a>
                    <span class="faint">{about}</span>
                    {remove}
                </li>
            }
        })
        .collect_view()
    };
    let (mine, others) = (of(true), of(false));
    let empty = views.is_empty().then(
        || view! { <p class="faint">"No saved views. Set filters, sort and columns, then save them."</p> },
    );
    view! {
        <Menu label="Saved views" class="right menu">
            <div class="form views">
                {empty}
                <ul>{mine}{others}</ul>
                <ActionForm action=save attr:class="form">
                    <input type="hidden" name="query" value=here.clone() />
                    <label class="field">
                        <span>"Save this view as"</span>
                        <input type="text" name="name" required maxlength="60" autocomplete="off" />
                    </label>
                    <label class="inline"><input type="checkbox" name="shared" value="true" />" Shared with everyone"</label>
                    <button class="button primary">"Save"</button>
                    <ErrorNotice value=save.value() />
                    <ErrorNotice value=delete.value() />
                </ActionForm>
            </div>
        </Menu>
    }
}

#[component]
pub(crate) fn Columns(query: InventoryQuery) -> impl IntoView {
    let shown = query.columns().to_vec();
    let plain = InventoryQuery { columns: Vec::new(), ..query.view() };
    let kept = plain
        .fields()
        .into_iter()
        .map(|(name, value)| view! { <Hidden name value /> })
        .collect_view();
    let choices = Column::VARIANTS
        .iter()
        .map(|column| {
            let checked = shown.contains(column);
            view! {
                <label class="inline">
                    <input type="checkbox" name="col" value=column.to_string() checked=checked />
                    " "{column_label(*column)}
                </label>
            }
        })
        .collect_view();
    let usual = (!query.columns.is_empty())
        .then(|| view! { <a href=labels::href(&plain)>"Reset columns"</a> });
    view! {
        <Menu label="Columns" class="right menu">
            <form method="get" action="/inventory" class="form" data-submit="change">
                {kept}
                {choices}
                {usual}
                <noscript><button class="button">"Show these"</button></noscript>
            </form>
        </Menu>
    }
}

/// The whole filtered list as a file. The page's module shows the progress.
#[component]
pub(crate) fn Export(query: InventoryQuery, matching: u64) -> impl IntoView {
    let query = query.view().to_url_query();
    let links = [("csv", "CSV, for spreadsheets"), ("json", "JSON")].map(|(format, name)| {
        let href = format!("/export/inventory/{format}?{query}");
        view! { <li><a href=href rel="external" download data-export="">{name}</a></li> }
    });
    let csv = format!("/export/inventory/csv?{query}");
    view! {
        <a href=csv class="button" rel="external" download>"Export CSV"</a>
        <Menu label="Export as" class="right menu">
            <div class="form">
                <p class="faint">{grouped(matching)}" matching rows"</p>
                <ul>{links.into_iter().collect_view()}</ul>
                <div aria-live="polite"></div>
            </div>
        </Menu>
    }
}
