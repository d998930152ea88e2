//! How large the inventory is, against how large it may be (ADR 18).

use crate::{InventoryIndex, InventorySize, Store, StoreError, inventory::held_index::CachedIndex};
use std::sync::Arc;

impl Store {
    /// The same with another limit, and nothing taken in yet.
    #[must_use]
    pub fn with_inventory_limit(self, rows: u64) -> Self {
        Self { cached_index: Arc::new(CachedIndex::holding(rows)), ..self }
    }
}

impl InventoryIndex {
    /// Counts the rows of the table; nothing is taken in.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn inventory_size(&self) -> Result<InventorySize, StoreError> {
        let rows = sqlx::query_scalar!(r#"select count(*) as "rows!" from resource"#)
            .fetch_one(&self.pool)
            .await?;
        let rows = u64::try_from(rows).unwrap_or(0);
        Ok(InventorySize { rows, limit: self.cached_index.limit() })
    }
}
