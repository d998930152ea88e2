//! A unit of work: what belongs together is committed together, its audit entries last.

use crate::{
    StoreError, Touched, audit_append::append, database::ACCESS_CHANNEL, grants::read_grant,
    job_queue::enqueue, locks::AdvisoryLock, new_id,
    notifications::new_deliveries::create_deliveries,
};
use claviger_domain::{
    audit::NewEntry,
    authz::Person,
    exceptions::ExceptionId,
    grants::{
        ApprovalRule, Decided, Grant, GrantId, GrantResource, GrantState, RequestId, RequestTerms,
    },
    ids::AccountId,
    job::Job,
    notifications::notice::Notice,
    remediation::PlanId,
};
use sqlx::{PgConnection, PgPool, Postgres, Transaction, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// A transaction with the entries that it owes the audit trail. Dropped, it undoes everything.
pub struct UnitOfWork {
    tx: Transaction<'static, Postgres>,
    entries: Vec<NewEntry>,
    touched: Touched,
    /// The moment of everything in it.
    pub now: OffsetDateTime,
}

/// A grant about to be made.
#[derive(Debug, Clone)]
pub struct NewGrant<'a> {
    pub request: RequestId,
    pub account: &'a AccountId,
    pub requester: &'a str,
    pub rule: &'a ApprovalRule,
    pub minutes: u32,
    pub resources: &'a [GrantResource],
    pub state: &'a GrantState,
    pub remind_at: Option<OffsetDateTime>,
}

/// A request for sessions about to be put to AWS.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub grant: GrantId,
    pub purpose: &'static str,
    pub expires_at: OffsetDateTime,
}

/// Begins units of work: the only way to write what the audit log records, or what people are notified of.
#[derive(Clone, Debug)]
pub struct Transactions {
    pub(crate) pool: PgPool,
}

impl Transactions {
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin(&self, now: OffsetDateTime) -> Result<UnitOfWork, StoreError> {
        Ok(UnitOfWork {
            tx: self.pool.begin().await?,
            entries: Vec::new(),
            touched: Touched::default(),
            now,
        })
    }

    /// A fresh idempotency token for a call to AWS.
    pub fn new_token(&self) -> String {
        new_id().to_string()
    }
}

/// Whether it names a grant, a plan or an exception.
fn is_number(subject: &str) -> bool {
    subject.parse::<GrantId>().is_ok()
        || subject.parse::<PlanId>().is_ok()
        || subject.parse::<ExceptionId>().is_ok()
}

impl UnitOfWork {
    /// Owes the audit trail an entry.
    pub fn audit(&mut self, entry: NewEntry) {
        self.entries.push(entry);
    }

    /// Writes the entries, tells every replica what changed, by its number, and commits. Returns the entries' numbers.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn commit(mut self) -> Result<Vec<i64>, StoreError> {
        let about =
            self.entries.iter().map(|entry| &entry.subject).filter(|s| is_number(s)).cloned();
        self.touched.numbers.extend(about);
        self.touched.governance |= self.entries.iter().any(|entry| !is_number(&entry.subject));
        // Evaluation writes no entry and often tells nobody: then no browser has to ask again.
        if !self.touched.is_nothing() {
            sqlx::query!("select pg_notify($1, $2)", ACCESS_CHANNEL, self.touched.payload())
                .execute(&mut *self.tx)
                .await?;
        }
        let numbers = append(&mut self.tx, std::mem::take(&mut self.entries), self.now).await?;
        self.tx.commit().await?;
        Ok(numbers)
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn enqueue(&mut self, job: &Job) -> Result<(), StoreError> {
        enqueue(&mut self.tx, job).await
    }

