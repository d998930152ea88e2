//! What changed of one secret or parameter.

use super::{api::load_timeline, words::What};
use crate::{
    shell::use_live,
    ui::{Moment, loaded},
};
use claviger_domain::history::ChangeRow;
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn Timeline(id: String, now: OffsetDateTime) -> impl IntoView {
    let live = use_live();
    let rows = Resource::new(move || (id.clone(), live.version.get()), |(id, _)| load_timeline(id));
    provide_context(Now(now));
    loaded(rows, "Inventory", |rows: Vec<ChangeRow>| view! { <Rows rows /> }.into_any())
}

#[derive(Clone, Copy)]
struct Now(OffsetDateTime);

#[component]
fn Rows(rows: Vec<ChangeRow>) -> impl IntoView {
    let now = expect_context::<Now>().0;
    let content = if rows.is_empty() {
        view! { <p class="faint">"Nothing has changed since the sweeps first saw it."</p> }
            .into_any()
    } else {
        let rows = rows
            .into_iter()
            .map(|row| view! { <li><p class="faint"><Moment at=row.at now /></p><What what=row.what change=row.change /></li> })
            .collect_view();
        view! { <ul class="checks past">{rows}</ul> }.into_any()
    };
    view! { <section class="panel"><h2>"What changed"</h2>{content}</section> }
}
