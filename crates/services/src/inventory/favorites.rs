//! Secrets and parameters that a person wants to find again.

use crate::{InventoryService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    ids::ResourceId,
    inventory::view::Favorites,
};

/// More than anybody finds a secret among.
const MAX_FAVORITES: u16 = 200;

impl InventoryService {
    /// The caller's favorites, as far as they may still see them, the newest first.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn favorites(&self, caller: &Caller) -> Result<Favorites, ServiceError> {
        let visible = self.authority.where_allowed(caller, Permission::ReadInventory).await?;
        let now = self.clock.now();
        Ok(Favorites {
            rows: self.inventory.favorites(&visible, &caller.person.subject, now).await?,
            may_request: caller.may(Permission::RequestAccess),
            as_of: now,
        })
    }

    /// Whether it is one of the caller's favorites.
    pub(crate) async fn is_favorite(
        &self,
        caller: &Caller,
        id: ResourceId,
    ) -> Result<bool, ServiceError> {
        Ok(self.inventory.is_favorite(&caller.person.subject, id).await?)
    }

    /// Makes it a favorite of the caller, or no longer one. What left the caller's scope can still be removed.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn set_favorite(
        &self,
        caller: &Caller,
        id: &str,
        on: bool,
    ) -> Result<(), ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let subject = &caller.person.subject;
        if !on {
            return Ok(self.inventory.remove_favorite(subject, id).await?);
        }
        let now = self.clock.now();
        if self.inventory.inventory_rows(&visible, &[id], &[], now).await?.is_empty() {
            return Err(missing());
        }
        if self.inventory.add_favorite(subject, id, MAX_FAVORITES, now).await? {
            Ok(())
        } else {
            Err(ServiceError::conflict(
                format!("You have {MAX_FAVORITES} favorites already."),
                "Remove one that you no longer need on My access.",
            ))
        }
    }
}
