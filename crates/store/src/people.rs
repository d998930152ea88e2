//! Who has signed in, so that approvers can be found and told; and where accounts stand.

use crate::{
    Store, StoreError,
    error::{column, texts},
};
use claviger_domain::{
    authz::{AccountLocation, Person, said},
    ids::{AccountId, OuId},
};
use sqlx::PgExecutor;
use time::OffsetDateTime;

/// A person with their groups as of their last sign-in.
#[derive(Debug, Clone)]
pub struct KnownPerson {
    pub person: Person,
    pub groups: Vec<String>,
}

impl Store {
    /// Remembers who has signed in.
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
    pub async fn address_of(&self, subject: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query_scalar!("select email from person where subject = $1", subject)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.and_then(|email| said(&email?)))
    }

    /// By which rules an account's owners were worked out.
    pub async fn owners_as(&self, account: &AccountId) -> Result<String, StoreError> {
        let found =
            sqlx::query_scalar!("select owners_as from account where id = $1", account.as_str())
                .fetch_optional(&self.pool)
                .await?;
        Ok(found.unwrap_or_default())
    }

    /// Where these accounts stand. One that is not known is not among them.
    pub async fn locations(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountLocation>, StoreError> {
        locations(&self.pool, accounts).await
    }
}

/// The same, within a transaction where one is under way.
pub(crate) async fn locations(
    executor: impl PgExecutor<'_>,
    accounts: &[AccountId],
) -> Result<Vec<AccountLocation>, StoreError> {
    let rows = sqlx::query!(
        r#"select a.id, a.name, a.ou_path,
            array(select coalesce(ou.path, '') from unnest(a.ou_path) with ordinality as u (id, n)
                left join ou on ou.id = u.id order by u.n) as "paths!"
         from account a where a.id = any($1)"#,
        &texts(accounts)
    )
    .fetch_all(executor)
    .await?;
    rows.into_iter()
        .map(|row| {
            let units = row
                .ou_path
                .iter()
                .zip(row.paths)
                .map(|(ou, path)| Ok((column::<OuId>("account", "ou_path", &row.id, ou)?, path)))
                .collect::<Result<_, StoreError>>()?;
            Ok(AccountLocation {
                account: column("account", "id", &row.id, &row.id)?,
                account_name: row.name,
                units,
            })
        })
        .collect()
}
