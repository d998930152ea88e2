//! Which places a sweep reads.

use crate::{JobFailure, ScanService, ScannedRegions};
use claviger_domain::{
    accounts::{AccountState, Organization, identities::GuardrailKind},
    error_line::{ErrorLine, one_line},
    ids::{AccountId, Region, ScanId},
};
use claviger_gateways::AwsError;
use claviger_store::StoreError;
use futures::{StreamExt, stream};
use std::collections::BTreeMap;
use strum::VariantArray as _;
use time::Duration;

/// AWS is asked for SCPs and RCPs again after so long.
const GUARDRAILS_TTL: Duration = Duration::hours(6);

/// Accounts that are asked for their Regions at once.
const MAX_CONCURRENT_CALLS: usize = 16;

/// Enabled in every account and not to be turned off, as AWS documents it: the Regions from before 2019.
const ALWAYS_ENABLED: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The Regions of each account.
#[derive(Debug, Default)]
struct Plan {
    regions: BTreeMap<AccountId, Vec<Region>>,
    /// What AWS said of them, where it was asked.
    batch: BTreeMap<AccountId, Result<Vec<Region>, String>>,
}

impl ScanService {
    #[tracing::instrument(skip_all, fields(scan.id = %sweep))]
    pub(crate) async fn plan(&self, sweep: ScanId) -> Result<(), JobFailure> {
        let organization = match self.gateway.organization().await {
            Ok(organization) => organization,
            Err(error) => {
                tracing::error!(scan.id = %sweep, error = %ErrorLine(&error), "the Organization cannot be read");
                return Ok(self.scans.fail_scan(sweep, error.fault, self.clock.now()).await?);
            }
        };
        for problem in self.scope_check_service.check_scopes_against(&organization) {
            if problem.is_fatal() {
                tracing::error!(config.config.problem = %problem, "the server will not start again with this configuration");
            } else {
                tracing::warn!(config.config.problem = %problem, "a scope of the configuration matches nothing");
            }
        }
        let plan = self.regions(&organization).await?;
        let of = |account: &AccountId| plan.regions.get(account).map_or(&[][..], Vec::as_slice);
        self.scans.plan_scan(sweep, &organization, of, self.clock.now()).await?;
        self.accounts.write_enabled_regions(&plan.batch).await?;
        tracing::info!(scan.id = %sweep, aws.account_count = organization.accounts.len(), "a scan was planned");
        self.tag_policy_service.read_tag_policies(&organization).await?;
        self.read_guardrails().await?;
        self.accounts.queue_account_checks(self.clock.now()).await?;
        Ok(())
    }

    /// Reads the SCPs and RCPs where what was read is old: Organizations allows few calls a second.
    async fn read_guardrails(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let known = self.principals.guardrails().await?;
        let is_fresh = |kind| {
            known
                .get(kind)
                .is_some_and(|one| one.fault.is_none() && one.read_at > now - GUARDRAILS_TTL)
        };
        if GuardrailKind::VARIANTS.iter().all(is_fresh) {
            return Ok(());
        }
        for reading in self.gateway.guardrails().await {
            if let Err(failure) = &reading.policies {
                tracing::warn!(
                    error = one_line(&failure.to_string()),
                    "the guardrails of the Organization cannot be read"
                );
            }
            self.principals.write_guardrails(&reading, now).await?;
        }
        Ok(())
    }

    async fn regions(&self, organization: &Organization) -> Result<Plan, JobFailure> {
        let home = match &self.settings.regions {
            ScannedRegions::These(regions) => {
                let accounts = organization.accounts.iter();
                let regions = accounts.map(|account| (account.id.clone(), regions.clone()));
                return Ok(Plan { regions: regions.collect(), ..Plan::default() });
            }
            ScannedRegions::Enabled { home } => home,
        };
        let accounts: Vec<(AccountId, AccountState)> =
            organization.accounts.iter().map(|one| (one.id.clone(), one.state)).collect();
        let ids: Vec<AccountId> = accounts.iter().map(|(id, _)| id.clone()).collect();
        let mut known = self.accounts.enabled_regions(&ids).await?;
        let answers = stream::iter(accounts)
            .map(|(account, state)| async move {
                let batch = match state {
                    AccountState::Active => Some(self.gateway.enabled_regions(&account).await),
                    _ => None,
                };
                (account, batch)
            })
            .buffer_unordered(MAX_CONCURRENT_CALLS)
            .collect::<Vec<_>>()
            .await;
        let mut plan = Plan::default();
        for (account, batch) in answers {
            let before = known.remove(&account).and_then(|(regions, _)| regions);
            let regions = match &batch {
                Some(Ok(regions)) => regions.clone(),
                Some(Err(error)) => {
                    tracing::warn!(aws.account = %account, error = %ErrorLine(&error), "the account's Regions cannot be read");
                    before.unwrap_or_else(|| without_answer(error, home))
                }
                None => before.unwrap_or_else(|| vec![home.clone()]),
            };
            plan.regions.insert(account.clone(), regions);
            if let Some(batch) = batch {
                plan.batch.insert(account, batch.map_err(|error| error.word()));
            }
        }
        Ok(plan)
    }
}

/// What is read of an account that never told its Regions. Where nobody gets in, one scan says so as well as seventeen.
fn without_answer(error: &AwsError, home: &Region) -> Vec<Region> {
    if error.operation == "AssumeRole" {
        return vec![home.clone()];
    }
    ALWAYS_ENABLED.iter().filter_map(|code| code.parse().ok()).collect()
}
