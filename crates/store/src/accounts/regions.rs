//! The Regions of each account.

use crate::{
    AccountRepository, StoreError,
    error::{column, texts},
};
use claviger_domain::ids::{AccountId, Region};
use std::collections::BTreeMap;

/// The Regions of an account that are enabled, and why AWS did not say so last.
pub type EnabledRegions = (Option<Vec<Region>>, Option<String>);

impl AccountRepository {
    /// What AWS said last of the Regions that are enabled in these accounts.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account_count = of.len()))]
    pub async fn enabled_regions(
        &self,
        of: &[AccountId],
    ) -> Result<BTreeMap<AccountId, EnabledRegions>, StoreError> {
        let rows = sqlx::query!(
            "select id, regions, regions_fault from account where id = any($1) and left_at is null",
            &texts(of)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let regions = row.regions.map(|codes| parsed(&row.id, &codes)).transpose()?;
                Ok((column("account", "id", &row.id, &row.id)?, (regions, row.regions_fault)))
            })
            .collect()
    }

    /// Writes what AWS said, or why it did not: what it said before stays then.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn write_enabled_regions(
        &self,
        told: &BTreeMap<AccountId, Result<Vec<Region>, String>>,
    ) -> Result<(), StoreError> {
        let accounts: Vec<&str> = told.keys().map(AccountId::as_str).collect();
        let listed = |regions: &Vec<Region>| {
            regions.iter().map(Region::as_str).collect::<Vec<_>>().join(",")
        };
        let regions: Vec<Option<String>> =
            told.values().map(|told| told.as_ref().ok().map(listed)).collect();
        let faults: Vec<Option<&str>> =
            told.values().map(|told| told.as_ref().err().map(String::as_str)).collect();
        sqlx::query!(
            "update account a set regions = coalesce(string_to_array(x.regions, ','), a.regions), regions_fault = x.fault
             from unnest($1::text[], $2::text[], $3::text[]) as x (id, regions, fault) where a.id = x.id",
            &accounts as _,
            &regions as _,
            &faults as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The Regions of an account that the newest sweep reads, in order.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn regions_of_scan(&self, account: &AccountId) -> Result<Vec<Region>, StoreError> {
        let codes = sqlx::query_scalar!(
            "select region from scan where account_id = $1 and sweep_id =
                (select id from sweep where planned_at is not null order by started_at desc limit 1)
             order by region",
            account.as_str()
        )
        .fetch_all(&self.pool)
        .await?;
        parsed(account.as_str(), &codes)
    }
}

fn parsed(account: &str, codes: &[String]) -> Result<Vec<Region>, StoreError> {
    codes.iter().map(|code| column("account", "regions", account, code)).collect()
}
