//! The resource policy of a secret: whom it lets in, and the document.

use crate::{
    compliance::ResourcePolicy,
    ui::loaded,
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::{compliance::view::ResourcePolicyView, inventory::view::ResourceDetail};
use leptos::prelude::*;

#[component]
pub(crate) fn PolicyTab(shown: ResourceDetail) -> impl IntoView {
    let id = shown.id.to_string();
    let policy = ArcResource::new(|| (), move |()| load(id.clone()));
    loaded(policy, "Inventory", |shown: ResourcePolicyView| {
        view! { <div class="stack"><ResourcePolicy readers=shown.readers /></div> }.into_any()
    })
}

async fn load(id: String) -> Result<ResourcePolicyView, WireError> {
    let (services, caller) = call()?;
    services.compliance().resource_policy(&caller, &id).await.map_err(wire)
}
