//! Secrets and parameters that people want to find again.

use crate::{InventoryRepository, StoreError, locks::AdvisoryLock};
use claviger_domain::{authz::VisibleAccounts, ids::ResourceId, inventory::view::InventoryRow};
use sqlx::PgConnection;
use time::OffsetDateTime;

impl InventoryRepository {
    /// A person's favorites within the scope, the newest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn favorites(
        &self,
        visible: &VisibleAccounts,
        subject: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<InventoryRow>, StoreError> {
        let ids = sqlx::query_scalar!(
            "select resource_id from favorite where subject = $1 order by added_at desc, resource_id",
            subject
        )
        .fetch_all(&self.pool)
        .await?;
        let ids: Vec<ResourceId> = ids.into_iter().map(ResourceId).collect();
        self.inventory_rows(visible, &ids, &[], now).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn is_favorite(&self, subject: &str, id: ResourceId) -> Result<bool, StoreError> {
        is_favorite(&mut *self.pool.acquire().await?, subject, id).await
    }

    /// Adds a favorite, at most `most` a person. Says whether it is one now; adding it twice changes nothing.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn add_favorite(
        &self,
        subject: &str,
        id: ResourceId,
        most: u16,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        // One change of a person's favorites at a time, so that two tabs together keep the limit.
        AdvisoryLock::Favorites(subject).acquire(&mut tx).await?;
        sqlx::query!(
            "insert into favorite (subject, resource_id, added_at)
             select $1, $2, $3 where (select count(*) from favorite where subject = $1) < $4
             on conflict (subject, resource_id) do nothing",
            subject,
            id.0,
            now,
            i64::from(most)
        )
        .execute(&mut *tx)
        .await?;
        let is_favorite = is_favorite(&mut tx, subject, id).await?;
        tx.commit().await?;
        Ok(is_favorite)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn remove_favorite(&self, subject: &str, id: ResourceId) -> Result<(), StoreError> {
        sqlx::query!("delete from favorite where subject = $1 and resource_id = $2", subject, id.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

async fn is_favorite(
    connection: &mut PgConnection,
    subject: &str,
    id: ResourceId,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from favorite where subject = $1 and resource_id = $2) as "is!""#,
        subject,
        id.0
    )
    .fetch_one(connection)
    .await?)
}
