//! The sweep: plan, scan, end. What a job needs it reads from the database; running it twice does no harm.

use crate::{ServiceError, Services, planning::SweptRegions};
use claviger_aws::{AwsError, AwsPage, InventoryReader, ParameterTags};
use claviger_domain::{
    access::{Caller, Permission},
    facts::Kind,
    ids::{AccountId, Arn, Region, SweepId},
    job::Job,
    sweep::{ScanFault, SweepProgress, SweepTrigger},
};
use claviger_store::{ScanOutcome, StoreError};
use time::Duration;

/// What the configuration says about sweeps.
#[derive(Debug, Clone)]
pub struct SweepSettings {
    pub regions: SweptRegions,
    /// How long after the beginning of one sweep the next begins.
    pub interval: Duration,
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
    #[error("not delivered: {0}")]
    Undelivered(String),
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
enum ScanError {
    /// Goes into the scan's row.
    Aws(AwsError),
    /// The job is tried again.
    Store(StoreError),
}

impl From<AwsError> for ScanError {
    fn from(error: AwsError) -> Self {
        Self::Aws(error)
    }
}

impl From<StoreError> for ScanError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Services {
    /// A person's wish for a sweep. One that runs already is as good.
    pub async fn start_sweep(&self, caller: &Caller) -> Result<(), ServiceError> {
        if !caller.may_everywhere(Permission::StartSweep) {
            return Err(ServiceError::Forbidden(Permission::StartSweep));
        }
        let (services, subject) = (self.clone(), caller.person.subject.clone());
        // Not cancelled with the request: a write goes through or not at all.
        let begun = tokio::spawn(async move {
            services
                .store
                .begin_sweep(SweepTrigger::Person, Some(&subject), services.clock.now())
                .await
        });
        let (sweep, is_new) =
            begun.await.map_err(|error| StoreError::Queue(error.to_string()))??;
        tracing::info!(sweep.id = %sweep, sweep.is_new = is_new, person = %caller.person.subject, "sweep asked for");
        Ok(())
    }

    /// The sweep at the server's start, and whenever the interval has passed.
    pub async fn sweep_if_due(&self, trigger: SweepTrigger) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let due = match (trigger, self.store.last_sweep_began().await?) {
            (SweepTrigger::Schedule, Some(began)) => now - began >= self.sweep.interval,
            _ => true,
        };
        if due {
            let (sweep, is_new) = self.store.begin_sweep(trigger, None, now).await?;
            tracing::info!(sweep.id = %sweep, sweep.is_new = is_new, %trigger, "sweep due");
        }
        Ok(())
    }

    /// How the newest sweep goes, over the accounts the caller may see. Nobody's scope counts nothing.
    pub async fn sweep_progress(&self, caller: &Caller) -> Result<SweepProgress, ServiceError> {
        let scopes = caller.scopes(Permission::ReadAccounts);
        if scopes.is_empty() {
            return Ok(SweepProgress::default());
        }
        let visible = self.store.visible_accounts(&scopes).await?;
        Ok(self.store.sweep_progress(&visible, self.clock.now()).await?)
    }

    /// Does a job from the queue.
    pub async fn run(&self, job: Job) -> Result<(), JobFailure> {
        match job {
            Job::PlanSweep { sweep } => self.plan(sweep).await,
            Job::Scan { sweep, account, region } => self.scan(sweep, &account, &region).await,
            Job::ReadDeep { account, region } => self.read_deep(&account, &region).await,
            Job::Evaluate { account } => self.evaluate(&account).await,
            Job::CheckAccount { account } => self.check_account(&account).await,
            Job::EndSessions { grant } => self.end_sessions(grant).await,
            Job::CollectDenials { account } => self.settle_denials(&account).await,
            Job::Deliver { notice } => self.deliver(notice).await,
            Job::ReadTrail { grant } => self.read_trail(grant).await,
            Job::Remediate { plan, account } => self.remediate(plan, &account).await,
        }
    }

