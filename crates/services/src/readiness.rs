//! Looks at each account for what has to be in place there, and asks AWS Config what it says of the secrets.

use crate::{JobFailure, Services, planning::SweptRegions};
use claviger_aws::{AwsError, Identity, OurRole};
use claviger_domain::{
    ids::{AccountId, Region},
    readiness::{ConfigResult, Readiness, ReadinessItem, ReadinessState, Trail},
};
use claviger_policy::by_path::PathReader;
use claviger_store::StoredIdentity;
use std::collections::BTreeSet;

const ROLES: [(OurRole, ReadinessItem, &str); 3] = [
    (OurRole::Inventory, ReadinessItem::InventoryRole, "The role of sweeps"),
    (OurRole::Access, ReadinessItem::AccessRole, "The role of just-in-time sessions"),
    (OurRole::Remediation, ReadinessItem::RemediationRole, "The role that mends"),
];

impl Services {
    /// One account. What AWS refuses is part of what is found.
    pub(crate) async fn check_account(&self, account: &AccountId) -> Result<(), JobFailure> {
        let mut found = Vec::new();
        for (role, item, name) in ROLES {
            let tried = self.readiness.try_role(account, role).await;
            found.push(of_role(item, name, tried.as_ref().err()));
        }
        let mut results = Vec::new();
        let regions = self.store.regions_of_sweep(account).await?;
        if found[0].state == ReadinessState::Ready {
            found.push(self.trail(account, &regions).await);
            found.extend(self.enabled(account, &regions).await?);
            for region in &regions {
                let (recorder, read) = self.recorder(account, region).await;
                found.push(recorder);
                results.extend(read.map(|read| (region.clone(), read)));
            }
        } else {
            let unread = |item, region| Readiness {
                item,
                region,
                state: ReadinessState::Unknown,
                says: "The role of sweeps cannot be assumed: nothing is known of it.".into(),
            };
            found.push(unread(ReadinessItem::Trail, None));
            let each = regions.into_iter();
            found.extend(each.map(|region| unread(ReadinessItem::ConfigRecorder, Some(region))));
        }
        let now = self.clock.now();
        self.store.write_readiness(account, &found, &results, now).await?;
        let readers = self.path_readers(account).await;
        let readers = readers.as_deref().map_err(String::as_str);
        if self.store.write_path_readers(account, readers, now).await? {
            self.store.queue_evaluation(std::slice::from_ref(account)).await?;
        }
        Ok(())
    }

    /// Those of whose identity policies something is to be said, or why they cannot be read.
    async fn path_readers(&self, account: &AccountId) -> Result<Vec<StoredIdentity>, String> {
        let identities = self.readiness.identities(account).await.map_err(|error| {
            tracing::warn!(error = %error, "identity policies cannot be read");
            error.word()
        })?;
        let is_one = |one: &Identity| {
            // One that cannot be understood stays, and is said to be so where it counts.
            !matches!(
                PathReader::of(&one.principal, &one.documents, one.boundary.as_deref()),
                Ok(None)
            )
        };
        let found = identities.into_iter().filter(is_one).map(|one| StoredIdentity {
            principal: one.principal,
            documents: one.documents,
            boundary: one.boundary,
        });
        let mut found: Vec<StoredIdentity> = found.collect();
        found.sort();
        Ok(found)
    }

    /// Whether AWS told the account's Regions, where the sweeps go by that.
    async fn enabled(
        &self,
        account: &AccountId,
        swept: &[Region],
    ) -> Result<Option<Readiness>, JobFailure> {
        if matches!(self.sweep.regions, SweptRegions::These(_)) {
            return Ok(None);
        }
        let told = self
            .store
            .enabled_regions(std::slice::from_ref(account))
            .await?
            .remove(account)
            .unwrap_or_default();
        let (state, says) = match told {
            (Some(regions), None) => (
                ReadinessState::Ready,
                format!("Regions that are enabled, and swept: {}.", regions.len()),
            ),
            (before, Some(code)) => {
                let instead = if before.is_some() {
                    "those known before"
                } else {
                    "those that no account can turn off"
                };
                let refused = not_told("its Regions", &code);
                (
                    ReadinessState::Unknown,
                    format!("{refused} The sweeps read {instead}, {}.", swept.len()),
                )
            }
            (None, None) => {
                (ReadinessState::Unknown, "Its Regions were not asked for yet.".to_owned())
            }
        };
        Ok(Some(of(ReadinessItem::Regions, None, state, &says)))
    }