    /// Reads a grant and keeps everybody else from changing it until the commit.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %id))]
    pub async fn lock_grant(&mut self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        let found =
            sqlx::query_scalar!("select id from access_grant where id = $1 for update", id.0)
                .fetch_optional(&mut *self.tx)
                .await?;
        if found.is_none() {
            return Ok(None);
        }
        self.touch(id);
        // A statement of its own: its snapshot is taken after the lock.
        Ok(read_grant(&mut *self.tx, id).await?.map(|named| named.grant))
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn insert_request(
        &mut self,
        terms: &RequestTerms,
        hash: &str,
    ) -> Result<RequestId, StoreError> {
        let id = sqlx::query_scalar!(
            "insert into access_request (requester, terms, hash, created_at) values ($1, $2, $3, $4) returning id",
            &terms.requester.subject,
            Json(terms) as _,
            hash,
            self.now,
        )
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(RequestId(id))
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn insert_grant(&mut self, new: &NewGrant<'_>) -> Result<GrantId, StoreError> {
        // The random half, not the half that tells the time.
        let random = new_id().simple().to_string();
        let id = sqlx::query_scalar!(
            "insert into access_grant (request_id, account_id, requester, rule, state, word, next_at, minutes,
                session_name, remind_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id",
            new.request.0,
            new.account.as_str(),
            new.requester,
            Json(new.rule) as _,
            Json(new.state) as _,
            new.state.word().to_string(),
            new.state.next_at(),
            i32::try_from(new.minutes).unwrap_or(i32::MAX),
            &random,
            new.remind_at,
            self.now,
        )
        .fetch_one(&mut *self.tx)
        .await?;
        let grant = GrantId(id);
        sqlx::query!(
            "update access_grant set session_name = $2 where id = $1",
            id,
            format!("{grant}-{}", &random[20..])
        )
        .execute(&mut *self.tx)
        .await?;
        for (position, resource) in (0i32..).zip(new.resources) {
            sqlx::query!(
                "insert into access_grant_resource (grant_id, position, resource_id, resource) values ($1, $2, $3, $4)",
                id,
                position,
                resource.id.0,
                Json(resource) as _,
            )
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(grant)
    }

    /// Writes what a grant has become.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant.id))]
    pub async fn save_grant(&mut self, grant: &Grant) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "update access_grant set state = $2, word = $3, next_at = $4, minutes = $5,
                remind_at = case when $3 = 'requested' then remind_at end
             where id = $1",
            grant.id.0,
            Json(&grant.state) as _,
            grant.state.word().to_string(),
            grant.state.next_at(),
            i32::try_from(grant.minutes).unwrap_or(i32::MAX)
        )
        .execute(&mut *self.tx)
        .await?;
        expect_one("access_grant", grant.id, done.rows_affected())?;
        self.follow_request(grant.id).await
    }

    /// Records a decision of a grant that is locked.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn insert_decision(
        &mut self,
        grant: GrantId,
        decided: &Decided,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into access_decision (grant_id, subject, decided, at) values ($1, $2, $3, $4)",
            grant.0,
            &decided.by.subject,
            Json(decided) as _,
            decided.at
        )
        .execute(&mut *self.tx)
        .await?;
        self.follow_request(grant).await
    }

    /// How many reminders went out, and when the next is due.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn reminders(
        &mut self,
        grant: GrantId,
    ) -> Result<(u32, Option<OffsetDateTime>), StoreError> {
        let (count, at) =
            sqlx::query!("select reminders, remind_at from access_grant where id = $1", grant.0)
                .map(|row| (row.reminders, row.remind_at))
                .fetch_one(&mut *self.tx)
                .await?;
        Ok((u32::try_from(count).unwrap_or(0), at))
    }

    /// One more reminder went out; when the next is due.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn reminded(
        &mut self,
        grant: GrantId,
        next: Option<OffsetDateTime>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update access_grant set reminders = reminders + 1, remind_at = $2 where id = $1",
            grant.0,
            next
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Marks that the holder was told of the coming end; `false` where that was done before.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn warn_once(&mut self, grant: GrantId) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update access_grant set warned = true where id = $1 and not warned",
            grant.0
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down that a session is about to be asked for.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn insert_session(&mut self, new: &NewSession) -> Result<Uuid, StoreError> {
        let id = new_id();
        sqlx::query!(
            "insert into access_session (id, grant_id, purpose, begun_at, expires_at) values ($1, $2, $3, $4, $5)",
            id,
            new.grant.0,
            new.purpose,
            self.now,
            new.expires_at,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    /// Writes down that AWS has issued it.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn session_issued(
        &mut self,
        id: Uuid,
        access_key_id: &str,
        expires_at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "update access_session set issued_at = $2, access_key_id = $3, expires_at = $4 where id = $1",
            id,
            self.now,
            access_key_id,
            expires_at,
        )
        .execute(&mut *self.tx)
        .await?;
        expect_one("access_session", id, done.rows_affected())
    }

    /// Asks for the end of a grant's live sessions, if any was ever asked for and may still live.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant.id))]
    pub async fn ask_denial(&mut self, grant: &Grant) -> Result<bool, StoreError> {
        let last = sqlx::query_scalar!(
            r#"select max(expires_at) as "last?" from access_session where grant_id = $1"#,
            grant.id.0
        )
        .fetch_one(&mut *self.tx)
        .await?;
        let Some(until) = last.filter(|until| *until > self.now) else { return Ok(false) };
        sqlx::query!(
            "insert into access_denial (grant_id, account_id, session_name, asked_at, needed_until)
             values ($1, $2, $3, $4, $5) on conflict (grant_id) do nothing",
            grant.id.0,
            grant.account.as_str(),
            &grant.session_name,
            self.now,
            until
        )
        .execute(&mut *self.tx)
        .await?;
        self.enqueue(&Job::EndSessions { grant: grant.id }).await?;
        Ok(true)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn open_review(&mut self, grant: GrantId) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into access_review (grant_id, opened_at) values ($1, $2)",
            grant.0,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Closes a review; `false` where it is closed already or was never open.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn close_review(
        &mut self,
        grant: GrantId,
        by: &Person,
        note: &str,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update access_review set closed_at = $2, closed_by = $3, note = $4
             where grant_id = $1 and closed_at is null",
            grant.0,
            self.now,
            Json(by) as _,
            note
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts a notification into a person's inbox, or (`None`) on its way to the channel.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn notify(
        &mut self,
        recipient: Option<&str>,
        notice: &Notice,
    ) -> Result<(), StoreError> {
        if let Some(subject) = recipient {
            self.touched.tell(subject);
        }
        let id = sqlx::query_scalar!(
            "insert into notice (recipient, kind, grant_id, title, body, link, created_at)
             values ($1, $2, $3, $4, $5, $6, $7) returning id",
            recipient,
            &notice.kind,
            notice.grant.map(|grant| grant.0),
            &notice.title,
            &notice.body,
            &notice.link,
            self.now
        )
        .fetch_one(&mut *self.tx)
        .await?;
        create_deliveries(&mut self.tx, id, recipient.is_some(), self.now).await
    }

    /// Lets one replica at a time change an account's Deny statements.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn lock_account(&mut self, account: &AccountId) -> Result<(), StoreError> {
        AdvisoryLock::Denials(account).acquire(&mut self.tx).await
    }

    /// Tells those who look at this grant that it has changed.
    pub(crate) fn touch(&mut self, grant: GrantId) {
        self.touched.numbers.insert(grant.to_string());
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

fn expect_one(
    table: &'static str,
    key: impl std::fmt::Display,
    rows: u64,
) -> Result<(), StoreError> {
    if rows == 1 {
        return Ok(());
    }
    Err(StoreError::Inconsistent {
        table,
        column: "id",
        key: key.to_string(),
        reason: format!("{rows} rows were written where one should be"),
    })
}
