//! The posture of the Organization: a score with its arithmetic, and where it comes from.

use super::{InForce, findings::titled, severity_of};
use crate::{ComplianceService, ServiceError};
use claviger_domain::{
    VariantArray,
    accounts::Ou,
    authz::{Caller, Permission},
    compliance::{
        Category, FindingQuery, Score, Severity, Tally,
        view::{ControlRow, Gap, Group, Need, Overview, ScorePart},
    },
};
use claviger_policy::compliance::{PolicyRule, controls_of};
use claviger_store::{AccountTally, TeamPolicyTally};
use std::collections::BTreeMap;
use time::Duration;

/// How far back the trend goes.
const TREND: Duration = Duration::weeks(16);
/// What is new.
const WEEK: u16 = 7;
/// Rows of what got worse.
const SHORT: u16 = 6;

impl ComplianceService {
    /// The overview within the caller's scope.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn overview(&self, caller: &Caller) -> Result<Overview, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let now = self.clock.now();
        let today = now.date();
        let (policies, accounts, teams, days, ous, offenders) = tokio::try_join!(
            self.policy_service.in_force(),
            self.overview.posture_by_account(&visible),
            self.overview.posture_by_team(&visible),
            self.overview.posture_days(&visible, today - TREND, today),
            self.accounts.visible_ous(&visible),
            self.overview.worst_offenders(&visible),
        )?;
        let (worse, reasons, overdue, resources, evaluated_at, progress) = tokio::try_join!(
            self.findings.newest_failures(&visible, WEEK, SHORT, now),
            self.overview.unknown_reasons(&visible),
            self.overview.count_overdue(&visible, now),
            self.overview.count_evaluated(&visible),
            self.overview.evaluated_at(&visible),
            self.scans.scan_progress(&visible, now),
        )?;
        let mut by_severity: BTreeMap<Severity, Tally> = BTreeMap::new();
        let mut by_policy: BTreeMap<&str, Tally> = BTreeMap::new();
        for row in &accounts {
            by_severity.entry(severity_of(&policies, &row.policy)).or_default().add(row.tally);
            by_policy.entry(&row.policy).or_default().add(row.tally);
        }
        let (mut score, mut tally) = (Score::default(), Tally::default());
        for (severity, part) in &by_severity {
            score.add(*severity, *part);
            tally.add(*part);
        }
        let of = |id: &str| by_policy.get(id).copied().unwrap_or_default();
        Ok(Overview {
            score,
            parts: by_severity
                .iter()
                .map(|(severity, tally)| ScorePart { severity: *severity, tally: *tally })
                .collect(),
            tally,
            days,
            needs: needs(&policies, &of, overdue, progress.accounts_failed.into()),
            by_ou: by_ou(&policies, &accounts, &ous),
            by_account: by_account(&policies, &accounts),
            by_team: by_team(&policies, &teams),
            by_policy: policies.iter().map(|policy| policy.row(of(&policy.policy.id))).collect(),
            controls: controls(&policies, &of),
            offenders,
            worse: titled(worse, &policies),
            gaps: reasons
                .into_iter()
                .map(|(why, count)| Gap { why, count, href: "/findings?verdict=unknown".into() })
                .collect(),
            resources,
            accounts: progress.accounts.into(),
            evaluated_at,
            incomplete: self.progress_service.unfinished_evaluation(&visible).await?,
            as_of: now,
        })
    }
}

