//! Roles and scopes, owner rules and the schedule, as the configuration has them.

use super::{Installation, may_read};
use crate::{
    Authority, PeopleService, ProgressService, Retention, ScanSettings, ScannedRegions,
    ScopeCheckService, ServiceError, grants::APPROVER_ACTIVITY, notifications::digest::DIGEST_HOUR,
};
use claviger_domain::{
    authz::{Caller, Permission, RoleBinding},
    clock::Clock,
    inventory::{InventoryQuery, OwnerClass},
    owner::{OwnerRule, OwnerRules},
    settings::{
        BoundRole, KnownMember, LISTED_PEOPLE, NAMED_PEOPLE, OwnerRuleRow, OwnerRulesView,
        RolesView, SettingGroup, SettingRow,
    },
};
use claviger_store::{InventoryIndex, InventoryRepository, StoreError};
use std::sync::Arc;
use time::Duration;

/// The configuration as it applies, read-only: it is changed by its file.
#[derive(Clone)]
pub struct ConfigurationService {
    pub(crate) index: InventoryIndex,
    pub(crate) inventory: InventoryRepository,
    pub(crate) people_service: PeopleService,
    pub(crate) progress_service: ProgressService,
    pub(crate) scope_check_service: ScopeCheckService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) roles: Arc<[RoleBinding]>,
    pub(crate) owner_rules: Arc<OwnerRules>,
    pub(crate) scan_settings: Arc<ScanSettings>,
    pub(crate) retention: Retention,
    pub(crate) installation: Arc<Installation>,
}

