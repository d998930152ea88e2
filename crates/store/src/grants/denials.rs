//! What has to be denied at AWS, and what CloudTrail says of sessions.

use crate::{StoreError, UnitOfWork, error::column};
use claviger_domain::{
    grants::{
        GrantId,
        view::{DenialView, TrailState},
    },
    ids::AccountId,
};
use sqlx::PgPool;
use time::OffsetDateTime;

/// A session name that AWS has to refuse for now.
#[derive(Debug, Clone)]
pub struct Denial {
    pub grant: GrantId,
    pub session_name: String,
    pub asked_at: OffsetDateTime,
}

/// An event of CloudTrail that belongs to a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailEvent {
    pub event_id: String,
    pub at: OffsetDateTime,
    pub name: String,
    pub error: Option<String>,
    pub source_ip: Option<String>,
}

impl UnitOfWork {
    /// What an account's access role has to deny now, oldest first.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn denials_of(&mut self, account: &AccountId) -> Result<Vec<Denial>, StoreError> {
        let now = self.now;
        let rows = sqlx::query!(
            "select grant_id, session_name, asked_at from access_denial
             where account_id = $1 and collected_at is null and needed_until > $2 order by asked_at, grant_id",
            account.as_str(),
            now,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Denial {
                grant: GrantId(row.grant_id),
                session_name: row.session_name,
                asked_at: row.asked_at,
            })
            .collect())
    }

    /// The statements are in place.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = grants.len()))]
    pub async fn denials_put(&mut self, grants: &[GrantId], wide: bool) -> Result<(), StoreError> {
        let now = self.now;
        for grant in grants {
            self.touch(*grant);
        }
        sqlx::query!(
            "update access_denial set put_at = coalesce(put_at, $2), wide = wide or $3, fault = null
             where grant_id = any($1)",
            &grants.iter().map(|grant| grant.0).collect::<Vec<_>>(),
            now,
            wide,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The statements that are no longer needed are gone.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn denials_collected(&mut self, account: &AccountId) -> Result<(), StoreError> {
        let now = self.now;
        sqlx::query!(
            "update access_denial set collected_at = $2
             where account_id = $1 and collected_at is null and needed_until <= $2",
            account.as_str(),
            now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// AWS has refused a call of the session; `false` where that was known.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn denial_confirmed(&mut self, grant: GrantId) -> Result<bool, StoreError> {
        let now = self.now;
        let done = sqlx::query!(
            "update access_denial set confirmed_at = $2, fault = null where grant_id = $1 and confirmed_at is null",
            grant.0,
            now,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn denial_failed(&mut self, grant: GrantId, why: &str) -> Result<(), StoreError> {
        self.touch(grant);
        sqlx::query!("update access_denial set fault = $2 where grant_id = $1", grant.0, why)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Whether a begun action has no end yet. The chain's lock is taken, so that it is ended once.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn is_orphan(&mut self, seq: i64) -> Result<bool, StoreError> {
        crate::audit_append::lock(self.connection()).await?;
        let ended = sqlx::query_scalar!(
            r#"select exists (select 1 from audit_entry where started = $1) as "ended!""#,
            seq
        )
        .fetch_one(self.connection())
        .await?;
        Ok(!ended)
    }

    /// What CloudTrail has told about a grant. An event known already stays as it is.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn note_trail(
        &mut self,
        grant: GrantId,
        events: Option<&[TrailEvent]>,
    ) -> Result<(), StoreError> {
        let now = self.now;
        self.touch(grant);
        sqlx::query!(
            "insert into access_trail (grant_id, read_at, readable) values ($1, $2, $3)
             on conflict (grant_id) do update set read_at = excluded.read_at, readable = excluded.readable",
            grant.0,
            now,
            events.is_some(),
        )
        .execute(self.connection())
        .await?;
        for event in events.into_iter().flatten() {
            sqlx::query!(
                "insert into access_trail_event (event_id, grant_id, at, name, error, source_ip)
                 values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
                &event.event_id,
                grant.0,
                event.at,
                &event.name,
                event.error.as_deref(),
                event.source_ip.as_deref()
            )
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }
}

/// What the access roles deny, account by account, and what CloudTrail shows of sessions.
#[derive(Clone, Debug)]
pub struct DenialRepository {
    pub(crate) pool: PgPool,
}

impl DenialRepository {
    /// How the ending of a grant's sessions goes.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn denial(&self, grant: GrantId) -> Result<Option<DenialView>, StoreError> {
        let row = sqlx::query!(
            "select asked_at, put_at, confirmed_at, fault, wide, collected_at from access_denial where grant_id = $1",
            grant.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| DenialView {
            asked_at: row.asked_at,
            put_at: row.put_at,
            confirmed_at: row.confirmed_at,
            fault: row.fault,
            wide: row.wide,
            collected_at: row.collected_at,
        }))
    }

    /// Accounts whose role denies what need no longer be denied, or does not deny yet what it should.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn accounts_to_reconcile(
        &self,
        now: OffsetDateTime,
    ) -> Result<Vec<AccountId>, StoreError> {
        let rows = sqlx::query_scalar!(
            r#"select account_id as "account_id!" from access_denial
             where collected_at is null and (needed_until <= $1 or put_at is null)
             union
             select account_id from access_cutoff
             where collected_at is null and (needed_until <= $1 or put_at is null)"#,
            now
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|id| column("access_denial", "account_id", id, id)).collect()
    }

    /// Accounts whose role may still hold Deny statements of ours, or held some of late.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn accounts_with_denials(&self) -> Result<Vec<AccountId>, StoreError> {
        let rows = sqlx::query_scalar!(
            r#"select account_id as "account_id!" from access_denial
             where collected_at is null or collected_at > now() - interval '30 days'
             union
             select account_id from access_cutoff
             where collected_at is null or collected_at > now() - interval '30 days'"#,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|id| column("access_denial", "account_id", id, id)).collect()
    }

    /// Denials that AWS has not confirmed although their statements were asked for.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn unconfirmed_denials(
        &self,
        asked_before: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<Vec<GrantId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "select grant_id from access_denial
             where confirmed_at is null and collected_at is null and asked_at < $1 and needed_until > $2",
            asked_before,
            now,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(GrantId).collect())
    }

    /// Grants whose sessions CloudTrail may still have something to say about: an hour of lateness.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn grants_to_trace(&self, now: OffsetDateTime) -> Result<Vec<GrantId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "select g.id from access_grant g
             where exists (select 1 from access_session s where s.grant_id = g.id and s.issued_at is not null
                    and s.expires_at > $1::timestamptz - interval '1 hour')
                and not exists (select 1 from access_trail t where t.grant_id = g.id and t.read_at > $1 - interval '2 minutes')
             order by g.id limit 50",
            now,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(GrantId).collect())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn trail(&self, grant: GrantId) -> Result<(TrailState, Vec<TrailEvent>), StoreError> {
        let state =
            sqlx::query!("select read_at, readable from access_trail where grant_id = $1", grant.0)
                .map(|row| (row.read_at, row.readable))
                .fetch_optional(&self.pool)
                .await?;
        let state = match state {
            None => TrailState::NotRead,
            Some((at, true)) => TrailState::Read { at },
            Some((at, false)) => TrailState::Unreadable { at },
        };
        let rows = sqlx::query!(
            "select event_id, at, name, error, source_ip from access_trail_event where grant_id = $1 order by at limit 500",
            grant.0,
        )
        .fetch_all(&self.pool)
        .await?;
        let events = rows
            .into_iter()
            .map(|row| TrailEvent {
                event_id: row.event_id,
                at: row.at,
                name: row.name,
                error: row.error,
                source_ip: row.source_ip,
            })
            .collect();
        Ok((state, events))
    }
}
