//! Whether the rules of accounts bring the events, and the tests of them.

use super::AlarmRepository;
use crate::{
    StoreError, UnitOfWork,
    error::{column, texts},
};
use claviger_domain::{
    alarms::check::{AlarmRule, AlarmTest, CheckedPart},
    authz::{Person, VisibleAccounts},
    ids::{AccountId, Region},
};
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

/// What was found of a rule.
#[derive(Debug, Clone)]
pub struct NewAlarmCheck {
    pub rule: AlarmRule,
    /// Without the delivery.
    pub parts: Vec<CheckedPart>,
}

/// A test event that is about to be sent.
#[derive(Debug, Clone, Copy)]
pub struct NewAlarmTest {
    pub rule: AlarmRule,
    pub token: Uuid,
}

/// A rule of an account and Region, as it was found last.
#[derive(Debug, Clone)]
pub struct StoredAlarmCheck {
    pub account: AccountId,
    pub region: Region,
    pub rule: AlarmRule,
    pub parts: Vec<CheckedPart>,
    /// Whether anything there depends on it.
    pub is_needed: bool,
    pub checked_at: OffsetDateTime,
    pub test: Option<AlarmTest>,
}

impl AlarmRepository {
    /// Writes what was found of the rules of an account and Region. The last test stays.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn write_alarm_checks(
        &self,
        account: &AccountId,
        region: &Region,
        found: &[NewAlarmCheck],
        sensitive_tag: &str,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        for NewAlarmCheck { rule, parts } in found {
            sqlx::query!(
                "insert into alarm_check (account_id, region, rule, parts, checked_at, is_needed)
                 select $1, $2, $3, $4, $5, $6 or exists (select 1 from resource r
                    where r.account_id = $1 and r.region = $2 and r.gone_at is null
                        and (r.deleted_at is not null or r.facts -> 'tags' ? $7))
                 on conflict (account_id, region, rule) do update set parts = excluded.parts, checked_at = excluded.checked_at,
                    is_needed = excluded.is_needed",
                account.as_str(),
                region.as_str(),
                rule.to_string(),
                Json(parts) as _,
                now,
                *rule != AlarmRule::Reads,
                sensitive_tag,
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Forgets what was found in an account: without a queue nothing is checked.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn forget_alarm_checks(&self, account: &AccountId) -> Result<(), StoreError> {
        sqlx::query!("delete from alarm_check where account_id = $1", account.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes that a test event arrived. Only the account and Region that it was sent in can bring it.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn note_alarm_test(
        &self,
        account: &AccountId,
        region: &Region,
        token: Uuid,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update alarm_check set delivered_at = $4
             where token = $3 and account_id = $1 and region = $2 and delivered_at is null",
            account.as_str(),
            region.as_str(),
            token,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The rules within the scope, of one account or all.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn alarm_checks(
        &self,
        visible: &VisibleAccounts,
        account: Option<&AccountId>,
    ) -> Result<Vec<StoredAlarmCheck>, StoreError> {
        let rows = sqlx::query!(
            r#"select c.account_id, c.region, c.rule, c.parts as "parts: Json<Vec<CheckedPart>>", c.is_needed,
                c.checked_at, c.sent_at, c.sent_by, c.failure, c.delivered_at
             from alarm_check c
             where c.account_id = any($1) and ($2::text is null or c.account_id = $2)
                -- A Region that is no longer scanned is no longer checked.
                and exists (select 1 from scan_list l where l.account_id = c.account_id and l.region = c.region)
             order by c.account_id, c.region, c.rule"#,
            &texts(&visible.accounts),
            account.map(AccountId::as_str),
        )
        .fetch_all(&self.pool)
        .await?;
        let each = rows.into_iter().map(|row| {
            let key = format!("{} {} {}", row.account_id, row.region, row.rule);
            Ok(StoredAlarmCheck {
                account: column("alarm_check", "account_id", &key, &row.account_id)?,
                region: column("alarm_check", "region", &key, &row.region)?,
                rule: column("alarm_check", "rule", &key, &row.rule)?,
                parts: row.parts.0,
                is_needed: row.is_needed,
                checked_at: row.checked_at,
                test: row.sent_at.map(|sent_at| AlarmTest {
                    sent_at,
                    by: row.sent_by.unwrap_or_default(),
                    failure: row.failure,
                    delivered_at: row.delivered_at,
                }),
            })
        });
        each.collect()
    }

    /// The accounts and Regions within the scope that are scanned.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn alarm_places(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<(AccountId, Region)>, StoreError> {
        let rows = sqlx::query!(
            "select distinct l.account_id, l.region from scan_list l join account a on a.id = l.account_id
             where l.account_id = any($1) and a.left_at is null order by l.account_id, l.region",
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        let each = rows.into_iter().map(|row| {
            let account = column("scan_list", "account_id", &row.account_id, &row.account_id)?;
            Ok((account, column("scan_list", "region", &row.region, &row.region)?))
        });
        each.collect()
    }
}

impl UnitOfWork {
    /// Writes that test events are about to be sent; their rules were checked before. Each takes the place of the last one.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn begin_alarm_tests(
        &mut self,
        account: &AccountId,
        region: &Region,
        by: &Person,
        tests: &[NewAlarmTest],
    ) -> Result<(), StoreError> {
        let now = self.now;
        for NewAlarmTest { rule, token } in tests {
            sqlx::query!(
                "update alarm_check set token = $4, sent_at = $5, sent_by = $6, failure = null, delivered_at = null
                 where account_id = $1 and region = $2 and rule = $3",
                account.as_str(),
                region.as_str(),
                rule.to_string(),
                token,
                now,
                &by.name,
            )
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }

    /// Writes why a test event was not sent.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn fail_alarm_test(&mut self, token: Uuid, why: &str) -> Result<(), StoreError> {
        sqlx::query!("update alarm_check set failure = $2 where token = $1", token, why)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
