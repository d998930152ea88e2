//! Views that people save for themselves or for all.

use crate::{InventoryService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    filter::InvalidFilter,
    inventory::{InventoryQuery, view::SavedView},
};

/// The longest name, in characters.
const MAX_NAME_CHARS: usize = 60;
/// More than anybody finds a view among.
const MAX_VIEWS: usize = 100;

impl InventoryService {
    /// The caller's own views and those that are shared. A shared one shows each person what is within their scope.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn saved_views(&self, caller: &Caller) -> Result<Vec<SavedView>, ServiceError> {
        self.authority.within(caller, Permission::ReadInventory).await?;
        Ok(self.inventory.saved_views(&caller.person.subject).await?)
    }

    /// Saves the view that a URL's query describes.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn save_view(
        &self,
        caller: &Caller,
        name: &str,
        url_query: &str,
        shared: bool,
    ) -> Result<(), ServiceError> {
        self.authority.within(caller, Permission::ReadInventory).await?;
        let name = name.trim();
        if name.is_empty()
            || name.chars().count() > MAX_NAME_CHARS
            || name.contains(char::is_control)
        {
            return Err(ServiceError::InvalidFilter(InvalidFilter {
                field: "name".into(),
                value: name.chars().take(20).collect(),
                expected: format!("give it a name of at most {MAX_NAME_CHARS} characters"),
            }));
        }
        let query: InventoryQuery = url_query.parse()?;
        let subject = &caller.person.subject;
        let own = self.inventory.saved_views(subject).await?;
        if own.iter().filter(|view| view.is_mine).count() >= MAX_VIEWS {
            return Err(ServiceError::conflict(
                format!("You have saved {MAX_VIEWS} views already."),
                "Delete one that you no longer use.",
            ));
        }
        let query = query.view().to_url_query();
        let saved =
            self.inventory.save_view(subject, name, &query, shared, self.clock.now()).await?;
        saved.map_err(|_| {
            ServiceError::conflict(
                format!("You have a view named {name} already."),
                "Choose another name, or delete the old view first.",
            )
        })
    }

    /// Deletes one's own view. Who may edit policies everywhere may delete what others share, too.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn delete_view(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        self.authority.within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("view of yours");
        let id = id.parse().map_err(|_| missing())?;
        let any = caller.may_everywhere(Permission::EditPolicies);
        if self.inventory.delete_view(&caller.person.subject, id, any).await? {
            Ok(())
        } else {
            Err(missing())
        }
    }
}
