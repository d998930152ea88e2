//! The findings list: found in memory (ADR 35), and what a page shows read from the table by resource, within the scope.

use crate::{
    InventoryIndex, StoreError,
    compliance::finding_rows::{Mark, Text, moment},
    compliance::triage::{StoredTriage, triage_of},
    error::{column, texts},
    inventory::index::{FindingCounts, GroupCount},
};
use claviger_domain::{
    authz::VisibleAccounts,
    compliance::{
        FindingQuery,
        view::{ExceptionRef, FindingRow},
    },
    exceptions::ExceptionId,
    ids::{AccountId, ResourceId},
};
use sqlx::{PgPool, types::Json};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};
use time::OffsetDateTime;
use uuid::Uuid;

/// A page of findings.
#[derive(Debug, Clone, Default)]
pub struct FoundFindings {
    pub rows: Vec<FindingRow>,
    /// How many findings stand before these.
    pub before: u64,
    pub next: Option<String>,
    pub counts: FindingCounts,
    /// The most severe and largest first; none where the query does not group.
    pub groups: Vec<GroupCount>,
}

/// The next findings of a list, which [`FindingRepository::read_findings`] reads.
#[derive(Debug, Clone, Default)]
pub struct FindingRefs {
    pub refs: Vec<(ResourceId, String)>,
    pub next: Option<String>,
}

struct Row {
    resource_id: Uuid,
    arn: String,
    name: String,
    kind: String,
    account_id: String,
    account_name: String,
    region: String,
    team: Option<String>,
    marks: Json<Vec<Mark>>,
    texts: Json<Vec<Text>>,
    triage: Option<Json<Vec<StoredTriage>>>,
}

impl Row {
    fn finding(
        &self,
        mark: &Mark,
        text: &Text,
        ends: &HashMap<i64, OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<FindingRow, StoreError> {
        let id = ResourceId(self.resource_id);
        let exception = mark.exception.and_then(|exception| {
            ends.get(&exception)
                .map(|until| ExceptionRef { id: ExceptionId(exception), until: *until })
        });
        let opened_at = moment(mark.opened, id)?;
        let all = self.triage.as_ref().map_or(&[][..], |all| all.0.as_slice());
        Ok(FindingRow {
            triage: triage_of(all, &mark.policy, opened_at, now),
            resource: id,
            arn: column("resource", "arn", id, &self.arn)?,
            name: self.name.clone(),
            kind: column("resource", "kind", id, &self.kind)?,
            account_id: column("resource_findings", "account_id", id, &self.account_id)?,
            account_name: self.account_name.clone(),
            region: column("resource", "region", id, &self.region)?,
            team: self.team.clone(),
            policy_title: String::new(),
            policy: mark.policy.clone(),
            severity: mark.severity,
            verdict: mark.verdict,
            says: text.says.clone(),
            evidence: text.evidence.clone(),
            opened_at,
            due_at: moment(mark.due, id)?,
            resolved_at: mark.resolved.map(|at| moment(at, id)).transpose()?,
            reopened: mark.reopened,
            exception,
        })
    }
}

/// Findings: listed from memory, read by id.
#[derive(Clone, Debug)]
pub struct FindingRepository {
    pub(crate) pool: PgPool,
    pub(crate) index: InventoryIndex,
}

impl FindingRepository {
    /// One page, the worst and newest first, with the counts of all facets.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list_findings(
        &self,
        visible: &VisibleAccounts,
        query: &FindingQuery,
        limit: u16,
        now: OffsetDateTime,
    ) -> Result<FoundFindings, StoreError> {
        let found = self.index.find_refs(visible, query, limit.into(), now).await?;
        let rows = self.read_findings(visible, &found.refs, now).await?;
        Ok(FoundFindings {
            rows,
            before: found.before,
            next: found.next.clone(),
            counts: found.counts.clone(),
            groups: found.groups.clone(),
        })
    }

