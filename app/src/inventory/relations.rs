//! What surrounds a secret or parameter.

use super::{api::load_siblings, cells::RotationCell, labels::key_label};
use crate::ui::{Panel, once_read};
use claviger_domain::inventory::view::Sibling;
use leptos::prelude::*;
use time::OffsetDateTime;

/// The same name in other accounts and Regions. What cannot be read is left out: the page lives without it.
#[component]
pub(crate) fn Siblings(id: String, now: OffsetDateTime) -> impl IntoView {
    let siblings = ArcResource::new(|| (), move |()| load_siblings(id.clone()));
    once_read(siblings, move |siblings| {
        let siblings = siblings.unwrap_or_default();
        (!siblings.is_empty()).then(|| view! { <List siblings now /> }).into_any()
    })
}

#[component]
fn List(siblings: Vec<Sibling>, now: OffsetDateTime) -> impl IntoView {
    let rows = siblings
        .into_iter()
        .map(|sibling| {
            view! {
                <tr>
                    <td>
                        <a href=format!("/inventory/{}", sibling.id)>{sibling.account_name}</a>
                        <small>{sibling.region.to_string()}</small>
                    </td>
                    <td><RotationCell state=sibling.rotation now alone=true /></td>
                    <td class="faint">{key_label(sibling.key)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Same name in other accounts and Regions" class="flush">
            <table class="plain">
                <thead class="sr"><tr><th scope="col">"Account"</th><th scope="col">"Rotation"</th><th scope="col">"Key"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </Panel>
    }
}
