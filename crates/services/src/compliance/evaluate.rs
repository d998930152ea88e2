//! From facts to findings: read what lists leave out, evaluate an account, write what changed.

use super::{details::read_details, evaluator::Evaluator};
use crate::{
    EnforcementService, JobFailure, PeopleService, PolicyService, ServiceError, SnapshotService,
};
use claviger_domain::{
    clock::Clock,
    facts::Reading,
    ids::{AccountId, Region},
    key::{KeyManager, KeyReading},
};
use claviger_gateways::Gateway;
use claviger_policy::AccessPolicy;
use claviger_store::{
    AccountRepository, EvaluationRepository, ExceptionRepository, FactRepository, JobQueue,
    PrincipalRepository, Transactions,
};
use std::sync::Arc;

/// Secrets whose deep facts are read before they are written.
const BATCH: i64 = 50;

/// Batches that one job reads before it goes behind the others that wait.
const BATCHES: u32 = 4;

/// How often an evaluation begins again, before it goes back into the queue.
const ATTEMPTS: u32 = 3;

/// Reads what an evaluation needs, evaluates accounts, and writes their findings.
#[derive(Clone)]
pub struct EvaluationService {
    pub(crate) accounts: AccountRepository,
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) exceptions: ExceptionRepository,
    pub(crate) facts: FactRepository,
    pub(crate) jobs: JobQueue,
    pub(crate) principals: PrincipalRepository,
    pub(crate) transactions: Transactions,
    pub(crate) enforcement_service: EnforcementService,
    pub(crate) people_service: PeopleService,
    pub(crate) policy_service: PolicyService,
    pub(crate) snapshot_service: SnapshotService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) access_policy: Arc<AccessPolicy>,
}

impl EvaluationService {
    /// Reads what is missing or out of date, and has the account evaluated.
    #[tracing::instrument(skip_all, fields(aws.account = %account, aws.region = %region))]
    pub(crate) async fn fetch_details(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<(), JobFailure> {
        // What KMS does not say keeps nothing else from being read.
        let keys = self.read_keys(account, region).await;
        let mut outcome = Ok(());
        for round in 0.. {
            if outcome.is_err() {
                break;
            }
            if round == BATCHES {
                // Others wait as well.
                return Ok(self.jobs.queue_details(account, region).await?);
            }
            let batch =
                self.facts.pending_details(account, region, BATCH, self.clock.now()).await?;
            if batch.is_empty() {
                break;
            }
            let reader = match self.gateway.open(account, region).await {
                Ok(reader) => reader,
                Err(error) => {
                    outcome = Err(JobFailure::Aws(error));
                    break;
                }
            };
            let mut read = Vec::new();
            for (secret, answer) in read_details(reader.as_ref(), batch).await {
                match answer {
                    Ok(details) => read.push((secret.id, details)),
                    Err(error) => outcome = Err(JobFailure::Aws(error)),
                }
            }
            self.facts.write_details(&read, self.clock.now()).await?;
        }
        self.jobs.queue_evaluation(std::slice::from_ref(account)).await?;
        outcome.and(keys)
    }

    /// Asks KMS about the keys that resources of a Region name, and who may use them, where what it said is old.
    async fn read_keys(&self, account: &AccountId, region: &Region) -> Result<(), JobFailure> {
        let now = self.clock.now();
        let named = self.facts.keys_to_read(account, region, now).await?;
        if named.is_empty() {
            return Ok(());
        }
        let read = self.gateway.kms_keys(account, region, &named).await.map_err(JobFailure::Aws)?;
        let read: Vec<_> = named.into_iter().zip(read).collect();
        self.facts.write_keys(account, region, &read, now).await?;
        // Only the key's own account may read its policy and grants.
        let own = |reading: &KeyReading| match reading {
            Reading::Read(Some(key)) if key.manager == KeyManager::Customer => {
                key.arn.split(':').nth(4).filter(|id| *id == account.as_str())?;
                Some(key.arn.clone())
            }
            _ => None,
        };
        let own: Vec<(String, String)> =
            read.into_iter().filter_map(|(name, reading)| Some((name, own(&reading)?))).collect();
        let (asked, arns): (Vec<String>, Vec<String>) = own.into_iter().unzip();
        if asked.is_empty() {
            return Ok(());
        }
        let access =
            self.gateway.key_access(account, region, &arns).await.map_err(JobFailure::Aws)?;
        let access: Vec<_> = asked.into_iter().zip(access).collect();
        Ok(self.principals.write_key_access(account, region, &access).await?)
    }

    /// Evaluates one account: who has not changed since is carried over.
    #[tracing::instrument(skip_all, fields(aws.account = %account))]
    pub(crate) async fn evaluate(&self, account: &AccountId) -> Result<(), JobFailure> {
        for _ in 0..ATTEMPTS {
            if self.try_evaluate(account).await? {
                return self.enforcement_service.enforce(account).await.map_err(JobFailure::of);
            }
        }
        Ok(self.jobs.queue_evaluation(std::slice::from_ref(account)).await?)
    }

    /// Evaluates one account; false where another evaluation of it came between.
    async fn try_evaluate(&self, account: &AccountId) -> Result<bool, JobFailure> {
        let Some(location) = self.accounts.locations(std::slice::from_ref(account)).await?.pop()
        else {
            return Ok(true);
        };
        let now = self.clock.now();
        let evaluator: Arc<Evaluator> = Arc::new(Evaluator {
            policies: self.policy_service.in_force().await?,
            exceptions: self.exceptions.exceptions_at(&location, now).await?,
            org_context: self
                .snapshot_service
                .load_organization_snapshot(std::slice::from_ref(account))
                .await?
                .at(&location),
            owners_as: self.accounts.owners_as(account).await?,
            location,
            now,
        });
        let evaluation_input =
            self.evaluations.evaluation_input(account, evaluator.context(), now).await?;
        let running_evaluator = Arc::clone(&evaluator);
        let evaluation =
            tokio::task::spawn_blocking(move || running_evaluator.evaluate(evaluation_input))
                .await
                .map_err(|error| JobFailure::Other(error.to_string()))?;
        let mut batch = self.people_service.notification_batch().await.map_err(JobFailure::of)?;
        let mut work = self.transactions.begin(now).await?;
        let Some(change) = work.write_evaluation(account, &evaluation).await? else {
            return Ok(false);
        };
        self.notify_findings(&mut batch, &evaluator.policies, &change, &evaluator.location);
        batch.send(&mut work).await.map_err(JobFailure::of)?;
        work.commit().await?;
        if change.written + change.resolved > 0 {
            tracing::info!(
                aws.account = %account, finding.written = change.written, finding.resolved = change.resolved,
                resource.evaluated = evaluation.evaluated.len(), "account evaluated"
            );
        }
        Ok(true)
    }

    /// Has those evaluated again for which time alone has changed a verdict, and everybody once a day.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn schedule_due_evaluations(&self) -> Result<(), ServiceError> {
        let due = self.evaluations.due_evaluations(self.clock.now()).await?;
        if !due.is_empty() {
            self.jobs.queue_evaluation(&due).await?;
        }
        Ok(())
    }
}