impl ConfigurationService {
    /// The configured roles, and which known people have them.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn roles(&self, caller: &Caller) -> Result<RolesView, ServiceError> {
        may_read(caller)?;
        let people = self.people_service.known_callers().await?;
        let bound = self.roles.iter().map(|binding| {
            let members: Vec<&Caller> =
                people.iter().filter(|one| one.groups.contains(&binding.group)).collect();
            let named = members.iter().take(NAMED_PEOPLE);
            BoundRole {
                group: binding.group.clone(),
                role: binding.role.label().to_owned(),
                scope: binding.scope.label(),
                people: named.map(|one| one.person.name.clone()).collect(),
                members: count(members.len()),
            }
        });
        let listed = people.iter().take(LISTED_PEOPLE).map(|one| KnownMember {
            subject: one.person.subject.clone(),
            name: one.person.name.clone(),
            email: one.person.email.clone(),
            roles: one
                .held
                .iter()
                .map(|(role, scope)| format!("{}: {}", role.label(), scope.label()))
                .collect(),
        });
        let problems = self.scope_check_service.scope_problems(caller).await?;
        Ok(RolesView {
            roles: bound.collect(),
            people: listed.collect(),
            known_people: count(people.len()),
            known_days: u32::try_from(APPROVER_ACTIVITY.whole_days()).unwrap_or(0),
            sign_in: self.installation.sign_in.clone(),
            problems: problems.iter().map(ToString::to_string).collect(),
        })
    }

    /// The owner rules, and for how many secrets and parameters they name an owner.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn owner_rules(&self, caller: &Caller) -> Result<OwnerRulesView, ServiceError> {
        may_read(caller)?;
        Ok(OwnerRulesView {
            rules: self.owner_rules.rules().iter().map(owner_rule_row).collect(),
            is_default: *self.owner_rules == OwnerRules::default(),
            owned: self.owned(caller).await?,
        })
    }

    /// How many secrets and parameters have an owner, and how many there are. `None` until a scan is complete, and while there
    /// are more than the inventory's limit.
    pub(super) async fn owned(&self, caller: &Caller) -> Result<Option<(u64, u64)>, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        if self.progress_service.unfinished_scan(&visible).await?.is_some() {
            return Ok(None);
        }
        let query = InventoryQuery { owners: vec![OwnerClass::Named], ..InventoryQuery::default() };
        let counted = tokio::try_join!(
            self.inventory.list_inventory(&visible, &query, 1, self.clock.now()),
            self.index.count_inventory(&visible)
        );
        match counted {
            Ok((owned, total)) => Ok(Some((owned.counts.matching, total))),
            Err(StoreError::InventoryLimit(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// When what happens by itself, and for how long things are kept.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn schedule(&self, caller: &Caller) -> Result<Vec<SettingGroup>, ServiceError> {
        may_read(caller)?;
        let scan = &self.scan_settings;
        let regions = match &scan.regions {
            ScannedRegions::Enabled { .. } => "Those that are enabled in each account".to_owned(),
            ScannedRegions::These(regions) => {
                regions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
        };
        let kept = self.retention;
        let mut groups = vec![
            group(
                "Scans",
                [
                    row("Scan interval", in_words(scan.interval), Some("sweep_minutes")),
                    row("Regions", regions, Some("regions")),
                    row(
                        "Tags of parameters are read again after",
                        in_words(scan.parameter_tags),
                        Some("parameter_tags_minutes"),
                    ),
                    row("Evaluation", "After each scan of an account and Region".into(), None),
                ],
            ),
            group(
                "Notifications",
                [
                    row(
                        "Weekly digest",
                        format!(
                            "Mondays, {:02}:{:02} UTC",
                            DIGEST_HOUR.hour(),
                            DIGEST_HOUR.minute()
                        ),
                        None,
                    ),
                    row("Failed deliveries", "Retried for about a day, then given up".into(), None),
                ],
            ),
            group(
                "Retention",
                [
                    row("Changes of the inventory", in_words(kept.changes), Some("changes_days")),
                    row("Notifications", in_words(kept.notifications), Some("notifications_days")),
                    row("Finished scans", in_words(kept.scans), Some("scans_days")),
                    row("Failed jobs", in_words(kept.failed_jobs), Some("failed_jobs_days")),
                    row(
                        "Audit log, requests, grants, plans, exceptions",
                        "Never deleted".into(),
                        None,
                    ),
                ],
            ),
        ];
        groups.extend(self.installation.schedule.iter().cloned());
        Ok(groups)
    }
}

fn group<const N: usize>(title: &str, rows: [SettingRow; N]) -> SettingGroup {
    SettingGroup { title: title.to_owned(), rows: rows.into() }
}

fn row(about: &str, value: String, setting: Option<&str>) -> SettingRow {
    SettingRow { about: about.to_owned(), value, setting: setting.map(str::to_owned) }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// In the largest unit that fits whole.
fn in_words(duration: Duration) -> String {
    let minutes = duration.whole_minutes();
    let (number, unit) = match minutes {
        m if m >= 1440 && m % 1440 == 0 => (m / 1440, "day"),
        m if m >= 60 && m % 60 == 0 => (m / 60, "hour"),
        m => (m, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn owner_rule_row(rule: &OwnerRule) -> OwnerRuleRow {
    let (applies_to, team) = match rule {
        OwnerRule::Tag { key, value, team } => (
            match value {
                Some(value) => format!("Tag {key} = {value}"),
                None => format!("Tag {key}"),
            },
            team.clone().unwrap_or_else(|| format!("The value of the tag {key}")),
        ),
        OwnerRule::Account { account, team } => (format!("Account {account}"), team.clone()),
        OwnerRule::Ou { ou, team } => (format!("OU {ou}"), team.clone()),
    };
    OwnerRuleRow { applies_to, team }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_the_largest_unit_that_fits() {
        let said = [
            Duration::minutes(1),
            Duration::minutes(90),
            Duration::hours(6),
            Duration::days(1),
            Duration::days(400),
        ]
        .map(in_words);
        assert_eq!(said, ["1 minute", "90 minutes", "6 hours", "1 day", "400 days"]);
    }

    #[test]
    fn owner_rules_say_what_they_apply_to_and_the_team() {
        let tag = |value: Option<&str>, team: Option<&str>| OwnerRule::Tag {
            key: "team".into(),
            value: value.map(Into::into),
            team: team.map(Into::into),
        };
        let said = |rule| {
            let row = owner_rule_row(&rule);
            format!("{} → {}", row.applies_to, row.team)
        };
        assert_eq!(said(tag(None, None)), "Tag team → The value of the tag team");
        assert_eq!(said(tag(Some("pay*"), Some("payments"))), "Tag team = pay* → payments");
        let ou = OwnerRule::Ou { ou: "Workloads".into(), team: "platform".into() };
        assert_eq!(said(ou), "OU Workloads → platform");
    }
}
