//! The posture by team: a list, and a page of each that can be shared.

use super::{
    InForce,
    overview::{parts, total},
    severity_of,
};
use crate::{ComplianceService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    compliance::{
        FindingQuery, FindingState, PostureQuery, Score, Severity, Tally,
        history::distribute,
        posture_view::{RotationNumbers, TeamRow, TeamView, TeamsView},
        view::{FindingRow, Offender},
    },
    ids::ResourceId,
};
use claviger_store::TeamDay;
use std::{cmp::Reverse, collections::BTreeMap};
use time::{Duration, OffsetDateTime};

/// How a URL names that there is no owner.
const NO_OWNER: &str = "-";
/// The worst secrets are among the resources of so many of the worst findings.
const WORST_FINDINGS: u16 = 200;
/// Rows of the worst secrets.
const SHORT: usize = 6;

impl ComplianceService {
    /// Every team of the caller's scope, the lowest score first.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn teams(&self, caller: &Caller) -> Result<TeamsView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let now = self.clock.now();
        let policies = self.policy_service.in_force().await?;
        Ok(TeamsView {
            rows: self.team_rows(&visible, &policies, None, now).await?,
            is_first: self.is_first(&visible, now).await?,
            incomplete: self.progress_service.unfinished_evaluation(&visible).await?,
            as_of: now,
        })
    }

    /// One team, as far as its secrets and parameters are within the caller's scope.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn team(
        &self,
        caller: &Caller,
        name: &str,
        url_query: &str,
    ) -> Result<TeamView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let query: PostureQuery = url_query.parse()?;
        let now = self.clock.now();
        let policies = self.policy_service.in_force().await?;
        let rows = self.team_rows(&visible, &policies, Some(name), now).await?;
        let row = rows.into_iter().next().ok_or(ServiceError::NotFound("team"))?;
        let owner = stored_name(name);
        let (from, teams) = (now.date() - query.weeks.duration(), vec![name.to_owned()]);
        let of_team = FindingQuery { teams, ..FindingQuery::default() };
        let late = FindingQuery { states: vec![FindingState::Overdue], ..of_team.clone() };
        let days = query.weeks.trend_days(now.date());
        let (days, fixes, found, overdue, tallies, rotation) = tokio::try_join!(
            self.overview.teams_on(&visible, Some(owner), &days),
            self.overview.fix_times(&visible, Some(owner), from),
            self.findings.list_findings(&visible, &of_team, WORST_FINDINGS, now),
            self.findings.list_findings(&visible, &late, 0, now),
            self.overview.posture_by_team(&visible),
            self.overview.rotation_of_teams(&visible, now),
        )?;
        let mut by_severity: BTreeMap<Severity, Tally> = BTreeMap::new();
        for tally in tallies.iter().filter(|tally| tally.team == owner) {
            by_severity.entry(severity_of(&policies, &tally.policy)).or_default().add(tally.tally);
        }
        let rotation = rotation
            .into_iter()
            .find(|team| team.team.as_deref().unwrap_or_default() == owner)
            .map(|team| RotationNumbers {
                rotated: team.rotated,
                overdue: team.overdue,
                stuck: team.stuck,
                overdue_since: team.overdue_since,
            });
        Ok(TeamView {
            query,
            row,
            days: days.into_iter().map(|day| day.day).collect(),
            by_severity: parts(&by_severity),
            overdue: overdue.counts.matching,
            offenders: worst(&found.rows),
            fixes: distribute(&fixes),
            rotation: rotation.unwrap_or_default(),
            is_first: self.is_first(&visible, now).await?,
            incomplete: self.progress_service.unfinished_evaluation(&visible).await?,
            as_of: now,
        })
    }

    /// Teams with their scores now and a week ago, the lowest first; `only` one where it is given.
    pub(super) async fn team_rows(
        &self,
        visible: &VisibleAccounts,
        policies: &[InForce],
        only: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Vec<TeamRow>, ServiceError> {
        let week_ago = [(now - Duration::weeks(1)).date()];
        let only = only.map(stored_name);
        let (tallies, before) = tokio::try_join!(
            self.overview.posture_by_team(visible),
            self.overview.teams_on(visible, only, &week_ago),
        )?;
        let mut teams: BTreeMap<&str, BTreeMap<Severity, Tally>> = BTreeMap::new();
        for row in tallies.iter().filter(|row| only.is_none_or(|only| row.team == only)) {
            let severities = teams.entry(&row.team).or_default();
            severities.entry(severity_of(policies, &row.policy)).or_default().add(row.tally);
        }
        let mut rows: Vec<TeamRow> = teams
            .into_iter()
            .map(|(team, severities)| {
                let (score, tally) = total(&severities);
                TeamRow {
                    team: if team.is_empty() { NO_OWNER } else { team }.to_owned(),
                    label: if team.is_empty() { "No owner" } else { team }.to_owned(),
                    score,
                    tally,
                    week_ago: score_of(&before, team),
                }
            })
            .collect();
        rows.sort_by(|a, b| (a.score.per_mille(), &a.label).cmp(&(b.score.per_mille(), &b.label)));
        Ok(rows)
    }

    async fn is_first(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<bool, ServiceError> {
        let progress = self.scans.scan_progress(visible, now).await?;
        self.progress_service.is_first_evaluation(&progress, visible).await
    }
}

/// The team of a URL as the tables have it.
fn stored_name(name: &str) -> &str {
    if name == NO_OWNER { "" } else { name }
}

fn score_of(days: &[TeamDay], team: &str) -> Option<Score> {
    days.iter().find(|day| day.team == team).map(|day| day.day.score)
}

/// The resources with the most weight among these findings.
fn worst(rows: &[FindingRow]) -> Vec<Offender> {
    let mut found: BTreeMap<ResourceId, (u32, Offender)> = BTreeMap::new();
    for row in rows {
        let (weight, offender) = found.entry(row.resource).or_insert_with(|| {
            let offender = Offender {
                resource: row.resource,
                name: row.name.clone(),
                account_name: row.account_name.clone(),
                region: row.region.clone(),
                fails: 0,
                worst: row.severity,
            };
            (0, offender)
        });
        *weight += row.severity.weight();
        offender.fails += 1;
        offender.worst = offender.worst.min(row.severity);
    }
    let mut found: Vec<(u32, Offender)> = found.into_values().collect();
    found.sort_by_key(|(weight, offender)| (Reverse(*weight), offender.resource.0));
    found.into_iter().take(SHORT).map(|(_, offender)| offender).collect()
}