    async fn scan(
        &self,
        sweep: SweepId,
        account: &AccountId,
        region: &Region,
    ) -> Result<(), JobFailure> {
        if !self.store.begin_scan(sweep, account, region, self.clock.now()).await? {
            return Ok(());
        }
        let mut calls = 0;
        let mut read = self.enter_and_read(account, region, &mut calls).await;
        if let Err(ScanError::Aws(error)) = &read
            && error.fault == ScanFault::NoCredentials
            && error.operation != "AssumeRole"
        {
            // The session ended before its time. What was read stays, and is read again with a new one.
            read = self.enter_and_read(account, region, &mut calls).await;
        }
        let outcome = match read {
            Ok(gone) => ScanOutcome::Complete { gone },
            Err(ScanError::Store(error)) => return Err(error.into()),
            Err(ScanError::Aws(error)) => {
                tracing::warn!(account.id = %account, region = %region, fault = %error.fault, error = %error, "scan failed");
                ScanOutcome::Failed { fault: error.fault, code: error.code }
            }
        };
        self.store.end_scan(sweep, account, region, &outcome, calls, self.clock.now()).await?;
        Ok(())
    }

    /// Adds what it called to `calls`.
    async fn enter_and_read(
        &self,
        account: &AccountId,
        region: &Region,
        calls: &mut u32,
    ) -> Result<Vec<Arn>, ScanError> {
        let reader = self.gateway.open(account, region).await?;
        let read = self.read_region(reader.as_ref(), account, region).await;
        *calls += reader.api_calls();
        read
    }

    /// Streams every page into the table, and returns what is confirmed gone.
    async fn read_region(
        &self,
        reader: &dyn InventoryReader,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<Arn>, ScanError> {
        let mut pages = Pages::new();
        let mut token = None;
        loop {
            let page = reader.secrets(token).await?;
            token = self.take(&mut pages, page, account, region, "ListSecrets").await?;
            if token.is_none() {
                break;
            }
        }
        let mut gone = Vec::new();
        for (arn, _) in self.store.unseen(account, region, Kind::Secret, &pages.seen).await? {
            if !reader.secret_exists(&arn).await? {
                gone.push(arn);
            }
        }
        let mut pages = Pages::new();
        let mut tags = None;
        loop {
            let mut page = reader.parameters(token).await?;
            if !page.facts.is_empty() {
                if tags.is_none() {
                    tags = Some(reader.parameter_tags().await?);
                }
                for facts in &mut page.facts {
                    let own = |read: &ParameterTags| read.get(facts.arn.as_str()).cloned();
                    facts.tags =
                        tags.iter().flatten().next().map(|read| own(read).unwrap_or_default());
                }
            }
            token = self.take(&mut pages, page, account, region, "DescribeParameters").await?;
            if token.is_none() {
                break;
            }
        }
        for (arn, name) in self.store.unseen(account, region, Kind::Parameter, &pages.seen).await? {
            if !reader.parameter_exists(&name).await? {
                gone.push(arn);
            }
        }
        Ok(gone)
    }

    async fn take(
        &self,
        pages: &mut Pages,
        page: AwsPage,
        account: &AccountId,
        region: &Region,
        operation: &'static str,
    ) -> Result<Option<String>, ScanError> {
        let mut batch = page.facts;
        pages.note(&mut batch);
        self.store.write_facts(account, region, &batch, self.clock.now()).await?;
        match page.next_token {
            Some(token) if pages.last_token.as_ref() == Some(&token) => {
                Err(ScanError::Aws(AwsError {
                    operation,
                    fault: ScanFault::Unreachable,
                    code: None,
                    detail: "the list repeats its token".into(),
                }))
            }
            token => {
                pages.last_token.clone_from(&token);
                Ok(token)
            }
        }
    }
}

/// What a list has shown so far.
struct Pages {
    seen: Vec<String>,
    last_token: Option<String>,
}

impl Pages {
    fn new() -> Self {
        Self { seen: Vec::new(), last_token: None }
    }

    /// Remembers the ARNs, and drops a row that the page repeats: one statement cannot write it twice.
    fn note(&mut self, batch: &mut Vec<claviger_domain::facts::ResourceFacts>) {
        let first = self.seen.len();
        batch.retain(|facts| {
            let arn = facts.arn.to_string();
            let is_new = !self.seen[first..].contains(&arn);
            if is_new {
                self.seen.push(arn);
            }
            is_new
        });
    }
}

impl Services {
    /// How far the audit trail has come.
    pub async fn audit_seq(&self) -> Result<i64, ServiceError> {
        Ok(self.store.audit_seq().await?)
    }

    /// For what has no person: the server's own listener.
    pub async fn listen(&self) -> Result<claviger_store::ChangeListener, ServiceError> {
        Ok(self.store.listen().await?)
    }
}
