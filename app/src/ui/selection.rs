//! Rows that are selected for an action: those that are ticked, or all that match.

use crate::ui::format::grouped;
use leptos::{either::Either, prelude::*};

/// Something that can be done with selected rows: a page that takes them in its URL.
#[derive(Clone)]
pub(crate) struct SelectionAction {
    pub(crate) label: &'static str,
    /// Takes each ticked row as a field of its query.
    pub(crate) path: &'static str,
    /// The same for all that match; `None` where it takes no more than a page.
    pub(crate) all: Option<String>,
    /// A field that goes with ticked rows, such as the list that the action leads back to.
    pub(crate) with: Option<(&'static str, String)>,
}

/// All rows that match, beyond the page.
#[derive(Clone)]
pub(crate) struct AllMatching {
    pub(crate) count: u64,
    /// Whether they are selected.
    pub(crate) is_selected: bool,
    /// Selects them, or no longer.
    pub(crate) href: String,
}

/// A list whose selected rows go to one of the actions; without any, nothing can be selected. A list on one page has no
/// `all`. `fields` go with the ticked rows. The style sheet shows the bar when a row is ticked, and counts the ticks.
#[component]
pub(crate) fn SelectionForm(
    actions: Vec<SelectionAction>,
    all: Option<AllMatching>,
    fields: Vec<(&'static str, String)>,
    children: Children,
) -> impl IntoView {
    let Some(first) = actions.first() else {
        return view! { <div class="panel flush">{children()}</div> }.into_any();
    };
    let action = first.path;
    let bar = if let Some(all) = all.as_ref().filter(|all| all.is_selected) {
        let buttons = actions.into_iter().enumerate().map(|(at, one)| {
            let class = if at == 0 { "button primary" } else { "button" };
            match one.all {
                Some(href) => Either::Left(
                    view! { <a href=href class=class rel=is_file(one.path)>{one.label}</a> },
                ),
                None => Either::Right(view! {
                    <span class="faint">{format!("{} takes at most one page: narrow the list.", one.label)}</span>
                }),
            }
        });
        view! {
            <div class="selection all" role="group" aria-label="Selection">
                <span role="status">{format!("All {} selected", grouped(all.count))}</span>
                <a href=all.href.clone() data-in-place="">"Clear selection"</a>
                <span class="actions">{buttons.collect_view()}</span>
            </div>
        }
        .into_any()
    } else {
        let buttons = actions.into_iter().enumerate().map(|(at, one)| {
            let class = if at == 0 { "button primary" } else { "button" };
            let (name, value) = one.with.unzip();
            view! { <button class=class formaction=one.path name=name value=value>{one.label}</button> }
        });
        let select_all = all.map(|all| {
            let label = format!("Select all {} that match", grouped(all.count));
            view! { <a href=all.href data-in-place="">{label}</a> }
        });
        view! {
            <div class="selection" role="group" aria-label="Selection">
                <span class="ticked">" selected"</span>
                {select_all}
                <span class="actions">{buttons.collect_view()}</span>
            </div>
        }
        .into_any()
    };
    let fields = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    // The counter of ticks is in a part of its own: a panel is a container, which keeps counters in.
    view! { <form method="get" action=action class="panel flush">{fields}<div class="choose">{children()}{bar}</div></form> }
        .into_any()
}

/// A file is no page, so the router must not look for it.
fn is_file(path: &str) -> Option<&'static str> {
    path.starts_with("/export/").then_some("external")
}

/// The checkbox of a row; ticked for good while all that match are selected.
#[component]
pub(crate) fn SelectCell(
    name: &'static str,
    value: String,
    #[prop(into)] label: String,
    all: bool,
) -> impl IntoView {
    view! { <td class="pick"><input type="checkbox" name=name value=value aria-label=label checked=all disabled=all /></td> }
}
