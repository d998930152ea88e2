//! Secrets that rotate, as the calendar needs them.

use crate::{
    StoreError,
    error::{column, texts},
};
use claviger_domain::{
    authz::VisibleAccounts,
    facts::{Detail, ResourceFacts},
    ids::{AccountId, ResourceId},
    rotations::calendar::RotatingSecret,
};
use sqlx::{PgPool, types::Json};

/// What the calendar can be filtered by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RotationPlaces {
    pub teams: Vec<String>,
    pub accounts: Vec<(AccountId, String)>,
}

/// Secrets with rotation.
#[derive(Clone, Debug)]
pub struct RotationRepository {
    pub(crate) pool: PgPool,
}

impl RotationRepository {
    /// Secrets whose rotation is on, within the scope, at most `limit`; those that are due first come first. Replicas are left
    /// out: their primary rotates. Of one team or account where that is named.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn rotating(
        &self,
        visible: &VisibleAccounts,
        team: Option<&str>,
        account: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<RotatingSecret>, StoreError> {
        let rows = sqlx::query!(
            r#"select r.id, r.name, r.account_id, a.name as account_name, r.region, r.owner, r.stuck_version is not null as "is_stuck!",
                r.facts as "facts: Json<ResourceFacts>",
                (select case when e.rotation in ('failed', 'abandoned') then e.at end from aws_event e
                    where e.resource_id = r.id and e.call is not null and e.rotation in ('succeeded', 'failed', 'abandoned')
                    order by e.at desc, e.seq desc limit 1) as failed_at
             from resource r join account a on a.id = r.account_id
             where r.rotation_enabled and r.gone_at is null and r.deleted_at is null and r.primary_arn is null
                and r.account_id = any($1) and ($2::text is null or r.owner = $2) and ($3::text is null or r.account_id = $3)
             order by r.next_rotation_at nulls last, r.id limit $4"#,
            &texts(&visible.accounts),
            team,
            account.map(AccountId::as_str),
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .filter_map(|row| {
                let ResourceFacts { tags, detail: Detail::Secret(secret), .. } = row.facts.0 else {
                    return None;
                };
                let rotated_at = secret.rotation.last_rotated_at;
                let read = || {
                    Ok(RotatingSecret {
                        id: ResourceId(row.id),
                        account: column("resource", "account_id", row.id, &row.account_id)?,
                        region: column("resource", "region", row.id, &row.region)?,
                        name: row.name,
                        account_name: row.account_name,
                        team: row.owner,
                        tags,
                        rotation: secret.rotation,
                        is_stuck: row.is_stuck,
                        failed_at: row
                            .failed_at
                            .filter(|at| rotated_at.is_none_or(|rotated| rotated <= *at)),
                    })
                };
                Some(read())
            })
            .collect()
    }

    /// The teams and accounts that have such secrets.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn places(&self, visible: &VisibleAccounts) -> Result<RotationPlaces, StoreError> {
        let rows = sqlx::query!(
            "select distinct r.owner, r.account_id, a.name from resource r join account a on a.id = r.account_id
             where r.rotation_enabled and r.gone_at is null and r.deleted_at is null and r.primary_arn is null
                and r.account_id = any($1)
             order by r.owner, a.name, r.account_id",
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        let mut places = RotationPlaces::default();
        for row in rows {
            if let Some(team) = row.owner
                && places.teams.last() != Some(&team)
            {
                places.teams.push(team);
            }
            let account = column("resource", "account_id", &row.account_id, &row.account_id)?;
            if places.accounts.iter().all(|(known, _)| *known != account) {
                places.accounts.push((account, row.name));
            }
        }
        places.accounts.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        Ok(places)
    }
}
