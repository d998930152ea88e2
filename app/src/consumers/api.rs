//! The server functions of consumers' roles.

use crate::wire::server::{call, is_plain_form, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::consumers::{RoleForm, attach::RolePage};
use claviger_services::ServiceError;
use leptos::prelude::*;

/// The role that the URL's query asks for, and its plan where it asks for one. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "consumers/draft")]
pub(crate) async fn load_role_page(
    #[server(default)] id: String,
    #[server(default)] query: String,
) -> Result<RolePage, WireError> {
    let (services, caller) = call()?;
    services.consumer_plans().page(&caller, &id, &query).await.map_err(wire)
}

/// Makes the plan that was previewed, and leads to it. `query` is the role's form as one.
#[server(output = TextJson, prefix = "/api", endpoint = "consumers/apply")]
pub(crate) async fn apply_role(
    #[server(default)] id: String,
    #[server(default)] query: String,
    #[server(default)] reason: String,
    #[server(default)] preview: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    match services.consumer_plans().submit(&caller, &id, &query, &reason, &preview).await {
        Ok(plan) => {
            leptos_axum::redirect(&format!("/remediation/{plan}"));
            Ok(())
        }
        Err(error) => {
            let is_stale = matches!(error, ServiceError::StalePreview);
            let refused = wire(error);
            if is_stale && is_plain_form() {
                // Without scripts the page is loaded again: with what was typed, and its own preview.
                let form =
                    RoleForm { apply: "yes".into(), reason, ..RoleForm::from_url_query(&query) };
                leptos_axum::redirect(&format!("/inventory/{id}/role?{}", form.to_url_query()));
            }
            Err(refused)
        }
    }
}
