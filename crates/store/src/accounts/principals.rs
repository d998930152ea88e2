//! The roles and users of accounts, and the SCPs and RCPs on them.

use crate::{
    StoreError,
    error::{column, texts},
};
use claviger_domain::{
    accounts::identities::{
        AttachedPolicy, Guardrail, GuardrailKind, GuardrailReading, PolicySource,
    },
    ids::{AccountId, Region},
    key::KeyAccess,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{PgPool, types::Json};
use std::collections::{BTreeMap, BTreeSet};
use time::{Duration, OffsetDateTime};

/// What no account has any more is kept for so long.
const KEPT_FOR: Duration = Duration::days(7);

/// A role or user with its policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPrincipal {
    pub arn: String,
    pub policies: Vec<AttachedPolicy>,
    pub boundary: Option<AttachedPolicy>,
    pub tags: BTreeMap<String, String>,
    pub takes_session_tags: bool,
    /// A role's trust policy, if it names OIDC providers.
    pub trust: Option<String>,
}

/// The guardrails of one kind; before the first reading there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGuardrails {
    pub read_at: OffsetDateTime,
    /// `None` where AWS did not tell.
    pub is_enabled: Option<bool>,
    /// Which call AWS did not answer, and why.
    pub fault: Option<String>,
    pub policies: Vec<Guardrail>,
}

/// A policy as the table has it.
#[derive(Debug, Serialize, Deserialize)]
struct Reference {
    source: PolicySource,
    name: String,
    /// In hexadecimal; `None` if AWS did not return the document.
    document: Option<String>,
}

impl Reference {
    fn of(policy: &AttachedPolicy, documents: &mut BTreeMap<String, String>) -> Self {
        let document = policy.document.as_ref().map(|text| {
            let hash = format!("{:x}", Sha256::digest(text));
            documents.insert(hash.clone(), text.clone());
            hash
        });
        Self { source: policy.source.clone(), name: policy.name.clone(), document }
    }

    fn read(self, documents: &BTreeMap<String, String>) -> AttachedPolicy {
        AttachedPolicy {
            source: self.source,
            name: self.name,
            document: self.document.and_then(|hash| documents.get(&hash).cloned()),
        }
    }
}

/// Roles, users and guardrails.
#[derive(Clone, Debug)]
pub struct PrincipalRepository {
    pub(crate) pool: PgPool,
}

impl PrincipalRepository {
    /// Those of each of these accounts whose IAM was read, or why it could not be.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account_count = of.len()))]
    pub async fn principals(
        &self,
        of: &[AccountId],
    ) -> Result<BTreeMap<AccountId, Result<Vec<StoredPrincipal>, String>>, StoreError> {
        let read = sqlx::query!(
            "select id, principals_fault from account where principals_read_at is not null and id = any($1)",
            &texts(of),
        )
        .fetch_all(&self.pool)
        .await?;
        let mut known = BTreeMap::new();
        for row in read {
            let account: AccountId = column("account", "id", &row.id, &row.id)?;
            known.insert(account, row.principals_fault.map_or_else(|| Ok(Vec::new()), Err));
        }
        for (account, principal) in self.stored(of, None).await? {
            if let Some(Ok(found)) = known.get_mut(&account) {
                found.push(principal);
            }
        }
        Ok(known)
    }

