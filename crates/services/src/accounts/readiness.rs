//! Looks at each account for what has to be in place there, and asks AWS Config what it says of the secrets.

use crate::{
    AlarmCheckService, JobFailure, ScanSettings, ScannedRegions,
    accounts::role_checks::{
        OPT_IN_ROLES, check_opt_in_role, check_role, explain_opt_in_role, explain_role,
    },
};
use claviger_domain::{
    accounts::identities::Identity,
    accounts::readiness::{
        ConfigReading, ConfigRules, ReadFailure, Readiness, ReadinessItem, ReadinessState, Trail,
    },
    accounts::roles::{OptInCheck, RoleState},
    clock::Clock,
    error_line::{ErrorLine, one_line},
    ids::{AccountId, Region},
};
use claviger_gateways::{AwsError, Identities, OurRole, ReadinessGateway};
use claviger_policy::{
    entitlement::takes_session_tags, parameters_by_path::PathReader,
    pipelines::mentions_web_identity,
};
use claviger_store::{
    AccountRepository, FactRepository, JobQueue, PrincipalRepository, StoredIdentity,
    StoredPrincipal,
};
use futures::future::try_join_all;
use std::{collections::BTreeSet, sync::Arc};

const ROLES: [(OurRole, ReadinessItem, &str); 3] = [
    (OurRole::Inventory, ReadinessItem::InventoryRole, "Inventory role"),
    (OurRole::Access, ReadinessItem::AccessRole, "Access role"),
    (OurRole::Remediation, ReadinessItem::RemediationRole, "Remediation role"),
];

/// Checks what Claviger and AWS have set up in each account.
#[derive(Clone)]
pub struct ReadinessService {
    pub(crate) accounts: AccountRepository,
    pub(crate) facts: FactRepository,
    pub(crate) jobs: JobQueue,
    pub(crate) principals: PrincipalRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) readiness_gateway: Arc<dyn ReadinessGateway>,
    pub(crate) alarm_check_service: AlarmCheckService,
    pub(crate) settings: Arc<ScanSettings>,
}

impl ReadinessService {
    /// One account. What AWS refuses is part of what is found.
    #[tracing::instrument(skip_all, fields(aws.account = %account))]
    pub(crate) async fn check_account(&self, account: &AccountId) -> Result<(), JobFailure> {
        let mut found = Vec::new();
        let identities = self.readiness_gateway.identities(account).await;
        let mut can_enter = false;
        for (role, item, name) in ROLES {
            let tried = self.readiness_gateway.try_role(account, role).await;
            can_enter |= role == OurRole::Inventory && tried.is_ok();
            found.push(of_role((role, item, name), tried.as_ref().err(), &identities));
        }
        let opt_in_roles = self.opt_in_roles(account, &identities).await;
        let mut trails = None;
        let mut results = Vec::new();
        let regions = self.accounts.regions_of_scan(account).await?;
        if can_enter {
            if let Some(region) = regions.first() {
                trails = Some(self.readiness_gateway.trails(account, region).await);
            }
            found.push(trail(trails.as_ref()));
            found.extend(self.enabled(account, &regions).await?);
            for region in &regions {
                let (stands, read) = self.aws_config(account, region).await;
                found.extend(stands);
                results.extend(read.map(|read| (region.clone(), read)));
            }
        } else {
            let unread = |item, region| {
                let says = "Can't assume the inventory role: prerequisites unknown.";
                of(item, region, ReadinessState::Unknown, says)
            };
            found.push(unread(ReadinessItem::Trail, None));
            let each = regions.iter().cloned();
            found.extend(each.map(|region| unread(ReadinessItem::ConfigRecorder, Some(region))));
        }
        let now = self.clock.now();
        self.accounts.write_readiness(account, &found, &opt_in_roles, &results, now).await?;
        let identities = identities.as_ref().map(|found| found.identities.as_slice());
        let identities = identities.map_err(|error| {
            tracing::warn!(error = %ErrorLine(error), "identity policies cannot be read");
            error.word()
        });
        let identities = identities.as_ref().map(|found| *found).map_err(String::as_str);
        let principals = identities.map(principals);
        self.principals
            .write_principals(account, principals.as_deref().map_err(|why| *why), now)
            .await?;
        let readers = identities.map(path_readers);
        let readers = readers.as_deref().map_err(|why| *why);
        if self.facts.write_path_readers(account, readers, now).await? {
            self.jobs.queue_evaluation(std::slice::from_ref(account)).await?;
        }
        // Last: a dozen calls in each Region, on which nothing above depends.
        match trails {
            _ if !self.alarm_check_service.is_on() => {
                self.alarm_check_service.forget(account).await?;
            }
            Some(trails) => {
                // Each Region has a budget of its own.
                let check =
                    |region| self.alarm_check_service.check(account, region, trails.as_deref());
                try_join_all(regions.iter().map(check)).await?;
            }
            None => {}
        }
        Ok(())
    }

