//! What is to be evaluated.

use crate::{
    StoreError,
    error::{column, texts},
};
use claviger_domain::{
    authz::VisibleAccounts,
    facts::{ResourceDetails, ResourceFacts},
    ids::{AccountId, Region, ResourceId},
};
use sqlx::{PgPool, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A secret or parameter with everything known of it.
#[derive(Debug, Clone)]
pub struct ResourceInput {
    pub id: ResourceId,
    pub region: Region,
    pub facts: ResourceFacts,
    pub deep: Option<ResourceDetails>,
    pub used_on: Option<Date>,
    pub first_seen_at: OffsetDateTime,
    /// As its owner tag says.
    pub team: Option<String>,
}

/// What a resource is evaluated from, to be compared the next time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFingerprint {
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) deep_fingerprint: Option<Vec<u8>>,
    pub(crate) used_on: Option<Date>,
}

/// A resource to be evaluated.
#[derive(Debug, Clone)]
pub struct PendingEvaluation {
    pub resource: ResourceInput,
    pub input_fingerprint: InputFingerprint,
    /// What it came to before, if ever.
    pub before: Option<PreviousResult>,
}

/// What a resource came to before, though it may come to something else now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousResult {
    pub result: StoredResult,
    /// Of everything that its findings say.
    pub digest: Vec<u8>,
    /// Whether it was evaluated from the same facts.
    pub is_same_basis: bool,
}

/// What a resource came to before, while nothing that decides has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResult {
    pub resource: ResourceId,
    pub team: Option<String>,
    /// A letter for each policy, in the order of the evaluation.
    pub verdicts: String,
    /// What each unknown says, a line each.
    pub gaps: Option<String>,
    /// When time alone will change a verdict.
    pub until: Option<OffsetDateTime>,
}

/// An account before it is evaluated.
#[derive(Debug, Clone, Default)]
pub struct EvaluationInput {
    /// How often it was evaluated before: goes back with what comes of it.
    pub round: i64,
    /// Of everything that decides beside the facts; goes back as well.
    pub context: Vec<u8>,
    pub pending: Vec<PendingEvaluation>,
    pub unchanged: Vec<StoredResult>,
}

struct EvaluationInputRow {
    id: Uuid,
    region: String,
    owner: Option<String>,
    facts: Option<Json<ResourceFacts>>,
    deep: Option<Json<ResourceDetails>>,
    first_seen_at: OffsetDateTime,
    fingerprint: Vec<u8>,
    deep_fingerprint: Option<Vec<u8>>,
    used_on: Option<Date>,
    is_same_basis: bool,
    digest: Option<Vec<u8>>,
    verdicts: Option<String>,
    gaps: Option<String>,
    until: Option<OffsetDateTime>,
}

impl EvaluationInputRow {
    fn sort_into(self, evaluation_input: &mut EvaluationInput) -> Result<(), StoreError> {
        let resource = ResourceId(self.id);
        let result = self.verdicts.map(|verdicts| StoredResult {
            resource,
            team: self.owner.clone(),
            verdicts,
            gaps: self.gaps,
            until: self.until,
        });
        let Some(facts) = self.facts else {
            evaluation_input.unchanged.extend(result);
            return Ok(());
        };
        let before = result.zip(self.digest).map(|(result, digest)| PreviousResult {
            result,
            digest,
            is_same_basis: self.is_same_basis,
        });
        evaluation_input.pending.push(PendingEvaluation {
            resource: ResourceInput {
                id: resource,
                region: column("resource", "region", self.id, &self.region)?,
                facts: facts.0,
                deep: self.deep.map(|deep| deep.0),
                used_on: self.used_on,
                first_seen_at: self.first_seen_at,
                team: self.owner,
            },
            input_fingerprint: InputFingerprint {
                fingerprint: self.fingerprint,
                deep_fingerprint: self.deep_fingerprint,
                used_on: self.used_on,
            },
            before,
        });
        Ok(())
    }
}

struct Row {
    id: Uuid,
    region: String,
    facts: Json<ResourceFacts>,
    deep: Option<Json<ResourceDetails>>,
    used_on: Option<Date>,
    first_seen_at: OffsetDateTime,
    owner: Option<String>,
}

macro_rules! select_input {
    ($tail:tt $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id, region, facts as "facts: Json<ResourceFacts>", deep as "deep: Json<ResourceDetails>", used_on, first_seen_at, owner from resource"# + $tail
            $(, $arg)*
        )
    };
}

impl Row {
    fn into_input(self) -> Result<ResourceInput, StoreError> {
        Ok(ResourceInput {
            id: ResourceId(self.id),
            region: column("resource", "region", self.id, &self.region)?,
            facts: self.facts.0,
            deep: self.deep.map(|deep| deep.0),
            used_on: self.used_on,
            first_seen_at: self.first_seen_at,
            team: self.owner,
        })
    }
}

