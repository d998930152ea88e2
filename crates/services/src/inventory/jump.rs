//! Where a few letters could lead: accounts, saved views, secrets and parameters.

use crate::{InventoryService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    inventory::{InventoryQuery, view::Jump},
};

/// Of each sort.
const MAX_RESULTS: usize = 6;
/// The longest text that is looked for, in characters.
const MAX_QUERY_CHARS: usize = 100;

impl InventoryService {
    /// What lies within the caller's scope and is called like this.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn jumps(&self, caller: &Caller, text: &str) -> Result<Vec<Jump>, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let text: String =
            text.trim().chars().take(MAX_QUERY_CHARS).filter(|sign| *sign != '"').collect();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let lower = text.to_lowercase();
        let now = self.clock.now();
        // In quotes: here nothing is a filter.
        let words: Vec<String> =
            text.split_whitespace().map(|word| format!("\"{word}\"")).collect();
        let query = InventoryQuery { text: words.join(" "), ..InventoryQuery::default() };
        let limit = u16::try_from(MAX_RESULTS).unwrap_or(u16::MAX);
        let ((accounts, _), views, listed) = tokio::try_join!(
            self.accounts.account_names(&visible),
            self.inventory.saved_views(&caller.person.subject),
            self.inventory.list_inventory(&visible, &query, limit, now),
        )?;
        let mut accounts: Vec<_> = accounts
            .into_iter()
            .filter(|(id, name)| {
                name.to_lowercase().contains(&lower) || id.as_str().starts_with(&lower)
            })
            .collect();
        accounts.sort_by(|a, b| a.1.cmp(&b.1));
        let accounts = accounts.into_iter().take(MAX_RESULTS).map(|(id, name)| Jump {
            href: format!("/accounts/{id}"),
            label: name,
            hint: format!("account {id}"),
        });
        let views = views
            .into_iter()
            .filter(|view| view.name.to_lowercase().contains(&lower))
            .take(MAX_RESULTS)
            .map(|view| Jump {
                href: format!("/inventory?{}", view.query),
                label: view.name,
                hint: "saved view".into(),
            });
        let rows = listed.page.rows.into_iter().map(|row| Jump {
            href: format!("/inventory/{}", row.id),
            label: row.name,
            hint: format!("{}, {}", row.account_name, row.region),
        });
        let mut found: Vec<Jump> = accounts.chain(views).chain(rows).collect();
        if listed.counts.matching > u64::from(limit) {
            let url = query.to_url_query();
            found.push(Jump {
                href: format!("/inventory?{url}"),
                label: format!("Show all {} results", listed.counts.matching),
                hint: "in Inventory".into(),
            });
        }
        Ok(found)
    }
}
