//! From pipelines to secrets: which of them may assume which roles, and what these can read.

use crate::{Authority, ReaderService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    ids::AccountId,
    pipelines::{
        TrustSeverity,
        query::{PIPELINE_ROWS, PipelineQuery},
        role_name,
        view::{PipelineRoleView, PipelineRow, PipelinesView, Reach},
    },
};
use claviger_policy::pipelines::{corrected, pipelines};
use claviger_store::{FederatedRole, PrincipalRepository};
use std::{collections::BTreeSet, sync::Arc};

/// Says which pipelines may assume which roles.
#[derive(Clone)]
pub struct PipelineService {
    pub(crate) principals: PrincipalRepository,
    pub(crate) reader_service: ReaderService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

/// The ways into a role.
fn rows(role: &FederatedRole) -> impl Iterator<Item = PipelineRow> + '_ {
    pipelines(&role.trust).into_iter().map(|trust| PipelineRow {
        role: role.arn.clone(),
        account_id: role.account.clone(),
        account_name: role.account_name.clone(),
        trust,
        reach: None,
    })
}

fn matches(query: &PipelineQuery, row: &PipelineRow) -> bool {
    let text = query.text.to_lowercase();
    let texts = [
        row.role.as_str(),
        row.trust.who.as_str(),
        row.trust.subject.as_deref().unwrap_or_default(),
        row.trust.issuer.url.as_str(),
    ];
    (text.is_empty() || texts.iter().any(|one| one.to_lowercase().contains(&text)))
        && (query.issuers.is_empty() || query.issuers.contains(&row.trust.issuer.kind))
        && (query.severities.is_empty() || query.severities.contains(&row.trust.severity))
        && (query.accounts.is_empty() || query.accounts.contains(&row.account_id))
}

impl PipelineService {
    /// The ways into the roles within the caller's scope, the most severe first, with what each role can read.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn pipelines(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<PipelinesView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let query: PipelineQuery = url_query.parse()?;
        let (roles, not_read) = tokio::try_join!(
            self.principals.federated_roles(&visible, None),
            self.principals.trusts_not_read(&visible),
        )?;
        let all: Vec<PipelineRow> = roles.iter().flat_map(rows).collect();
        let accounts: BTreeSet<(String, AccountId)> =
            all.iter().map(|row| (row.account_name.clone(), row.account_id.clone())).collect();
        let mut found: Vec<PipelineRow> =
            all.into_iter().filter(|row| matches(&query, row)).collect();
        found.sort_by(|a, b| {
            (b.trust.severity, b.trust.breadth)
                .cmp(&(a.trust.severity, a.trust.breadth))
                .then_with(|| (&a.role, &a.trust.who).cmp(&(&b.role, &b.trust.who)))
        });
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let total = count(found.len());
        let severe =
            count(found.iter().filter(|row| row.trust.severity >= TrustSeverity::High).count());
        let (skip, limit) = (query.skip as usize, PIPELINE_ROWS as usize);
        let mut page: Vec<PipelineRow> = found.into_iter().skip(skip).take(limit).collect();
        let asked: Vec<(AccountId, String)> =
            page.iter().map(|row| (row.account_id.clone(), row.role.clone())).collect();
        let reached = self.reader_service.reach(&visible, &asked).await?;
        for row in &mut page {
            row.reach = reached.get(&row.role).map(|one| one.reach.clone());
        }
        Ok(PipelinesView {
            query,
            rows: page,
            total,
            severe,
            accounts: accounts.into_iter().map(|(name, id)| (id, name)).collect(),
            not_read: self.reader_service.reasons(&visible, not_read).await?,
        })
    }

    /// A role with its ways in, what it can read, and how to correct its trust.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn pipeline_role(
        &self,
        caller: &Caller,
        arn: &str,
    ) -> Result<PipelineRoleView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let named = [arn.to_owned()];
        let role = self
            .principals
            .federated_roles(&visible, Some(&named))
            .await?
            .pop()
            .ok_or(ServiceError::NotFound("role of a pipeline"))?;
        let asked = [(role.account.clone(), role.arn.clone())];
        let reached = self.reader_service.reach(&visible, &asked).await?.remove(arn);
        let (reach, resources) = match reached {
            Some(found) => (found.reach, found.resources),
            None => (Reach::Unknown("the role was not read".to_owned()), Vec::new()),
        };
        let policy = serde_json::from_str::<serde_json::Value>(&role.trust)
            .and_then(|value| serde_json::to_string_pretty(&value))
            .unwrap_or_else(|_| role.trust.clone());
        Ok(PipelineRoleView {
            trusts: pipelines(&role.trust),
            steps: corrected(&role.trust, role_name(arn)),
            policy,
            account_id: role.account,
            account_name: role.account_name,
            role: role.arn,
            reach,
            resources,
            as_of: self.clock.now(),
        })
    }

    /// The ways into these roles, the most severe first. Roles outside of the caller's scope have none here.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn into_roles(
        &self,
        caller: &Caller,
        arns: &[String],
    ) -> Result<Vec<PipelineRow>, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let roles = self.principals.federated_roles(&visible, Some(arns)).await?;
        let mut found: Vec<PipelineRow> = roles.iter().flat_map(rows).collect();
        found.sort_by(|a, b| {
            b.trust.severity.cmp(&a.trust.severity).then_with(|| a.role.cmp(&b.role))
        });
        Ok(found)
    }
}
