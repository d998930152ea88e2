//! Who is signed in, with what the identity provider said of them, and whom it has signed out.

use crate::{StoreError, new_id, sessions::hash};
use claviger_domain::authz::Person;
use sha2::{Digest, Sha256};
use sqlx::{PgPool, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// What the identity provider said at one moment.
#[derive(Debug, Clone)]
pub struct ProviderAnswer {
    pub person: Person,
    pub groups: Vec<String>,
    /// Where the groups came from, as the server writes it.
    pub arrived: serde_json::Value,
    /// The claim `sid`.
    pub provider_session: Option<String>,
    /// The provider's tokens, encrypted.
    pub sealed: Vec<u8>,
}

/// A sign-in as it is kept.
#[derive(Debug, Clone)]
pub struct StoredSignIn {
    pub id: Uuid,
    pub answer: ProviderAnswer,
    pub signed_in_at: OffsetDateTime,
    /// When the provider last answered.
    pub read_at: OffsetDateTime,
    /// When it was last asked without an answer, since then.
    pub failed_at: Option<OffsetDateTime>,
    pub expires_at: OffsetDateTime,
}

/// Whether the caller is the one who re-reads a sign-in now.
#[derive(Debug)]
pub enum Lease {
    /// The caller is; this is what is kept at this moment.
    Taken(Box<StoredSignIn>),
    /// Another request does so.
    Busy,
    /// It has ended.
    Gone,
}

/// Whose sign-ins end: by what the provider's logout token names.
#[derive(Debug, Clone)]
pub struct ProviderLogout {
    /// The claim `sub`.
    pub subject: Option<String>,
    /// The claim `sid`.
    pub provider_session: Option<String>,
    /// The claim `jti`.
    pub token_id: String,
    /// For how long the token is remembered, and id tokens from before are refused.
    pub remembered_until: OffsetDateTime,
}

struct Row {
    id: Uuid,
    subject: String,
    name: String,
    email: Option<String>,
    groups: Vec<String>,
    arrived: Json<serde_json::Value>,
    provider_session: Option<String>,
    sealed: Vec<u8>,
    signed_in_at: OffsetDateTime,
    read_at: OffsetDateTime,
    failed_at: Option<OffsetDateTime>,
    expires_at: OffsetDateTime,
}

impl From<Row> for StoredSignIn {
    fn from(row: Row) -> Self {
        let person = Person { subject: row.subject, name: row.name, email: row.email };
        Self {
            id: row.id,
            answer: ProviderAnswer {
                person,
                groups: row.groups,
                arrived: row.arrived.0,
                provider_session: row.provider_session,
                sealed: row.sealed,
            },
            signed_in_at: row.signed_in_at,
            read_at: row.read_at,
            failed_at: row.failed_at,
            expires_at: row.expires_at,
        }
    }
}

/// Sign-ins with what the identity provider said of them.
#[derive(Clone, Debug)]
pub struct SignInRepository {
    pub(crate) pool: PgPool,
}

impl SignInRepository {
    /// Uses a sign-in's state up; `false` where it was used before.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn use_state(
        &self,
        state: &str,
        expires_at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "insert into used_state (state_hash, expires_at) values ($1, $2) on conflict do nothing",
            hash(state.as_bytes()),
            expires_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A new id for a sign-in, which its tokens are encrypted for.
    pub fn new_sign_in(&self) -> Uuid {
        new_id()
    }

    /// Keeps a sign-in.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn keep_sign_in(
        &self,
        id: Uuid,
        answer: &ProviderAnswer,
        now: OffsetDateTime,
        expires_at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into sign_in (id, subject, name, email, groups, arrived, provider_session, sealed,
                signed_in_at, read_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
            id,
            &answer.person.subject,
            &answer.person.name,
            answer.person.email.as_deref(),
            &answer.groups,
            &answer.arrived as _,
            answer.provider_session.as_deref(),
            &answer.sealed,
            now,
            expires_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A sign-in that has not ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sign_in(
        &self,
        id: Uuid,
        now: OffsetDateTime,
    ) -> Result<Option<StoredSignIn>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            r#"select id, subject, name, email, groups, arrived as "arrived: Json<serde_json::Value>", provider_session, sealed, signed_in_at, read_at,
                failed_at, expires_at
             from sign_in where id = $1 and expires_at > $2"#,
            id,
            now,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(Into::into))
    }

    /// Takes the right to re-read a sign-in, which one caller has at a time, in any replica.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn lease_sign_in(
        &self,
        id: Uuid,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Lease, StoreError> {
        let row = sqlx::query_as!(
            Row,
            r#"update sign_in set leased_until = $3
             where id = $1 and expires_at > $2 and (leased_until is null or leased_until <= $2)
             returning id, subject, name, email, groups, arrived as "arrived: Json<serde_json::Value>", provider_session, sealed, signed_in_at,
                read_at, failed_at, expires_at"#,
            id,
            now,
            until,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(match row {
            Some(row) => Lease::Taken(Box::new(row.into())),
            None if self.sign_in(id, now).await?.is_some() => Lease::Busy,
            None => Lease::Gone,
        })
    }

    /// Writes what the provider said this time, and gives the lease back. `false` where the sign-in has ended meanwhile.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn renew_sign_in(
        &self,
        id: Uuid,
        answer: &ProviderAnswer,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update sign_in set name = $2, email = $3, groups = $4, arrived = $5, provider_session = $6,
                sealed = $7, read_at = $8, failed_at = null, leased_until = null
             where id = $1",
            id,
            &answer.person.name,
            answer.person.email.as_deref(),
            &answer.groups,
            &answer.arrived as _,
            answer.provider_session.as_deref(),
            &answer.sealed,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that the provider did not answer, keeps the tokens of this moment, and gives the lease back.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sign_in_unanswered(
        &self,
        id: Uuid,
        sealed: &[u8],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update sign_in set failed_at = $3, sealed = $2, leased_until = null where id = $1",
            id,
            sealed,
            now
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Gives a lease back without having asked.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn release_sign_in(&self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!("update sign_in set leased_until = null where id = $1", id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_sign_in(&self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!("delete from sign_in where id = $1", id).execute(&self.pool).await?;
        Ok(())
    }

    /// Ends the sign-ins that a logout token names: those of its session, and where it names none (or a sign-in has
    /// none) all of its subject. `None` where the token was taken before.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_sign_ins(
        &self,
        logout: &ProviderLogout,
        now: OffsetDateTime,
    ) -> Result<Option<u64>, StoreError> {
        let mut tx = self.pool.begin().await?;
        let taken = sqlx::query!(
            "insert into logout_token (id_hash, expires_at) values ($1, $2) on conflict do nothing",
            Sha256::digest(&logout.token_id).to_vec(),
            logout.remembered_until
        )
        .execute(&mut *tx)
        .await?;
        if taken.rows_affected() == 0 {
            return Ok(None);
        }
        let done = sqlx::query!(
            "delete from sign_in
             where case when $2::text is null then subject = $1
                        when provider_session is null then subject = $1
                        else provider_session = $2 and subject = coalesce($1, subject) end",
            logout.subject.as_deref(),
            logout.provider_session.as_deref()
        )
        .execute(&mut *tx)
        .await?;
        let (kind, id) = match (&logout.provider_session, &logout.subject) {
            (Some(session), _) => ("session", Some(session)),
            (None, subject) => ("subject", subject.as_ref()),
        };
        if let Some(id) = id {
            sqlx::query!(
                "insert into signed_out (kind, id, at, expires_at) values ($1, $2, $3, $4)
                 on conflict (kind, id) do update set at = excluded.at, expires_at = excluded.expires_at",
                kind,
                id,
                now,
                logout.remembered_until,
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(Some(done.rows_affected()))
    }

    /// Whether the provider has signed the person out since then.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn signed_out_since(
        &self,
        subject: &str,
        provider_session: Option<&str>,
        since: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar!(
            r#"select exists (select from signed_out where at >= $3
                and ((kind = 'subject' and id = $1) or (kind = 'session' and id = $2))) as "found!""#,
            subject,
            provider_session,
            since,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(found)
    }

    /// Removes sign-ins that have ended or whose session is gone, and what need not be remembered any longer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_ended_sign_ins(&self, now: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query!(
            "delete from sign_in s where expires_at <= $1
                -- The session's row is written a moment after the sign-in's.
                or (signed_in_at <= $1 - interval '10 minutes' and not exists (
                    select from session where data #>> '{sign_in,id}' = s.id::text))",
            now
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!("delete from logout_token where expires_at <= $1", now)
            .execute(&self.pool)
            .await?;
        sqlx::query!("delete from signed_out where expires_at <= $1", now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