/// What somebody has to look at, each number with the way to its rows.
fn needs(
    policies: &[InForce],
    of: &dyn Fn(&str) -> Tally,
    overdue: u64,
    accounts_failing: u64,
) -> Vec<Need> {
    let about = |label: &str, is_it: fn(&PolicyRule) -> bool| {
        let ids: Vec<&str> = policies
            .iter()
            .filter(|policy| is_it(&policy.policy.rule))
            .map(|policy| policy.policy.id.as_str())
            .collect();
        let policies = ids.iter().map(ToString::to_string).collect();
        let query = FindingQuery { policies, ..FindingQuery::default() };
        (!ids.is_empty()).then(|| Need {
            label: label.to_owned(),
            count: ids.iter().map(|id| of(id).fail).sum(),
            href: format!("/findings?{}", query.to_url_query()),
            is_bad: true,
        })
    };
    let mut needs: Vec<Need> = [
        about("Rotations failing or stuck", |rule| {
            matches!(rule, PolicyRule::RotationFailing {} | PolicyRule::RotationStuck { .. })
        }),
        about("Public", |rule| matches!(rule, PolicyRule::PublicPolicy {})),
        about("Readable outside the Organization", |rule| {
            matches!(rule, PolicyRule::SharedOutside {})
        }),
        about("Plaintext credentials in SSM", |rule| {
            matches!(rule, PolicyRule::PlainCredential {})
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    needs.push(Need {
        label: "Overdue".into(),
        count: overdue,
        href: "/findings?state=overdue".into(),
        is_bad: false,
    });
    needs.push(Need {
        label: "Unreachable accounts".into(),
        count: accounts_failing,
        href: "/accounts".into(),
        is_bad: false,
    });
    needs
}

/// Sums of one group.
#[derive(Default)]
struct Sum {
    tally: Tally,
    score: Score,
    by_category: [Tally; 5],
}

impl Sum {
    pub(crate) fn add(&mut self, policies: &[InForce], policy: &str, tally: Tally) {
        let Some(found) = policies.iter().find(|found| found.policy.id == policy) else { return };
        self.tally.add(tally);
        self.score.add(found.policy.severity, tally);
        let category = found.policy.category();
        let at = Category::VARIANTS.iter().position(|one| *one == category);
        if let Some(sum) = at.and_then(|at| self.by_category.get_mut(at)) {
            sum.add(tally);
        }
    }

    fn group(self, value: String, label: String) -> Group {
        Group {
            value,
            label,
            tally: self.tally,
            score: self.score,
            by_category: self.by_category.to_vec(),
        }
    }
}

fn by_ou(policies: &[InForce], rows: &[AccountTally], ous: &[Ou]) -> Vec<Group> {
    ous.iter()
        .map(|ou| {
            let mut sum = Sum::default();
            for row in rows.iter().filter(|row| row.ou_path.contains(&ou.id)) {
                sum.add(policies, &row.policy, row.tally);
            }
            sum.group(ou.id.to_string(), ou.path.clone())
        })
        .filter(|group| group.tally.all() > 0)
        .collect()
}

/// The lowest score first.
fn worst_first(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_by(|a, b| (a.score.per_mille(), &a.label).cmp(&(b.score.per_mille(), &b.label)));
    groups
}

fn by_account(policies: &[InForce], rows: &[AccountTally]) -> Vec<Group> {
    let mut sums: BTreeMap<(&str, &str), Sum> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry((row.account.as_str(), &row.account_name)).or_default();
        sum.add(policies, &row.policy, row.tally);
    }
    worst_first(
        sums.into_iter()
            .map(|((id, name), sum)| sum.group(id.to_owned(), name.to_owned()))
            .collect(),
    )
}

fn by_team(policies: &[InForce], rows: &[TeamPolicyTally]) -> Vec<Group> {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for row in rows {
        sums.entry(&row.team).or_default().add(policies, &row.policy, row.tally);
    }
    let named = sums.into_iter().map(|(team, sum)| match team {
        "" => sum.group("-".into(), "No owner".into()),
        team => sum.group(team.to_owned(), team.to_owned()),
    });
    worst_first(named.collect())
}

fn controls(policies: &[InForce], of: &dyn Fn(&str) -> Tally) -> Vec<ControlRow> {
    let mut rows: BTreeMap<(&str, &str), (Vec<String>, Tally)> = BTreeMap::new();
    for InForce { policy, .. } in policies {
        for control in controls_of(&policy.rule) {
            let row = rows.entry((control.framework, control.id)).or_default();
            row.0.push(policy.id.clone());
            row.1.add(of(&policy.id));
        }
    }
    rows.into_iter()
        .map(|((framework, control), (policies, tally))| ControlRow {
            framework: framework.to_owned(),
            control: control.to_owned(),
            policies,
            tally,
        })
        .collect()
}
