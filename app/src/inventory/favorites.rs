//! The star on a secret or parameter.

use crate::{
    ui::{ErrorNotice, Hidden},
    wire::{
        TextJson, WireError,
        server::{call, wire},
    },
};
use claviger_domain::{ids::ResourceId, inventory::view::Favorites};
use leptos::prelude::*;

/// The caller's favorites.
pub(crate) async fn load_favorites() -> Result<Favorites, WireError> {
    let (services, caller) = call()?;
    services.inventory().favorites(&caller).await.map_err(wire)
}

/// Makes a secret or parameter a favorite of the caller, or no longer one.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/favorite")]
pub(crate) async fn set_favorite(
    resource: String,
    #[server(default)] on: bool,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.inventory().set_favorite(&caller, &resource, on).await.map_err(wire)
}

/// Its button: pressed while it is a favorite.
#[component]
pub(crate) fn FavoriteButton(id: ResourceId, is_favorite: bool) -> impl IntoView {
    let action = ServerAction::<SetFavorite>::new();
    let title = if is_favorite {
        "Remove it from your favorites on My access"
    } else {
        "Find it again on My access"
    };
    view! {
        <ActionForm action attr:class="star">
            <Hidden name="resource" value=id.to_string() />
            <Hidden name="on" value=(!is_favorite).to_string() />
            <button class="bare favorite" aria-pressed=is_favorite.to_string() aria-label="Favorite" title=title>
                <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                    <path d="M8 1.9l1.9 3.9 4.2.6-3 3 .7 4.2L8 11.6l-3.8 2 .7-4.2-3-3 4.2-.6z" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" />
                </svg>
            </button>
            <ErrorNotice value=action.value() />
        </ActionForm>
    }
}
