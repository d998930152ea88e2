//! What stands at the head of the list: saved views, columns, the export.

use super::{
    api::{DeleteView, SaveView, load_export},
    filter_panel::hidden,
    labels,
};
use crate::{
    shell::use_live,
    ui::{ErrorNotice, Icon, Shape, format::grouped},
};
use claviger_domain::inventory::{
    Column, InventoryQuery,
    view::{ExportProgress, SavedView},
};
use leptos::{ev::Event, prelude::*, task::spawn_local};
use leptos_router::components::{A, Form};
use std::time::Duration;

/// How often a running export is asked about.
const ASKED: Duration = Duration::from_millis(700);

#[component]
pub(crate) fn Views(query: InventoryQuery, views: Vec<SavedView>) -> impl IntoView {
    let (save, delete) = (ServerAction::<SaveView>::new(), ServerAction::<DeleteView>::new());
    let live = use_live();
    // What was saved or deleted shows once the list is read again.
    Effect::new(move |before: Option<usize>| {
        let now = save.version().get() + delete.version().get();
        if before.is_some_and(|before| before != now) {
            live.version.update(|version| *version += 1);
        }
        now
    });
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
                    <A href=href attr:aria-current=is_here>{view.name}</A>
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
        <details class="drop right menu">
            <summary class="button">"Saved views"</summary>
            <div class="form views">
                {empty}
                <ul>{mine}{others}</ul>
                <ActionForm action=save attr:class="form">
                    <input type="hidden" name="query" value=here.clone() prop:value=here />
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
        </details>
    }
}

#[component]
pub(crate) fn Columns(query: InventoryQuery) -> impl IntoView {
    let shown = query.columns().to_vec();
    let plain = InventoryQuery { columns: Vec::new(), ..query.view() };
    let kept = plain.fields().into_iter().map(|(field, value)| hidden(field, value)).collect_view();
    let choices = Column::ALL
        .iter()
        .map(|column| {
            let checked = shown.contains(column);
            view! {
                <label class="inline">
                    <input type="checkbox" name="col" value=column.to_string() checked=checked prop:checked=checked
                        on:change=submit />
                    " "{labels::column_label(*column)}
                </label>
            }
        })
        .collect_view();
    let usual = (!query.columns.is_empty())
        .then(|| view! { <A href=labels::href(&plain)>"Reset columns"</A> });
    view! {
        <details class="drop right menu">
            <summary class="button">"Columns"</summary>
            <Form method="GET" action="/inventory" attr:class="form">
                {kept}
                {choices}
                {usual}
                <noscript><button class="button">"Show these"</button></noscript>
            </Form>
        </details>
    }
}

/// Sends the form that the control stands in.
pub(crate) fn submit(event: Event) {
    if let Some(form) = event_target::<leptos::web_sys::HtmlInputElement>(&event).form() {
        // A browser that refuses leaves the tick, and the button of the form sends it.
        let _ = form.request_submit();
    }
}

/// An export as the page knows it.
#[derive(Clone, Copy)]
enum Watched {
    /// Nothing was written yet, as far as one hears.
    Begun,
    Known(ExportProgress),
}

/// The whole filtered list as a file, with how far it is.
#[component]
pub(crate) fn Export(query: InventoryQuery, matching: u64) -> impl IntoView {
    let query = query.view().to_url_query();
    let progress = RwSignal::new(None::<Watched>);
    let links = [("csv", "CSV, for spreadsheets"), ("json", "JSON")].map(|(format, name)| {
        let href = format!("/export/inventory/{format}?{query}");
        let with_progress = href.clone();
        let watch = move |event: leptos::ev::MouseEvent| {
            // A word that no other export of this person has: the time by the millisecond.
            let token =
                format!("{:.0}", window().performance().map_or(0.0, |p| p.time_origin() + p.now()));
            let anchor = event_target::<leptos::web_sys::HtmlAnchorElement>(&event);
            let mark = if with_progress.ends_with('?') { "" } else { "&" };
            anchor.set_href(&format!("{with_progress}{mark}progress={token}"));
            progress.set(Some(Watched::Begun));
            follow(token, progress);
        };
        view! { <li><a href=href rel="external" download on:click=watch>{name}</a></li> }
    });
    let state = move || progress.get().map(|progress| view! { <Progress progress /> });
    view! {
        <details class="drop right menu">
            <summary class="button">"Export"</summary>
            <div class="form">
                <p class="faint">{grouped(matching)}" matching rows"</p>
                <ul>{links.into_iter().collect_view()}</ul>
                <div aria-live="polite">{state}</div>
            </div>
        </details>
    }
}

#[component]
fn Progress(progress: Watched) -> impl IntoView {
    let Watched::Known(progress) = progress else {
        return view! { <p class="faint">"Starting…"</p> }.into_any();
    };
    let (written, total) = (grouped(progress.written), grouped(progress.total));
    match (progress.ended, progress.failed) {
        (true, true) => view! {
            <p class="fault">{format!("Export incomplete ({written} of {total} rows). Try again.")}</p>
        }
        .into_any(),
        (true, false) => view! { <p>{format!("All {written} rows exported.")}</p> }.into_any(),
        (false, _) => view! {
            <progress max=progress.total.to_string() value=progress.written.to_string()></progress>
            <p class="faint">{format!("{written} of {total} rows")}</p>
        }
        .into_any(),
    }
}

/// Asks about an export until it has ended.
fn follow(token: String, progress: RwSignal<Option<Watched>>) {
    set_timeout(
        move || {
            spawn_local(async move {
                let found = load_export(token.clone()).await.ok().flatten();
                let known = found.map_or(Watched::Begun, Watched::Known);
                // The page may have gone.
                if progress.try_set(Some(known)).is_none() && found.is_none_or(|found| !found.ended)
                {
                    follow(token, progress);
                }
            });
        },
        ASKED,
    );
}