    /// The roles that the account need not have.
    async fn opt_in_roles(
        &self,
        account: &AccountId,
        listed: &Result<Identities, AwsError>,
    ) -> Vec<OptInCheck> {
        let listed = listed.as_ref().map(|found| found.own_roles.as_slice());
        let mut found = Vec::new();
        for (our_role, role) in OPT_IN_ROLES {
            let trial = self.readiness_gateway.try_role(account, our_role);
            let (check, why) = check_opt_in_role(our_role, listed, trial).await;
            if let (RoleState::Unknown, Some(error)) = (check.state, &why) {
                tracing::warn!(error = %ErrorLine(error), "an opt-in role cannot be checked");
            }
            let says = explain_opt_in_role(role, check, why.as_ref());
            found.push(OptInCheck { role, check, says });
        }
        found
    }

    /// Whether AWS returned the account's Regions, where scans depend on that.
    async fn enabled(
        &self,
        account: &AccountId,
        scanned: &[Region],
    ) -> Result<Option<Readiness>, JobFailure> {
        if matches!(self.settings.regions, ScannedRegions::These(_)) {
            return Ok(None);
        }
        let known = self
            .accounts
            .enabled_regions(std::slice::from_ref(account))
            .await?
            .remove(account)
            .unwrap_or_default();
        let (state, says) = match known {
            (Some(regions), None) => {
                (ReadinessState::Ready, format!("Enabled Regions, scanned: {}.", regions.len()))
            }
            (before, Some(code)) => {
                let instead = if before.is_some() {
                    "those known before"
                } else {
                    "those that no account can turn off"
                };
                let failure = ReadFailure { operation: "ListRegions".into(), code };
                (
                    ReadinessState::Unknown,
                    format!(
                        "{failure}, so it is not known which Regions are enabled. Scans read {instead}, {}.",
                        scanned.len()
                    ),
                )
            }
            (None, None) => (ReadinessState::Unknown, "Regions not read yet.".to_owned()),
        };
        Ok(Some(of(ReadinessItem::Regions, None, state, &says)))
    }