    /// When IAM of this account was read last; `None` before that, and where that reading failed: then nothing is known of it.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %of))]
    pub async fn principals_read_at(
        &self,
        of: &AccountId,
    ) -> Result<Option<OffsetDateTime>, StoreError> {
        let read = sqlx::query_scalar!(
            "select principals_read_at from account where id = $1 and principals_fault is null",
            of.as_str()
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(read.flatten())
    }

    /// Those of these accounts with their documents, or of them the ones with these ARNs.
    pub(super) async fn stored(
        &self,
        of: &[AccountId],
        arns: Option<&[String]>,
    ) -> Result<Vec<(AccountId, StoredPrincipal)>, StoreError> {
        let rows = sqlx::query!(
            r#"select account_id, arn, policies as "policies: Json<Vec<Reference>>",
                boundary as "boundary: Json<Reference>", tags as "tags: Json<BTreeMap<String, String>>", takes_session_tags, trust
             from iam_principal where account_id = any($1) and ($2::text[] is null or arn = any($2)) order by account_id, arn"#,
            &texts(of),
            arns as _,
        )
        .fetch_all(&self.pool)
        .await?;
        let used: BTreeSet<&String> = rows
            .iter()
            .flat_map(|row| row.policies.0.iter().chain(row.boundary.as_deref()))
            .filter_map(|policy| policy.document.as_ref())
            .collect();
        let used: Vec<String> = used.into_iter().cloned().collect();
        let documents = self.documents(&used).await?;
        rows.into_iter()
            .map(|row| {
                let account =
                    column("iam_principal", "account_id", &row.account_id, &row.account_id)?;
                let principal = StoredPrincipal {
                    arn: row.arn,
                    policies: row.policies.0.into_iter().map(|p| p.read(&documents)).collect(),
                    boundary: row.boundary.map(|boundary| boundary.0.read(&documents)),
                    tags: row.tags.0,
                    takes_session_tags: row.takes_session_tags,
                    trust: row.trust,
                };
                Ok((account, principal))
            })
            .collect()
    }

    async fn documents(&self, hashes: &[String]) -> Result<BTreeMap<String, String>, StoreError> {
        let rows = sqlx::query!(
            r#"select encode(hash, 'hex') as "hash!", text from iam_document
             where hash = any(select decode(x, 'hex') from unnest($1::text[]) as x)"#,
            hashes
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.hash, row.text)).collect())
    }

    /// Writes those of an account, or why its IAM could not be read: what was read before is then no longer known to hold.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn write_principals(
        &self,
        account: &AccountId,
        found: Result<&[StoredPrincipal], &str>,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut documents = BTreeMap::new();
        let (mut arns, mut policies, mut boundaries, mut tags, mut takes, mut trusts) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for one in found.into_iter().flatten() {
            arns.push(one.arn.as_str());
            let all: Vec<Reference> =
                one.policies.iter().map(|p| Reference::of(p, &mut documents)).collect();
            policies.push(Json(all));
            boundaries.push(one.boundary.as_ref().map(|p| Json(Reference::of(p, &mut documents))));
            tags.push(Json(&one.tags));
            takes.push(one.takes_session_tags);
            trusts.push(one.trust.as_deref());
        }
        let (hashes, texts): (Vec<String>, Vec<String>) = documents.into_iter().unzip();
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "update account set principals_read_at = $2, trusts_read_at = $2, principals_fault = $3 where id = $1",
            account.as_str(),
            now,
            found.err()
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!("delete from iam_principal where account_id = $1", account.as_str())
            .execute(&mut *tx)
            .await?;
        // In order of the hash, so that accounts read side by side do not wait for each other in a circle.
        sqlx::query!(
            "insert into iam_document (hash, text, seen_at)
             select decode(x.hash, 'hex'), x.text, $3 from unnest($1::text[], $2::text[]) as x (hash, text) order by x.hash
             on conflict (hash) do update set seen_at = excluded.seen_at",
            &hashes,
            &texts,
            now
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into iam_principal (account_id, arn, policies, boundary, tags, takes_session_tags, trust)
             select $1, x.* from unnest($2::text[], $3::jsonb[], $4::jsonb[], $5::jsonb[], $6::boolean[], $7::text[]) as x",
            account.as_str(),
            &arns as _,
            &policies as _,
            &boundaries as _,
            &tags as _,
            &takes,
            &trusts as _,
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        // Every account is read more often than that: what was not seen since belongs to none.
        sqlx::query!("delete from iam_document where seen_at < $1", now - KEPT_FOR)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The management account; `None` before the Organization was read.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn management_account(&self) -> Result<Option<AccountId>, StoreError> {
        let id = sqlx::query_scalar!("select management_account from organization")
            .fetch_optional(&self.pool)
            .await?;
        id.map(|id| column("organization", "management_account", &id, &id)).transpose()
    }

    /// The guardrails of each kind that was read.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn guardrails(
        &self,
    ) -> Result<BTreeMap<GuardrailKind, StoredGuardrails>, StoreError> {
        let readings =
            sqlx::query!("select kind, read_at, is_enabled, fault from guardrail_reading")
                .fetch_all(&self.pool)
                .await?;
        let mut found = BTreeMap::new();
        for row in readings {
            let kind: GuardrailKind = column("guardrail_reading", "kind", &row.kind, &row.kind)?;
            let stored = StoredGuardrails {
                read_at: row.read_at,
                is_enabled: row.is_enabled,
                fault: row.fault,
                policies: Vec::new(),
            };
            found.insert(kind, stored);
        }
        let rows =
            sqlx::query!("select id, kind, name, content, targets from guardrail order by id")
                .fetch_all(&self.pool)
                .await?;
        for row in rows {
            let kind: GuardrailKind = column("guardrail", "kind", &row.id, &row.kind)?;
            if let Some(stored) = found.get_mut(&kind) {
                stored.policies.push(Guardrail {
                    id: row.id,
                    name: row.name,
                    content: row.content,
                    targets: row.targets,
                });
            }
        }
        Ok(found)
    }

    /// Writes what was read of one kind. Of policies that AWS did not return, none is kept: they are unknown.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn write_guardrails(
        &self,
        reading: &GuardrailReading,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let kind: &str = reading.kind.into();
        let fault = reading.policies.as_ref().err().or(reading.is_enabled.as_ref().err());
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "insert into guardrail_reading (kind, read_at, is_enabled, fault) values ($1, $2, $3, $4)
             on conflict (kind) do update set read_at = excluded.read_at, is_enabled = excluded.is_enabled, fault = excluded.fault",
            kind,
            now,
            reading.is_enabled.as_ref().ok(),
            fault.map(ToString::to_string),
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!("delete from guardrail where kind = $1", kind).execute(&mut *tx).await?;
        for policy in reading.policies.iter().flatten() {
            sqlx::query!(
                "insert into guardrail (id, kind, name, content, targets) values ($1, $2, $3, $4, $5)",
                &policy.id,
                kind,
                &policy.name,
                &policy.content,
                &policy.targets,
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Writes who may use keys, by the names that resources of the Region have for them.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region, db.rows = read.len()))]
    pub async fn write_key_access(
        &self,
        account: &AccountId,
        region: &Region,
        read: &[(String, KeyAccess)],
    ) -> Result<(), StoreError> {
        let (names, access): (Vec<&str>, Vec<Json<&KeyAccess>>) =
            read.iter().map(|(name, access)| (name.as_str(), Json(access))).unzip();
        sqlx::query!(
            "update kms_key k set access = x.access from unnest($3::text[], $4::jsonb[]) as x (key_id, access)
             where k.account_id = $1 and k.region = $2 and k.key_id = x.key_id",
            account.as_str(),
            region.as_str(),
            &names as _,
            &access as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Who may use a key; `None` where it was not read.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn key_access(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
    ) -> Result<Option<KeyAccess>, StoreError> {
        let row = sqlx::query_scalar!(
            r#"select access as "access: Json<KeyAccess>" from kms_key where account_id = $1 and region = $2 and key_id = $3"#,
            account.as_str(),
            region.as_str(),
            name,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.flatten().map(|access| access.0))
    }
}
