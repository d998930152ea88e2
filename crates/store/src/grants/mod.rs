//! Grants as they are read: lists for people, and what a decision needs beside them.

pub(crate) mod denials;
pub(crate) mod incident;

use crate::{
    StoreError, entry_mark,
    error::{column, texts},
    inventory::owners,
};
use claviger_domain::{
    audit::hex,
    authz::{Person, VisibleAccounts},
    facts::ResourceFacts,
    grants::{
        ApprovalRule, Decided, Grant, GrantId, GrantResource, GrantState, RequestId, RequestTerms,
        view::{Candidate, ReviewView},
    },
    ids::{AccountId, Region, ResourceId},
    inventory::view::Owner,
    rotation::RotationState,
};
use sqlx::{PgExecutor, PgPool, types::Json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A grant whole, in one row. The account's name rides along.
macro_rules! select_grants {
    ($tail:tt $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            GrantDbRow,
            r#"select g.id, g.request_id, g.account_id, a.name as "account_name!", g.rule as "rule: Json<ApprovalRule>", g.state as "state: Json<GrantState>", g.minutes, g.session_name,
        r.terms as "terms: Json<RequestTerms>", r.hash,
        (select jsonb_agg(x.resource order by x.position) from access_grant_resource x where x.grant_id = g.id) as "resources!: Json<Vec<GrantResource>>",
        coalesce((select jsonb_agg(d.decided order by d.at) from access_decision d where d.grant_id = g.id), '[]') as "decided!: Json<Vec<Decided>>"
     from access_grant g join access_request r on r.id = g.request_id join account a on a.id = g.account_id"# + $tail
            $(, $arg)*
        )
    };
}

struct GrantDbRow {
    id: i64,
    request_id: i64,
    account_id: String,
    account_name: String,
    rule: Json<ApprovalRule>,
    state: Json<GrantState>,
    minutes: i32,
    session_name: String,
    terms: Json<RequestTerms>,
    hash: String,
    resources: Json<Vec<GrantResource>>,
    decided: Json<Vec<Decided>>,
}

/// A grant with its account's name.
#[derive(Debug, Clone)]
pub struct NamedGrant {
    pub grant: Grant,
    pub account_name: String,
}

impl GrantDbRow {
    fn into_domain(self) -> Result<NamedGrant, StoreError> {
        let grant = Grant {
            id: GrantId(self.id),
            request: RequestId(self.request_id),
            hash: self.hash,
            terms: self.terms.0,
            account: column("access_grant", "account_id", self.id, &self.account_id)?,
            rule: self.rule.0,
            resources: self.resources.0,
            decided: self.decided.0,
            state: self.state.0,
            minutes: u32::try_from(self.minutes).unwrap_or(0),
            session_name: self.session_name,
        };
        Ok(NamedGrant { grant, account_name: self.account_name })
    }
}

/// One grant, within a transaction where one is under way.
pub(crate) async fn read_grant(
    executor: impl PgExecutor<'_>,
    id: GrantId,
) -> Result<Option<NamedGrant>, StoreError> {
    let row = select_grants!(" where g.id = $1", id.0).fetch_optional(executor).await?;
    row.map(GrantDbRow::into_domain).transpose()
}

fn all(rows: Vec<GrantDbRow>) -> Result<Vec<NamedGrant>, StoreError> {
    rows.into_iter().map(GrantDbRow::into_domain).collect()
}

/// What the navigation counts.
#[derive(Debug, Clone)]
pub struct AccessNumbers {
    /// How far the audit log has come, as this person may know it.
    pub entry: String,
    /// One's own live grants.
    pub live: u32,
    /// Open reviews within the scope.
    pub reviews: u32,
    /// Whether any request waits, for whomever.
    pub anything_waits: bool,
    /// One's own unread notifications.
    pub unread: u32,
}

/// A secret or parameter that somebody asks for.
#[derive(Debug, Clone)]
pub struct RequestTarget {
    pub id: ResourceId,
    pub facts: ResourceFacts,
    pub account: AccountId,
    pub region: Region,
    pub owner: Owner,
    pub rotation: RotationState,
    /// No longer in AWS, or pending deletion.
    pub gone: bool,
}

/// Requests, grants, their sessions and reviews.
#[derive(Clone, Debug)]
pub struct GrantRepository {
    pub(crate) pool: PgPool,
}

