//! Using the grant's secrets: reveal, write, rotate.

use super::write::{RotateNow, Write};
use claviger_domain::grants::{Action, view::GrantDetail};
use claviger_islands::Reveal;
use leptos::prelude::*;

#[component]
pub(crate) fn Values(shown: GrantDetail) -> impl IntoView {
    let grant = shown.row.id.to_string();
    shown
        .resources
        .into_iter()
        .map(|resource| {
            let grant = grant.clone();
            match shown.row.action {
                Action::Read => view! {
                    <Reveal grant resource=resource.id.to_string() name=resource.name />
                    <noscript><p class="note">"Revealing a value needs JavaScript, so that it can be hidden again. Use clv or the AWS CLI instead."</p></noscript>
                }
                .into_any(),
                Action::Write => view! { <Write grant resource /> }.into_any(),
                Action::Rotate => view! { <RotateNow grant resource /> }.into_any(),
            }
        })
        .collect_view()
}
