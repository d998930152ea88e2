//! The sweep: plan, scan, end. What a job needs it reads from the database; running it twice does no harm.

use crate::{
    ServiceError, Services, parameter_tags::TagsOfParameters, scan_planning::ScannedRegions,
};
use claviger_aws::{AwsError, AwsPage, InventoryReader};
use claviger_domain::{
    authz::{Caller, Permission},
    facts::{Kind, ResourceFacts},
    ids::{AccountId, Arn, Region, ScanId},
    job::Job,
    scan::{ListFault, RegionScanFault, ScanProgress, ScanTrigger},
};
use claviger_store::{ListOutcome, RegionScanOutcome, StoreError};
use std::collections::HashSet;
use time::Duration;
use tokio::sync::Mutex;

/// What the configuration says about sweeps.
#[derive(Debug, Clone)]
pub struct ScanSettings {
    pub regions: ScannedRegions,
    /// How long after the beginning of one sweep the next begins.
    pub interval: Duration,
    /// For how long the tags of parameters are good: they cost a list of their own. A person's sweep reads them in any case.
    pub parameter_tags: Duration,
}

/// A job that could not be done now. The queue tries again.
#[derive(Debug, thiserror::Error)]
pub enum JobFailure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Aws(AwsError),
    /// The statement is in place, but AWS still lets the session through.
    #[error("AWS does not refuse the session yet")]
    StillLive,
    #[error("{0}")]
    Other(String),
}

impl JobFailure {
    /// A use-case that failed inside a job.
    pub(crate) fn of(error: ServiceError) -> Self {
        match error {
            ServiceError::Store(error) => Self::Store(error),
            ServiceError::Aws(error) | ServiceError::AwsAccess { error, .. } => Self::Aws(error),
            other => Self::Other(other.to_string()),
        }
    }

    /// What a grant's page says about it.
    pub(crate) fn for_people(&self) -> &'static str {
        match self {
            Self::StillLive => {
                "The Deny statement is in place, but AWS has not spread it everywhere yet."
            }
            Self::Aws(error) if error.operation == "AssumeRole" => {
                "AWS does not let the console into the account to deny the session. Check the role claviger-remediation."
            }
            Self::Aws(_) => "AWS did not take the Deny statement. It is tried again.",
            _ => "The console could not finish this. It is tried again.",
        }
    }
}

/// Why a scan ended early.
pub(crate) enum RegionScanError {
    /// Goes into the scan's row.
    Aws(AwsError),
    /// The job is tried again.
    Store(StoreError),
}

impl From<AwsError> for RegionScanError {
    fn from(error: AwsError) -> Self {
        Self::Aws(error)
    }
}

impl From<StoreError> for RegionScanError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Services {
    /// A person's request for a sweep. One that runs already is as good.
    pub async fn start_scan(&self, caller: &Caller) -> Result<(), ServiceError> {
        if !caller.may_everywhere(Permission::StartScan) {
            return Err(ServiceError::Forbidden(Permission::StartScan));
        }
        let (services, subject) = (self.clone(), caller.person.subject.clone());
        // Not cancelled with the request: a write goes through or not at all.
        let begun = tokio::spawn(async move {
            services
                .store
                .begin_scan(ScanTrigger::Person, Some(&subject), services.clock.now())
                .await
        });
        let (sweep, is_new) =
            begun.await.map_err(|error| StoreError::Queue(error.to_string()))??;
        tracing::info!(sweep.id = %sweep, sweep.is_new = is_new, person = %caller.person.subject, "sweep asked for");
        Ok(())
    }