    async fn trail(&self, account: &AccountId, regions: &[Region]) -> Readiness {
        let Some(region) = regions.first() else {
            return of(ReadinessItem::Trail, None, ReadinessState::Unknown, "No Region is swept.");
        };
        match self.readiness.trails(account, region).await {
            Ok(trails) => of_trails(&trails),
            Err(error) => refused(ReadinessItem::Trail, None, "its trails", &error),
        }
    }

    async fn recorder(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> (Readiness, Option<Vec<ConfigResult>>) {
        let item = ReadinessItem::ConfigRecorder;
        let here = Some(region.clone());
        match self.readiness.config(account, region).await {
            Ok(reading) => {
                let rules = reading
                    .results
                    .iter()
                    .map(|result| &result.rule)
                    .collect::<BTreeSet<_>>()
                    .len();
                let (state, says) = match reading.is_recording {
                    Some(true) if rules > 0 => (
                        ReadinessState::Ready,
                        format!("AWS Config records; {rules} managed rules speak of its secrets."),
                    ),
                    Some(true) => (
                        ReadinessState::Ready,
                        "AWS Config records; no managed rule speaks of its secrets.".into(),
                    ),
                    Some(false) => {
                        (ReadinessState::Missing, "The recorder of AWS Config is off.".to_owned())
                    }
                    None => (ReadinessState::Missing, "AWS Config has no recorder.".to_owned()),
                };
                (of(item, here, state, &says), Some(reading.results))
            }
            Err(error) => (refused(item, here, "AWS Config", &error), None),
        }
    }
}

fn of(item: ReadinessItem, region: Option<Region>, state: ReadinessState, says: &str) -> Readiness {
    Readiness { item, region, state, says: says.to_owned() }
}

fn of_role(item: ReadinessItem, name: &str, error: Option<&AwsError>) -> Readiness {
    match error {
        None => of(item, None, ReadinessState::Ready, &format!("{name} can be assumed.")),
        Some(error) if error.fault == claviger_domain::sweep::ScanFault::RoleNotAssumable => of(
            item,
            None,
            ReadinessState::Missing,
            &format!("{name} cannot be assumed: it is not there, or does not trust the console."),
        ),
        Some(error) => refused(item, None, name, error),
    }
}

/// What is said where AWS does not tell.
pub(crate) fn not_told(what: &str, code: &str) -> String {
    format!("The console could not find out: AWS refused to speak of {what} ({code}).")
}

fn refused(item: ReadinessItem, region: Option<Region>, what: &str, error: &AwsError) -> Readiness {
    tracing::warn!(error = %error, "readiness cannot be found out");
    of(item, region, ReadinessState::Unknown, &not_told(what, &error.word()))
}

/// One that logs, in every Region.
fn of_trails(trails: &[Trail]) -> Readiness {
    let whole =
        |trail: &&Trail| trail.is_logging && (trail.is_multi_region || trail.is_organization);
    let (state, says) = match trails.iter().find(whole) {
        Some(trail) if trail.is_organization => (
            ReadinessState::Ready,
            format!("The Organization's trail {} logs every Region.", trail.name),
        ),
        Some(trail) => {
            (ReadinessState::Ready, format!("The trail {} logs every Region.", trail.name))
        }
        None if trails.iter().any(|trail| trail.is_logging) => {
            (ReadinessState::Missing, "Its trails log their own Region alone.".to_owned())
        }
        None if trails.is_empty() => (
            ReadinessState::Missing,
            "It has no trail: who reads a secret is known for 90 days alone.".to_owned(),
        ),
        None => (ReadinessState::Missing, "Its trails do not log.".to_owned()),
    };
    of(ReadinessItem::Trail, None, state, &says)
}
