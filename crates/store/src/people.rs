//! Who has signed in, so that approvers can be found and told.

use crate::StoreError;
use claviger_domain::authz::{Person, said};
use sqlx::PgPool;
use time::OffsetDateTime;

/// A person with their groups as of their last sign-in.
#[derive(Debug, Clone)]
pub struct KnownPerson {
    pub person: Person,
    pub groups: Vec<String>,
}

/// People who have signed in, with their groups.
#[derive(Clone, Debug)]
pub struct PersonRepository {
    pub(crate) pool: PgPool,
}

impl PersonRepository {
    /// Remembers who has signed in.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn upsert_person(
        &self,
        person: &Person,
        groups: &[String],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into person (subject, name, email, groups, seen_at) values ($1, $2, $3, $4, $5)
             on conflict (subject) do update set name = excluded.name, email = excluded.email,
                groups = excluded.groups, seen_at = excluded.seen_at",
            &person.subject,
            &person.name,
            person.email.as_deref().and_then(said),
            groups,
            now
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Everybody who has signed in since then.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn people(&self, since: OffsetDateTime) -> Result<Vec<KnownPerson>, StoreError> {
        let rows = sqlx::query!(
            "select subject, name, email, groups from person where seen_at > $1
             order by name, subject limit 10000",
            since
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| KnownPerson {
                person: Person::new(&row.subject, Some(&row.name), row.email.as_deref()),
                groups: row.groups,
            })
            .collect())
    }

    /// A person's address, for email.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn address_of(&self, subject: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query_scalar!("select email from person where subject = $1", subject)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.and_then(|email| said(&email?)))
    }
}