    /// The sweep at the server's start, and whenever the interval has passed.
    pub async fn scan_if_due(&self, trigger: ScanTrigger) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let due = match (trigger, self.store.last_scan_began().await?) {
            (ScanTrigger::Schedule, Some(began)) => now - began >= self.sweep.interval,
            _ => true,
        };
        if due {
            let (sweep, is_new) = self.store.begin_scan(trigger, None, now).await?;
            tracing::info!(sweep.id = %sweep, sweep.is_new = is_new, %trigger, "sweep due");
        }
        Ok(())
    }

    /// How the newest sweep goes, over the accounts the caller may see. Nobody's scope counts nothing.
    pub async fn scan_progress(&self, caller: &Caller) -> Result<ScanProgress, ServiceError> {
        let scopes = caller.scopes(Permission::ReadAccounts);
        if scopes.is_empty() {
            return Ok(ScanProgress::default());
        }
        let visible = self.store.visible_accounts(&scopes).await?;
        Ok(self.store.scan_progress(&visible, self.clock.now()).await?)
    }

    /// Does a job from the queue.
    pub async fn run(&self, job: Job) -> Result<(), JobFailure> {
        match job {
            Job::PlanScan { sweep } => self.plan(sweep).await,
            Job::ScanRegion { sweep, account, region } => {
                self.scan_region(sweep, &account, &region).await
            }
            Job::ReadDeep { account, region } => self.fetch_details(&account, &region).await,
            Job::Evaluate { account } => self.evaluate(&account).await,
            Job::CheckAccount { account } => self.check_account(&account).await,
            Job::EndSessions { grant } => self.end_sessions(grant).await,
            Job::CollectDenials { account } => self.settle_denials(&account).await,
            Job::Deliver { notice } => self.create_deliveries(notice).await,
            Job::Send { delivery } => self.send(delivery).await,
            Job::ReadTrail { grant } => self.read_trail(grant).await,
            Job::Remediate { plan, account } => self.remediate(plan, &account).await,
        }
    }

    async fn scan_region(
        &self,
        sweep: ScanId,
        account: &AccountId,
        region: &Region,
    ) -> Result<(), JobFailure> {
        if !self.store.begin_region_scan(sweep, account, region, self.clock.now()).await? {
            return Ok(());
        }
        let mut calls = 0;
        let mut read = self.enter_and_read(account, region, &mut calls).await;
        if let Err(RegionScanError::Aws(error)) = &read
            && is_ended_session(error)
        {
            // The session ended before its time. What was read stays, and is read again with a new one.
            read = self.enter_and_read(account, region, &mut calls).await;
        }
        let outcome = match read {
            Ok(outcome) => outcome,
            Err(RegionScanError::Store(error)) => return Err(error.into()),
            Err(RegionScanError::Aws(error)) => RegionScanOutcome::failed(&list_fault(&error)),
        };
        for fault in outcome.faults() {
            tracing::warn!(account.id = %account, region = %region, fault = %fault.fault,
                operation = fault.operation.as_deref(), code = fault.code.as_deref(), "a list could not be read");
        }
        self.store
            .end_region_scan(sweep, account, region, &outcome, calls, self.clock.now())
            .await?;
        Ok(())
    }

    /// Adds what it called to `calls`.
    async fn enter_and_read(
        &self,
        account: &AccountId,
        region: &Region,
        calls: &mut u32,
    ) -> Result<RegionScanOutcome, RegionScanError> {
        let reader = self.gateway.open(account, region).await?;
        let read = self.read_region(reader.as_ref(), account, region).await;
        *calls += reader.api_calls();
        read
    }

    /// Streams every page into the table, and says how each list ended. The two lists have quotas of their own, so they are
    /// read concurrently; they also have permissions of their own, so one that fails does not end the other.
    async fn read_region(
        &self,
        reader: &dyn InventoryReader,
        account: &AccountId,
        region: &Region,
    ) -> Result<RegionScanOutcome, RegionScanError> {
        let scan = RegionScan {
            services: self,
            reader,
            account,
            region,
            aws_keys: self.store.aws_managed_keys(account, region).await?,
            writing: Mutex::new(()),
        };
        let mut tags = TagsOfParameters::new(self, reader, account, region);
        let (secrets, parameters) = tokio::join!(
            scan.list(Kind::Secret, None),
            scan.list(Kind::Parameter, Some(&mut tags))
        );
        Ok(RegionScanOutcome {
            secrets: outcome_of(secrets)?,
            parameters: outcome_of(parameters)?,
            parameter_tags: tags.fault(),
        })
    }
}

/// AWS no longer takes the session: a new one helps.
pub(crate) fn is_ended_session(error: &AwsError) -> bool {
    error.fault == RegionScanFault::NoCredentials && error.operation != "AssumeRole"
}

/// What a failed call means for the list that it belongs to.
pub(crate) fn list_fault(error: &AwsError) -> ListFault {
    tracing::debug!(error = %error, "a call of a scan failed");
    ListFault {
        fault: error.fault,
        code: error.code.clone(),
        operation: Some(error.operation.to_owned()),
    }
}

