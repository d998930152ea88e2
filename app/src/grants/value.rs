//! Using the grant's secrets: reveal, write, change in part, compare, rotate.

use super::{
    change_forms::{Compare, KeysOf, ParameterSettings},
    write::{RotateNow, Write},
};
use claviger_domain::{
    facts::Kind,
    grants::{Action, GrantResource, view::GrantDetail},
};
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
            match (shown.row.action, resource.kind) {
                (Action::Read, Kind::Secret) => view! {
                    <Shown grant=grant.clone() resource=resource.clone() />
                    <Compare grant resource />
                }
                .into_any(),
                (Action::Read, Kind::Parameter) => view! { <Shown grant resource /> }.into_any(),
                (Action::Write, _) => view! { <Write grant resource /> }.into_any(),
                (Action::Rotate, _) => view! { <RotateNow grant resource /> }.into_any(),
                (Action::Change, Kind::Secret) => view! {
                    <Shown grant=grant.clone() resource=resource.clone() />
                    <KeysOf grant=grant.clone() resource=resource.clone() />
                    <Write grant=grant.clone() resource=resource.clone() />
                    <Compare grant resource />
                }
                .into_any(),
                (Action::Change, Kind::Parameter) => view! {
                    <Shown grant=grant.clone() resource=resource.clone() />
                    <ParameterSettings grant resource />
                }
                .into_any(),
            }
        })
        .collect_view()
}

#[component]
fn Shown(grant: String, resource: GrantResource) -> impl IntoView {
    view! {
        <Reveal grant resource=resource.id.to_string() name=resource.name />
        <noscript><p class="note">"Revealing a value needs JavaScript, so that it can be hidden again. Use clv or the AWS CLI instead."</p></noscript>
    }
}