/// What an evaluation reads: resources with their facts, and which accounts are due.
#[derive(Clone, Debug)]
pub struct EvaluationRepository {
    pub(crate) pool: PgPool,
}

impl EvaluationRepository {
    /// Everything of an account that is there. A replica stands behind its primary.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn resources_to_evaluate(
        &self,
        account: &AccountId,
    ) -> Result<Vec<ResourceInput>, StoreError> {
        let rows = select_input!(
            " where account_id = $1 and is_listed and gone_at is null order by id",
            account.as_str()
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_input).collect()
    }

    /// The same with what each came to before: whose facts and time are the same is carried over, unless `context`, of
    /// everything else that decides, differs from that of the evaluation before.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn evaluation_input(
        &self,
        account: &AccountId,
        context: Vec<u8>,
        now: OffsetDateTime,
    ) -> Result<EvaluationInput, StoreError> {
        let mut tx = self.pool.begin().await?;
        // A plan made while the tables were small would be kept when they are large.
        sqlx::query!("set local plan_cache_mode = force_custom_plan").execute(&mut *tx).await?;
        let before = sqlx::query!(
            "select round, context from evaluation where account_id = $1",
            account.as_str()
        )
        .map(|row| (row.round, row.context))
        .fetch_optional(&mut *tx)
        .await?;
        let (round, known) = before.unwrap_or_default();
        let is_whole = known.as_ref() != Some(&context);
        let mut evaluation_input = EvaluationInput { round, context, ..EvaluationInput::default() };
        // An evaluation result has its resource's account: said again, it keeps PostgreSQL from passing over all of them.
        let rows = sqlx::query_as!(
            EvaluationInputRow,
            r#"select r.id, r.region, r.owner, r.first_seen_at, r.fingerprint, r.deep_fingerprint, r.used_on,
                j.digest, j.verdicts, j.gaps, j.until, is_same_basis as "is_same_basis!",
                case when is_same then null else r.facts end as "facts?: Json<ResourceFacts>", case when is_same then null else r.deep end as "deep?: Json<ResourceDetails>"
             from resource r left join judgement j on j.resource_id = r.id and j.account_id = $1
             cross join lateral (select j.fingerprint is not distinct from r.fingerprint
                and j.deep_fingerprint is not distinct from r.deep_fingerprint
                and j.used_on is not distinct from r.used_on) as b (is_same_basis)
             cross join lateral (select not $2 and is_same_basis and (j.until is null or j.until > $3)) as s (is_same)
             where r.account_id = $1 and r.is_listed and r.gone_at is null"#,
            account.as_str(),
            is_whole,
            now,
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        for row in rows {
            row.sort_into(&mut evaluation_input)?;
        }
        Ok(evaluation_input)
    }

    /// Has everything evaluated again when its account comes up next: the rules themselves may be others now.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forget_contexts(&self) -> Result<(), StoreError> {
        sqlx::query!("update evaluation set context = null").execute(&self.pool).await?;
        Ok(())
    }

    /// One of them, within the scope.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn resource_to_evaluate(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
    ) -> Result<Option<ResourceInput>, StoreError> {
        let visible = texts(&visible.accounts);
        let row = select_input!(" where id = $1 and account_id = any($2)", id.0, &visible)
            .fetch_optional(&self.pool)
            .await?;
        row.map(Row::into_input).transpose()
    }

    /// These of them that are there, with their accounts.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = ids.len()))]
    pub async fn resources_to_evaluate_by_id(
        &self,
        ids: &[ResourceId],
    ) -> Result<Vec<ResourceInput>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = select_input!(" where id = any($1) and gone_at is null order by id", &ids)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(Row::into_input).collect()
    }

    /// Accounts for which time alone has changed a verdict, or which were last evaluated on an earlier day.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn due_evaluations(&self, now: OffsetDateTime) -> Result<Vec<AccountId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "update evaluation set next_at = null where next_at <= $1 or at < $2 returning account_id",
            now,
            now.replace_time(time::Time::MIDNIGHT),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|id| column("evaluation", "account_id", id, id)).collect()
    }

    /// Every account that holds anything.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn accounts_to_evaluate(&self) -> Result<Vec<AccountId>, StoreError> {
        let rows = sqlx::query_scalar!(
            "select id from account a where exists (select 1 from resource r where r.account_id = a.id) order by id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|id| column("account", "id", id, id)).collect()
    }

    /// The Regions that any scan was ever asked of.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn scanned_regions(&self) -> Result<Vec<Region>, StoreError> {
        let rows =
            sqlx::query_scalar!("select distinct region from scan").fetch_all(&self.pool).await?;
        rows.iter().map(|code| column("scan", "region", code, code)).collect()
    }
}
