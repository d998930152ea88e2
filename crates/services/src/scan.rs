//! The sweep: plan, scan, end. What a job needs it reads from the database; running it twice does no harm.

use crate::{
    JobFailure, ScanSettings, ScopeCheckService, ServiceError, TagPolicyService,
    parameter_tags::{StoredTags, TagsOfParameters},
    region_list::{PageSink, read_list},
    region_scan_error::{RegionScanError, is_ended_session, list_fault},
    uncancelled::uncancelled,
};
use async_trait::async_trait;
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    error_line::ErrorLine,
    facts::{Kind, ResourceFacts},
    ids::{AccountId, Region, ScanId},
    scan::{RegionScanFault, ScanProgress, ScanTrigger},
};
use claviger_gateways::{Gateway, InventoryReader};
use claviger_store::{
    AccountRepository, FactRepository, ListOutcome, PrincipalRepository, RegionScanOutcome,
    ScanRepository,
};
use std::{collections::HashSet, sync::Arc};
use tokio::sync::Mutex;

/// Scans: when they begin, what they read, what they write.
#[derive(Clone)]
pub struct ScanService {
    pub(crate) accounts: AccountRepository,
    pub(crate) facts: FactRepository,
    pub(crate) scans: ScanRepository,
    pub(crate) scope_check_service: ScopeCheckService,
    pub(crate) principals: PrincipalRepository,
    pub(crate) tag_policy_service: TagPolicyService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) settings: Arc<ScanSettings>,
}

impl ScanService {
    /// A person's request for a sweep. One that runs already is as good.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn start_scan(&self, caller: &Caller) -> Result<(), ServiceError> {
        if !caller.may_everywhere(Permission::StartScan) {
            return Err(ServiceError::Forbidden(Permission::StartScan));
        }
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let now = service.clock.now();
            let subject = Some(person.subject.as_str());
            let (scan, is_new) = service.scans.begin_scan(ScanTrigger::Person, subject, now).await?;
            tracing::info!(scan.id = %scan, scan.is_new = is_new, person.id = %person.subject, "a scan was requested");
            Ok(())
        })
        .await
    }

    /// The sweep at the server's start, and whenever the interval has passed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn scan_if_due(&self, trigger: ScanTrigger) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let due = match (trigger, self.scans.last_scan_began().await?) {
            (ScanTrigger::Schedule, Some(began)) => now - began >= self.settings.interval,
            _ => true,
        };
        if due {
            let (sweep, is_new) = self.scans.begin_scan(trigger, None, now).await?;
            tracing::info!(scan.id = %sweep, scan.is_new = is_new, scan.trigger = %trigger, "a scan is due");
        }
        Ok(())
    }

    /// How the newest sweep goes, over the accounts the caller may see. Nobody's scope counts nothing.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn scan_progress(&self, caller: &Caller) -> Result<ScanProgress, ServiceError> {
        let scopes = caller.scopes(Permission::ReadAccounts);
        if scopes.is_empty() {
            return Ok(ScanProgress::default());
        }
        let visible = self.accounts.visible_accounts(&scopes).await?;
        Ok(self.scans.scan_progress(&visible, self.clock.now()).await?)
    }

    #[tracing::instrument(skip_all, fields(scan.id = %sweep, aws.account = %account, aws.region = %region))]
    pub(crate) async fn scan_region(
        &self,
        sweep: ScanId,
        account: &AccountId,
        region: &Region,
    ) -> Result<(), JobFailure> {
        if !self.scans.begin_region_scan(sweep, account, region, self.clock.now()).await? {
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
            tracing::warn!(aws.account = %account, aws.region = %region, scan.fault = %fault.fault,
                aws.operation = fault.operation.as_deref(), aws.error_code = fault.code.as_deref(), "a list could not be read");
        }
        self.facts
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
            service: self,
            reader,
            account,
            region,
            aws_keys: self.facts.aws_managed_keys(account, region).await?,
            writing: Mutex::new(()),
        };
        let memory = StoredTags {
            facts: &self.facts,
            clock: &*self.clock,
            settings: &self.settings,
            account,
            region,
        };
        let mut tags = TagsOfParameters::new(&memory, &*self.clock, reader);
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
    service: &'a ScanService,
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
        let seen = read_list(self.reader, kind, tags, self).await?;
        let unseen = self.service.facts.unseen(self.account, self.region, kind, &seen).await?;
        for (arn, name) in unseen {
            let exists = match kind {
                Kind::Secret => self.reader.secret_exists(&arn).await,
                Kind::Parameter => self.reader.parameter_exists(&name).await,
            };
            match exists {
                Ok(true) => {}
                Ok(false) => gone.push(arn),
                // A secret's own policy may deny DescribeSecret: nothing is known of this one, the list is complete.
                Err(error) if error.fault == RegionScanFault::Denied => {
                    tracing::warn!(error = %ErrorLine(&error), resource.arn = %arn, "a missing resource could not be confirmed");
                    unconfirmed.push(arn);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(ListOutcome::Complete { gone, unconfirmed })
    }
}

/// Writes each page.
#[async_trait]
impl PageSink for RegionScan<'_> {
    async fn take(&self, mut page: Vec<ResourceFacts>) -> Result<(), RegionScanError> {
        for facts in &mut page {
            facts.note_key(&self.aws_keys);
        }
        let service = self.service;
        let now = service.clock.now();
        let _alone = self.writing.lock().await;
        service.facts.write_facts(self.account, self.region, &page, now).await?;
        Ok(())
    }
}