    /// So many of a list, to be read piece by piece.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn next_findings(
        &self,
        visible: &VisibleAccounts,
        query: &FindingQuery,
        limit: usize,
        now: OffsetDateTime,
    ) -> Result<FindingRefs, StoreError> {
        let found = self.index.find_refs(visible, query, limit, now).await?;
        Ok(FindingRefs { refs: found.refs.clone(), next: found.next.clone() })
    }

    /// These findings, in their order; those that are no longer there, or not within the scope, are left out.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = refs.len()))]
    pub async fn read_findings(
        &self,
        visible: &VisibleAccounts,
        refs: &[(ResourceId, String)],
        now: OffsetDateTime,
    ) -> Result<Vec<FindingRow>, StoreError> {
        if refs.is_empty() {
            return Ok(Vec::new());
        }
        let ids: HashSet<Uuid> = refs.iter().map(|(id, _)| id.0).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let rows = self.finding_rows(visible, &ids).await?;
        let ends = self.ends_of_exceptions(&rows).await?;
        let by_id: HashMap<Uuid, &Row> = rows.iter().map(|row| (row.resource_id, row)).collect();
        let found = refs.iter().filter_map(|(id, policy)| {
            let row = *by_id.get(&id.0)?;
            let each = || row.marks.0.iter().zip(&row.texts.0);
            let (mark, text) = each().find(|(mark, _)| mark.policy == *policy)?;
            Some(row.finding(mark, text, &ends, now))
        });
        found.collect()
    }

    /// The rows of these resources, as far as they are within the scope.
    async fn finding_rows(
        &self,
        visible: &VisibleAccounts,
        resources: &[Uuid],
    ) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select f.resource_id, r.arn, r.name, r.kind, f.account_id, a.name as account_name, r.region, f.team,
                f.marks as "marks: Json<Vec<Mark>>", f.texts as "texts: Json<Vec<Text>>",
                (select jsonb_agg(jsonb_build_object('policy', t.policy_id, 'assignee', t.assignee, 'ticket', t.ticket,
                    'snoozed_at', t.snoozed_at, 'snoozed_until', t.snoozed_until))
                 from finding_triage t where t.resource_id = f.resource_id) as "triage: Json<Vec<StoredTriage>>"
             from resource_findings f join resource r on r.id = f.resource_id join account a on a.id = f.account_id
             where f.resource_id = any($1) and f.account_id = any($2)"#,
            resources,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }

    async fn ends_of_exceptions(
        &self,
        rows: &[Row],
    ) -> Result<HashMap<i64, OffsetDateTime>, StoreError> {
        let exceptions: HashSet<i64> =
            rows.iter().flat_map(|row| &row.marks.0).filter_map(|mark| mark.exception).collect();
        if exceptions.is_empty() {
            return Ok(HashMap::new());
        }
        let ends = sqlx::query!(
            "select id, ends_at from waiver where id = any($1)",
            &exceptions.into_iter().collect::<Vec<_>>()
        )
        .map(|row| (row.id, row.ends_at))
        .fetch_all(&self.pool)
        .await?;
        Ok(ends.into_iter().collect())
    }

    /// The findings of one resource within the scope that are open.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %resource))]
    pub async fn findings_of(
        &self,
        visible: &VisibleAccounts,
        resource: ResourceId,
        now: OffsetDateTime,
    ) -> Result<Vec<FindingRow>, StoreError> {
        let rows = self.finding_rows(visible, &[resource.0]).await?;
        let ends = self.ends_of_exceptions(&rows).await?;
        let each = |row: &Row| -> Vec<Result<FindingRow, StoreError>> {
            let open = row.marks.0.iter().zip(&row.texts.0).filter(|(mark, _)| mark.is_open());
            open.map(|(mark, text)| row.finding(mark, text, &ends, now)).collect()
        };
        rows.iter().flat_map(each).collect()
    }

    /// The worst failures that opened within so many days, and that no exception covers.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn newest_failures(
        &self,
        visible: &VisibleAccounts,
        days: u16,
        limit: u16,
        now: OffsetDateTime,
    ) -> Result<Vec<FindingRow>, StoreError> {
        let query = FindingQuery { days: Some(days), ..FindingQuery::default() };
        Ok(self.list_findings(visible, &query, limit, now).await?.rows)
    }

    /// An account's failures under a policy that no exception covers, the worst and newest first, as the table has them at
    /// this moment: what is decided by them does not wait for an index.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn failures_in(
        &self,
        account: &AccountId,
        policy: &str,
        limit: usize,
        now: OffsetDateTime,
    ) -> Result<Vec<FindingRow>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let rows =
            crate::compliance::evaluation_rows::rows_of_account(&mut connection, account).await?;
        drop(connection);
        let mut failing: Vec<(i16, Reverse<i64>, ResourceId)> = rows
            .iter()
            .filter_map(|(id, _, marks)| {
                let mark = marks.iter().find(|mark| mark.policy == policy && mark.counts())?;
                Some((mark.severity.rank(), Reverse(mark.opened), *id))
            })
            .collect();
        failing.sort_unstable_by_key(|(rank, opened, id)| (*rank, *opened, id.0));
        failing.truncate(limit);
        let refs: Vec<_> = failing.into_iter().map(|(.., id)| (id, policy.to_owned())).collect();
        let here = VisibleAccounts { accounts: vec![account.clone()], whole_organization: false };
        self.read_findings(&here, &refs, now).await
    }
}
