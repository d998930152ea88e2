//! Down the hierarchy of names, slash by slash, above the list that it narrows.

use super::labels;
use crate::ui::format::grouped;
use claviger_domain::inventory::{Exactly, InventoryQuery, view::PathStep};
use leptos::prelude::*;

/// The same list below another path.
fn below(query: &InventoryQuery, path: &str) -> String {
    let paths = if path.is_empty() { Vec::new() } else { vec![Exactly(path.to_owned())] };
    labels::href(&InventoryQuery { paths, ..query.view() })
}

/// Where one is, with every step back, and where one can go from there.
#[component]
pub(crate) fn Paths(query: InventoryQuery, folders: Vec<PathStep>) -> impl IntoView {
    let [Exactly(path)] = query.paths.as_slice() else { return ().into_any() };
    let mut steps: Vec<String> = Vec::new();
    for step in path.split_inclusive('/') {
        let whole = steps.last().cloned().unwrap_or_default() + step;
        steps.push(whole);
    }
    let crumbs = steps
        .iter()
        .scan(0, |from, whole| {
            let step = whole[*from..].to_owned();
            *from = whole.len();
            Some((step, below(&query, whole)))
        })
        .map(|(step, href)| view! { <a href=href class="mono">{step}</a> })
        .collect_view();
    let deeper = folders
        .into_iter()
        .map(|folder| {
            let name = folder.path.get(path.len()..).unwrap_or(&folder.path).to_owned();
            let href = below(&query, &folder.path);
            view! { <li><a href=href class="mono">{name}</a><span class="count">{grouped(folder.count)}</span></li> }
        })
        .collect::<Vec<_>>();
    let deeper = if deeper.is_empty() {
        view! { <p class="faint">"No subfolders."</p> }.into_any()
    } else {
        view! { <ul>{deeper}</ul> }.into_any()
    };
    view! {
        <section class="paths panel" aria-label="Paths">
            <nav class="crumbs" aria-label="Path">
                <a href=below(&query, "")>"All"</a>" "{crumbs}
            </nav>
            {deeper}
        </section>
    }
    .into_any()
}