    /// The recorder, the rules that AWS did not return, and the results of those that it returned.
    async fn aws_config(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> (Vec<Readiness>, Option<ConfigRules>) {
        match self.readiness_gateway.config(account, region).await {
            Ok(reading) => {
                let mut found = vec![of_recorder(&reading, region)];
                found.extend(of_rules(&reading, region));
                (found, reading.rules.ok())
            }
            Err(error) => {
                let here = Some(region.clone());
                (vec![refused(ReadinessItem::ConfigRecorder, here, "AWS Config", &error)], None)
            }
        }
    }
}

/// `None` if no Region is scanned.
fn trail(trails: Option<&Result<Vec<Trail>, AwsError>>) -> Readiness {
    match trails {
        None => of(ReadinessItem::Trail, None, ReadinessState::Unknown, "No Region is scanned."),
        Some(Ok(trails)) => of_trails(trails),
        Some(Err(error)) => refused(ReadinessItem::Trail, None, "its trails", error),
    }
}

/// As they are stored.
fn principals(identities: &[Identity]) -> Vec<StoredPrincipal> {
    let stored = |one: &Identity| StoredPrincipal {
        arn: one.principal.clone(),
        policies: one.policies.clone(),
        boundary: one.boundary.clone(),
        tags: one.tags.clone(),
        takes_session_tags: takes_session_tags(one.trust.as_deref()),
        trust: one.trust.clone().filter(|trust| mentions_web_identity(trust)),
    };
    identities.iter().map(stored).collect()
}

/// Those of whose identity policies something is to be said.
fn path_readers(identities: &[Identity]) -> Vec<StoredIdentity> {
    let is_one = |one: &&Identity| {
        // One that cannot be understood stays, and is said to be so where it counts.
        !matches!(
            PathReader::of(&one.principal, &one.documents(), one.boundary_document()),
            Ok(None)
        )
    };
    let found = identities.iter().filter(is_one).map(|one| StoredIdentity {
        principal: one.principal.clone(),
        documents: one.documents(),
        boundary: one.boundary_document().map(ToOwned::to_owned),
    });
    let mut found: Vec<StoredIdentity> = found.collect();
    found.sort();
    found
}

/// Whether AWS Config records in a Region, and how many of its rules are about secrets.
fn of_recorder(reading: &ConfigReading, region: &Region) -> Readiness {
    let rules = reading.rules.as_ref().ok().map(|rules| {
        let read = rules.results.iter().map(|result| &result.rule);
        read.chain(rules.read_failures.iter().map(|(rule, _)| rule)).collect::<BTreeSet<_>>().len()
    });
    let (state, says) = match (&reading.is_recording, rules) {
        (Ok(Some(true)), None) => (ReadinessState::Ready, "AWS Config is recording.".to_owned()),
        (Ok(Some(true)), Some(0)) => (
            ReadinessState::Ready,
            "AWS Config is recording; no managed rule covers secrets.".into(),
        ),
        (Ok(Some(true)), Some(1)) => (
            ReadinessState::Ready,
            "AWS Config is recording; 1 managed rule covers secrets.".into(),
        ),
        (Ok(Some(true)), Some(rules)) => (
            ReadinessState::Ready,
            format!("AWS Config is recording; {rules} managed rules cover secrets."),
        ),
        (Ok(Some(false)), _) => {
            (ReadinessState::Missing, "The recorder of AWS Config is off.".to_owned())
        }
        (Ok(None), _) => (ReadinessState::Missing, "AWS Config has no recorder.".to_owned()),
        (Err(failure), _) => {
            tracing::warn!(aws.region = %region, error = one_line(&failure.to_string()), "the recorders of AWS Config cannot be read");
            (
                ReadinessState::Unknown,
                format!("{failure}, so it is not known whether AWS Config records."),
            )
        }
    };
    of(ReadinessItem::ConfigRecorder, Some(region.clone()), state, &says)
}

/// What AWS did not return about the managed rules for secrets; `None` if it returned everything.
fn of_rules(reading: &ConfigReading, region: &Region) -> Option<Readiness> {
    let says = match &reading.rules {
        Err(failure) => format!("{failure}, so its managed rules are not known."),
        Ok(rules) => {
            let (_, failure) = rules.read_failures.first()?;
            let names: Vec<&str> =
                rules.read_failures.iter().map(|(name, _)| name.as_str()).collect();
            format!("{failure}, so it is not known what {} found.", names.join(", "))
        }
    };
    tracing::warn!(aws.region = %region, error = one_line(&says), "rules of AWS Config cannot be read");
    Some(of(ReadinessItem::ConfigRules, Some(region.clone()), ReadinessState::Unknown, &says))
}

fn of(item: ReadinessItem, region: Option<Region>, state: ReadinessState, says: &str) -> Readiness {
    Readiness { item, region, state, role: None, says: says.to_owned() }
}

fn of_role(
    (role, item, name): (OurRole, ReadinessItem, &str),
    tried: Option<&AwsError>,
    listed: &Result<Identities, AwsError>,
) -> Readiness {
    let listed = listed.as_ref().map(|found| found.own_roles.as_slice());
    let check = check_role(role, tried.map_or(Ok(()), Err), listed);
    let state = match check.state {
        RoleState::Ready => ReadinessState::Ready,
        RoleState::Old => ReadinessState::Old,
        RoleState::VersionUnknown | RoleState::Unknown => ReadinessState::Unknown,
        RoleState::Missing
        | RoleState::WrongExternalId
        | RoleState::NotTrusted
        | RoleState::NotAssumable => ReadinessState::Missing,
    };
    if let (RoleState::Unknown, Some(error)) = (check.state, tried) {
        tracing::warn!(error = %ErrorLine(error), "prerequisites cannot be checked");
    }
    let says = explain_role(name, check, tried);
    Readiness { role: Some(check), ..of(item, None, state, &says) }
}

fn refused(item: ReadinessItem, region: Option<Region>, what: &str, error: &AwsError) -> Readiness {
    tracing::warn!(error = %ErrorLine(&error), "prerequisites cannot be checked");
    let says = format!("{}, so nothing is known of {what}.", error.read_failure());
    of(item, region, ReadinessState::Unknown, &says)
}

/// One that logs, in every Region.
fn of_trails(trails: &[Trail]) -> Readiness {
    let everywhere = |trail: &&Trail| trail.is_multi_region || trail.is_organization;
    let logs = |trail: &&Trail| trail.is_logging == Ok(true);
    let read_failures = |trail: &Trail| trail.is_logging.as_ref().err().cloned();
    let whole = trails.iter().filter(everywhere).find(logs);
    // Of one that would do, AWS may not tell whether it logs.
    let unsure =
        trails.iter().filter(everywhere).find_map(|t| read_failures(t).map(|why| (t, why)));
    let (state, says) = match (whole, unsure) {
        (Some(trail), _) if trail.is_organization => (
            ReadinessState::Ready,
            format!("The Organization's trail {} logs every Region.", trail.name),
        ),
        (Some(trail), _) => {
            (ReadinessState::Ready, format!("The trail {} logs every Region.", trail.name))
        }
        (None, Some((trail, why))) => (
            ReadinessState::Unknown,
            format!(
                "The trail {} covers every Region, but it is not known whether it is logging: {why}.",
                trail.name
            ),
        ),
        (None, None) if trails.is_empty() => (
            ReadinessState::Missing,
            "It has no trail: who reads a secret is known for 90 days alone.".to_owned(),
        ),
        (None, None)
            if trails.iter().any(|trail| logs(&trail) || read_failures(trail).is_some()) =>
        {
            (ReadinessState::Missing, "Its trails log their own Region alone.".to_owned())
        }
        (None, None) => (ReadinessState::Missing, "Its trails do not log.".to_owned()),
    };
    of(ReadinessItem::Trail, None, state, &says)
}