/// A list that AWS failed has an outcome. Only an ended session or a failing database ends the whole region scan.
fn outcome_of(read: Result<ListOutcome, RegionScanError>) -> Result<ListOutcome, RegionScanError> {
    match read {
        Err(RegionScanError::Aws(error)) if !is_ended_session(&error) => {
            Ok(ListOutcome::Failed(list_fault(&error)))
        }
        other => other,
    }
}

/// One account in one Region, being read.
struct RegionScan<'a> {
    services: &'a Services,
    reader: &'a dyn InventoryReader,
    account: &'a AccountId,
    region: &'a Region,
    /// Those that KMS told to be AWS managed.
    aws_keys: HashSet<String>,
    /// A scan takes one of the database's connections at a time: people need some as well.
    writing: Mutex<()>,
}

impl RegionScan<'_> {
    /// Reads a list to its end and confirms what it no longer shows.
    async fn list(
        &self,
        kind: Kind,
        tags: Option<&mut TagsOfParameters<'_>>,
    ) -> Result<ListOutcome, RegionScanError> {
        let (mut gone, mut unconfirmed) = (Vec::new(), Vec::new());
        for (arn, name) in self.unseen(kind, tags).await? {
            let exists = match kind {
                Kind::Secret => self.reader.secret_exists(&arn).await,
                Kind::Parameter => self.reader.parameter_exists(&name).await,
            };
            match exists {
                Ok(true) => {}
                Ok(false) => gone.push(arn),
                // A secret's own policy may deny DescribeSecret: nothing is known of this one, the list is complete.
                Err(error) if error.fault == RegionScanFault::Denied => {
                    tracing::warn!(error = %error, arn = %arn, "a missing resource could not be confirmed");
                    unconfirmed.push(arn);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(ListOutcome::Complete { gone, unconfirmed })
    }

    async fn page(
        &self,
        kind: Kind,
        token: Option<String>,
        tags: Option<&mut TagsOfParameters<'_>>,
    ) -> Result<AwsPage, RegionScanError> {
        if kind == Kind::Secret {
            return Ok(self.reader.secrets(token).await?);
        }
        let mut page = self.reader.parameters(token).await?;
        if let Some(tags) = tags {
            tags.add_to(&mut page.facts).await?;
        }
        Ok(page)
    }

    /// Reads a list to its end, each page written while the next is asked for, and says what of the table it did not show.
    async fn unseen(
        &self,
        kind: Kind,
        mut tags: Option<&mut TagsOfParameters<'_>>,
    ) -> Result<Vec<(Arn, String)>, RegionScanError> {
        let (services, account, region) = (self.services, self.account, self.region);
        let mut seen = Vec::new();
        let mut here = self.page(kind, None, tags.as_deref_mut()).await?;
        loop {
            note(&mut seen, &mut here.facts);
            for facts in &mut here.facts {
                facts.note_key(&self.aws_keys);
            }
            let token = here.next_token.take();
            let next = async {
                match &token {
                    Some(token) => {
                        self.page(kind, Some(token.clone()), tags.as_deref_mut()).await.map(Some)
                    }
                    None => Ok(None),
                }
            };
            let now = services.clock.now();
            let write = async {
                let _alone = self.writing.lock().await;
                services.store.write_facts(account, region, &here.facts, now).await
            };
            let (written, next) = tokio::join!(write, next);
            written?;
            let Some(next) = next? else { break };
            if next.next_token == token {
                return Err(RegionScanError::Aws(AwsError {
                    operation: match kind {
                        Kind::Secret => "ListSecrets",
                        Kind::Parameter => "DescribeParameters",
                    },
                    fault: RegionScanFault::Unreachable,
                    code: None,
                    detail: "the list repeats its token".into(),
                }));
            }
            here = next;
        }
        if let Some(tags) = tags {
            tags.note().await?;
        }
        Ok(services.store.unseen(account, region, kind, &seen).await?)
    }
}

/// Remembers the ARNs, and drops a row that the page repeats: one statement cannot write it twice.
fn note(seen: &mut Vec<String>, batch: &mut Vec<ResourceFacts>) {
    let first = seen.len();
    batch.retain(|facts| {
        let arn = facts.arn.to_string();
        let is_new = !seen[first..].contains(&arn);
        if is_new {
            seen.push(arn);
        }
        is_new
    });
}

impl Services {
    /// For what has no person: the server's own listener.
    pub async fn listen(&self) -> Result<claviger_store::ChangeListener, ServiceError> {
        Ok(self.store.listen().await?)
    }
}