impl GrantRepository {
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %id))]
    pub async fn grant(&self, id: GrantId) -> Result<Option<NamedGrant>, StoreError> {
        read_grant(&self.pool, id).await
    }

    /// A person's grants that are not over, by the database's last word.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn open_grants_of(&self, subject: &str) -> Result<Vec<NamedGrant>, StoreError> {
        let rows = select_grants!(
            " where g.requester = $1 and g.word in ('requested', 'approved', 'claimable', 'active') order by g.id desc limit 500",
            subject,
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// A person's grants that are over, newest first, before a number.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn past_grants_of(
        &self,
        subject: &str,
        before: Option<i64>,
        limit: u16,
    ) -> Result<Vec<NamedGrant>, StoreError> {
        let rows = select_grants!(
            " where g.requester = $1 and not g.word in ('requested', 'approved', 'claimable', 'active') and g.id < $2 order by g.id desc limit $3",
            subject,
            before.unwrap_or(i64::MAX),
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// Everything that waits for a decision, oldest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn waiting_grants(&self, now: OffsetDateTime) -> Result<Vec<NamedGrant>, StoreError> {
        let rows = select_grants!(
            " where g.word = 'requested' and g.next_at > $1 order by g.id limit 2000",
            now
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// Live grants within a scope, newest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn live_grants(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<Vec<NamedGrant>, StoreError> {
        let rows = select_grants!(
            " where g.word = 'active' and g.next_at > $2 and g.account_id = any($1)
             order by g.id desc limit 500",
            &texts(&visible.accounts),
            now
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// Live grants of anybody on any of these.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = resources.len()))]
    pub async fn running_on(
        &self,
        resources: &[ResourceId],
        now: OffsetDateTime,
    ) -> Result<Vec<NamedGrant>, StoreError> {
        let ids: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
        let rows = select_grants!(
            " where g.word = 'active' and g.next_at > $2
                and exists (select 1 from access_grant_resource x where x.grant_id = g.id and x.resource_id = any($1))
             order by g.id desc limit 20",
            &ids,
            now,
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// Grants of anybody on any of these that are not over, by the database's last word.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = resources.len()))]
    pub async fn open_grants_on(
        &self,
        resources: &[ResourceId],
    ) -> Result<Vec<NamedGrant>, StoreError> {
        let ids: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
        let rows = select_grants!(
            " where g.word in ('requested', 'approved', 'claimable', 'active')
                and exists (select 1 from access_grant_resource x where x.grant_id = g.id and x.resource_id = any($1))
             order by g.id",
            &ids,
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// How often a person asked for any of these since then, this grant not counted, and how often it was given.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = resources.len()))]
    pub async fn earlier(
        &self,
        subject: &str,
        resources: &[ResourceId],
        but: GrantId,
        since: OffsetDateTime,
    ) -> Result<(u32, u32), StoreError> {
        let ids: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
        // What was revoked or given back may never have been granted: the audit trail says whether its access started.
        let row = sqlx::query!(
            r#"select count(*) as "asked!", count(*) filter (where g.word in ('approved', 'claimable', 'active', 'ended')
                or exists (select 1 from audit_entry e where e.subject = 'G-' || g.id
                    and e.deed in ('claim', 'break-glass') and e.succeeded is not false)) as "given!"
             from access_grant g
             where g.requester = $1 and g.id <> $3 and g.created_at > $4
                and exists (select 1 from access_grant_resource x where x.grant_id = g.id and x.resource_id = any($2))"#,
            subject, &ids, but.0, since)
        .fetch_one(&self.pool)
        .await?;
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok((count(row.asked), count(row.given)))
    }

    /// Grants that time has moved on, or that are due for a reminder or a warning.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn due_grants(
        &self,
        now: OffsetDateTime,
        warn_before: Duration,
    ) -> Result<Vec<GrantId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "select id from access_grant where next_at <= $1 or remind_at <= $1
                or (word = 'active' and not warned and next_at <= $2)
             order by id limit 500",
            now,
            now + warn_before
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(GrantId).collect())
    }

    /// Sessions issued under a grant, and the access key ids that CloudTrail knows them by.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn session_keys(&self, grant: GrantId) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query_scalar!(
            r#"select access_key_id as "access_key_id!" from access_session
             where grant_id = $1 and access_key_id is not null order by id"#,
            grant.0,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }

    /// What the navigation counts, in one question.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn access_numbers(
        &self,
        subject: &str,
        reviewed: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<AccessNumbers, StoreError> {
        let row = sqlx::query!(
            r#"select (select hash from audit_entry order by seq desc limit 1) as "entry?",
                (select count(*) from access_grant where requester = $1 and word = 'active' and next_at > $3) as "live!",
                (select count(*) from access_review v join access_grant g on g.id = v.grant_id
                    where v.closed_at is null and g.account_id = any($2)) as "reviews!",
                exists (select 1 from access_grant where word = 'requested' and next_at > $3) as "anything_waits!",
                (select count(*) from notice where recipient = $1 and read_at is null) as "unread!""#,
            subject,
            &texts(&reviewed.accounts),
            now,
        )
        .fetch_one(&self.pool)
        .await?;
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(AccessNumbers {
            entry: entry_mark(subject, row.entry.map(|hash| hex(&hash)).as_deref()),
            live: count(row.live),
            reviews: count(row.reviews),
            anything_waits: row.anything_waits,
            unread: count(row.unread),
        })
    }

    /// The secrets and parameters among these that lie within the scope.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = ids.len()))]
    pub async fn targets(
        &self,
        visible: &VisibleAccounts,
        ids: &[ResourceId],
        now: OffsetDateTime,
    ) -> Result<Vec<RequestTarget>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, facts as "facts: Json<ResourceFacts>", account_id, region, gone_at is not null or deleted_at is not null as "gone!", owner, owner_class
             from resource where id = any($1) and account_id = any($2) order by name, id"#,
            &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let facts = row.facts.0;
                Ok(RequestTarget {
                    id: ResourceId(row.id),
                    account: column("resource", "account_id", row.id, &row.account_id)?,
                    region: column("resource", "region", row.id, &row.region)?,
                    owner: owners::owner(row.id, row.owner, &row.owner_class)?,
                    rotation: RotationState::of(&facts, now),
                    gone: row.gone,
                    facts,
                })
            })
            .collect()
    }

    /// What within the scope has one of these names or this ARN, with the ARN of its primary where it is a
    /// replica. What is gone from AWS is left out.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = names.len()))]
    pub async fn named(
        &self,
        visible: &VisibleAccounts,
        names: &[String],
        arn: &str,
    ) -> Result<Vec<(Candidate, Option<String>)>, StoreError> {
        let rows = sqlx::query!(
            r#"select r.id, r.arn, r.name, r.kind, r.account_id, a.name as account_name, r.region, r.primary_arn
             from resource r join account a on a.id = r.account_id
             where (r.name collate "C" = any($1) or r.arn = $2)
                and r.account_id = any($3) and r.gone_at is null
             order by a.name, r.account_id, r.region, r.arn"#,
            names,
            arn,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let candidate = Candidate {
                    id: ResourceId(row.id),
                    arn: column("resource", "arn", row.id, &row.arn)?,
                    kind: column("resource", "kind", row.id, &row.kind)?,
                    account_id: column("resource", "account_id", row.id, &row.account_id)?,
                    region: column("resource", "region", row.id, &row.region)?,
                    name: row.name,
                    account_name: row.account_name,
                };
                Ok((candidate, row.primary_arn))
            })
            .collect()
    }

    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn review(&self, grant: GrantId) -> Result<Option<ReviewView>, StoreError> {
        let row = sqlx::query!(
            r#"select opened_at, closed_at, closed_by as "closed_by: Json<Person>", note from access_review where grant_id = $1"#,
            grant.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| ReviewView {
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            closed_by: row.closed_by.map(|person| person.0.name),
            note: row.note,
        }))
    }

    /// Grants whose review is open, within a scope, oldest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn open_reviews(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<NamedGrant>, StoreError> {
        let rows = select_grants!(
            " where g.account_id = any($1)
                and exists (select 1 from access_review v where v.grant_id = g.id and v.closed_at is null)
             order by g.id limit 500",
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// Those of these whose review is open.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = ids.len()))]
    pub async fn open_reviews_among(&self, ids: &[GrantId]) -> Result<Vec<GrantId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "select grant_id from access_review where closed_at is null and grant_id = any($1)",
            &ids.iter().map(|id| id.0).collect::<Vec<_>>()
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(GrantId).collect())
    }

    /// These grants, in no order.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = ids.len()))]
    pub async fn grants(&self, ids: &[GrantId]) -> Result<Vec<NamedGrant>, StoreError> {
        let rows =
            select_grants!(" where g.id = any($1)", &ids.iter().map(|id| id.0).collect::<Vec<_>>())
                .fetch_all(&self.pool)
                .await?;
        all(rows)
    }
}
