//! What changed of one secret or parameter.

use super::{api::load_timeline, labels::What};
use crate::ui::{Panel, Timestamp, loaded};
use claviger_domain::changes::Timeline as Read;
use leptos::prelude::*;

#[component]
pub(crate) fn Timeline(id: String) -> impl IntoView {
    let read = Resource::new(|| (), move |()| load_timeline(id.clone()));
    loaded(read, "Inventory", |read: Read| view! { <Rows read /> }.into_any())
}

#[component]
fn Rows(read: Read) -> impl IntoView {
    let now = read.as_of;
    let content = if read.rows.is_empty() {
        view! { <p class="faint">"No changes since first seen."</p> }.into_any()
    } else {
        let rows = read
            .rows
            .into_iter()
            .map(|row| view! { <li><p class="faint"><Timestamp at=row.at now /></p><What what=row.what change=row.change /></li> })
            .collect_view();
        view! { <ul class="checks past">{rows}</ul> }.into_any()
    };
    view! { <Panel title="Change history">{content}</Panel> }
}
