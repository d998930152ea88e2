//! What an incident needs: the pause of all access, and the end of every session of an account.

use crate::{GrantRepository, StoreError, UnitOfWork, error::column};
use claviger_domain::{
    authz::Person,
    grants::{AccessPause, GrantId},
    ids::AccountId,
};
use sqlx::PgExecutor;
use time::OffsetDateTime;

/// All sessions of an account's access role that were issued before a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessCutoff {
    pub account: AccountId,
    pub issued_before: OffsetDateTime,
    /// When the last of these sessions has ended by itself.
    pub needed_until: OffsetDateTime,
}

/// Sessions that AWS is to deny, of a grant or of a whole account, and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedSessions {
    pub account: AccountId,
    /// `None` means every session of the account's access role.
    pub grant: Option<GrantId>,
    /// Who held the grant: their subject.
    pub holder: Option<String>,
    pub asked_at: OffsetDateTime,
    /// When AWS denied a call of such a session.
    pub confirmed_at: Option<OffsetDateTime>,
    /// Why it is not confirmed, as far as known.
    pub fault: Option<String>,
}

async fn read_pause(executor: impl PgExecutor<'_>) -> Result<Option<AccessPause>, StoreError> {
    let row = sqlx::query!("select paused_by, reason, at from access_pause")
        .fetch_optional(executor)
        .await?;
    Ok(row.map(|row| AccessPause { by: row.paused_by, reason: row.reason, at: row.at }))
}

impl UnitOfWork {
    /// Pauses all access; `false` where it is paused already.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn pause_access(&mut self, by: &Person, reason: &str) -> Result<bool, StoreError> {
        let now = self.now;
        let done = sqlx::query!(
            "insert into access_pause (paused_by, reason, at) values ($1, $2, $3) on conflict do nothing",
            &by.name,
            reason,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends the pause; `false` where there was none.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn resume_access(&mut self) -> Result<bool, StoreError> {
        let done = sqlx::query!("delete from access_pause").execute(self.connection()).await?;
        Ok(done.rows_affected() > 0)
    }

    /// The pause, while access is paused. Ask after the lock of a grant: a command that pauses access takes that lock
    /// afterwards, and so finds what this transaction wrote.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn access_pause(&mut self) -> Result<Option<AccessPause>, StoreError> {
        read_pause(self.connection()).await
    }

    /// Ends all sessions of the account's access role that were issued before a time. A later one replaces it.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %cutoff.account))]
    pub async fn cut_off(&mut self, cutoff: &AccessCutoff) -> Result<(), StoreError> {
        let now = self.now;
        sqlx::query!(
            "insert into access_cutoff (account_id, issued_before, asked_at, needed_until) values ($1, $2, $3, $4)
             on conflict (account_id) do update set issued_before = excluded.issued_before, asked_at = excluded.asked_at,
                needed_until = excluded.needed_until, put_at = null, confirmed_at = null, collected_at = null, fault = null",
            cutoff.account.as_str(),
            cutoff.issued_before,
            now,
            cutoff.needed_until,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The time before which the account's sessions are denied now.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn cutoff_of(
        &mut self,
        account: &AccountId,
    ) -> Result<Option<OffsetDateTime>, StoreError> {
        let now = self.now;
        Ok(sqlx::query_scalar!(
            "select issued_before from access_cutoff
             where account_id = $1 and collected_at is null and needed_until > $2",
            account.as_str(),
            now,
        )
        .fetch_optional(self.connection())
        .await?)
    }

    /// The account's statements are in place, and those that are no longer needed are gone.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn cutoff_put(&mut self, account: &AccountId) -> Result<(), StoreError> {
        let now = self.now;
        sqlx::query!(
            "update access_cutoff set put_at = coalesce(put_at, $2), fault = null,
                collected_at = case when needed_until <= $2 then $2 end
             where account_id = $1 and collected_at is null",
            account.as_str(),
            now,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// AWS has denied a call of a session from before the cutoff; `false` where that was known.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn cutoff_confirmed(&mut self, account: &AccountId) -> Result<bool, StoreError> {
        let now = self.now;
        let done = sqlx::query!(
            "update access_cutoff set confirmed_at = $2, fault = null where account_id = $1 and confirmed_at is null",
            account.as_str(),
            now,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn cutoff_failed(
        &mut self,
        account: &AccountId,
        why: &str,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update access_cutoff set fault = $2 where account_id = $1",
            account.as_str(),
            why
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl GrantRepository {
    /// The pause, while access is paused.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn access_pause(&self) -> Result<Option<AccessPause>, StoreError> {
        read_pause(&self.pool).await
    }

    /// Every grant that is stored as active, of whatever account: also those whose time is up and that nobody has ended yet.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn active_grants(&self) -> Result<Vec<GrantId>, StoreError> {
        let rows =
            sqlx::query_scalar!("select id from access_grant where word = 'active' order by id")
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(GrantId).collect())
    }

    /// The sessions that AWS denies or is to deny, and have not ended by themselves.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn ended_sessions(
        &self,
        now: OffsetDateTime,
    ) -> Result<Vec<EndedSessions>, StoreError> {
        let rows = sqlx::query!(
            r#"select d.account_id as "account_id!", d.grant_id as "grant_id?", g.requester as "requester?",
                d.asked_at as "asked_at!", d.confirmed_at as "confirmed_at?", d.fault as "fault?"
             from access_denial d join access_grant g on g.id = d.grant_id
             where d.collected_at is null and d.needed_until > $1
             union all
             select account_id, null, null, asked_at, confirmed_at, fault
             from access_cutoff where collected_at is null and needed_until > $1
             order by 1, 2"#,
            now,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(EndedSessions {
                    account: column(
                        "access_denial",
                        "account_id",
                        &row.account_id,
                        &row.account_id,
                    )?,
                    grant: row.grant_id.map(GrantId),
                    holder: row.requester,
                    asked_at: row.asked_at,
                    confirmed_at: row.confirmed_at,
                    fault: row.fault,
                })
            })
            .collect()
    }

    /// The accounts in which sessions can exist: those of the Organization that are not closed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn accounts_with_access(&self) -> Result<Vec<AccountId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "select id from account where state in ('ACTIVE', 'UNKNOWN') and left_at is null order by id"
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|id| column("account", "id", id, id)).collect()
    }
}
