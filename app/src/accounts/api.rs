//! The accounts' server functions.

use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::inventory::view::{AccountDetail, AccountsView};
use leptos::prelude::*;

/// All accounts within one's scope.
#[server(output = TextJson, prefix = "/api", endpoint = "accounts/list")]
pub(crate) async fn load_accounts() -> Result<AccountsView, WireError> {
    let (services, caller) = call()?;
    services.accounts().accounts(&caller).await.map_err(wire)
}

/// One account with its Regions.
#[server(output = TextJson, prefix = "/api", endpoint = "accounts/account")]
pub(crate) async fn load_account(id: String) -> Result<AccountDetail, WireError> {
    let (services, caller) = call()?;
    services.accounts().account(&caller, &id).await.map_err(wire)
}
