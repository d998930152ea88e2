//! The posture of the Organization: a score with its arithmetic, and where it comes from.

use super::{InForce, findings::titled, posture_history::WithinOu, severity_of};
use crate::{ComplianceService, ServiceError};
use claviger_domain::{
    VariantArray,
    accounts::Ou,
    authz::{Caller, Permission},
    compliance::{
        Category, CheckResult, FindingQuery, FindingState, PostureQuery, Score, Severity, Tally,
        history::distribute,
        posture_view::{AccountTile, Need, Overview},
        view::{ControlRow, Gap, Group, ScorePart},
    },
    inventory::view::AccountRow,
};
use claviger_policy::compliance::{PolicyRule, controls_of};
use claviger_store::AccountTally;
use std::collections::{BTreeMap, HashMap};

/// What is new.
const WEEK: u16 = 7;
/// Rows of what got worse.
const SHORT: u16 = 6;

impl ComplianceService {
    /// The overview within the caller's scope, of the period and OU that the URL asks for.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn overview(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<Overview, ServiceError> {
        let allowed = self.authority.within(caller, Permission::ReadFindings).await?;
        let query: PostureQuery = url_query.parse()?;
        let now = self.clock.now();
        let today = now.date();
        let WithinOu { visible, accounts: held, choices, ous } =
            self.within_ou(&allowed, &query).await?;
        let trend_days = query.weeks.trend_days(today);
        let (policies, accounts, days, offenders, history, fixes, events) = tokio::try_join!(
            self.policy_service.in_force(),
            self.overview.posture_by_account(&visible),
            self.overview.posture_days(&visible, today - query.weeks.duration(), today),
            self.overview.worst_offenders(&visible),
            self.overview.categories_on(&visible, &trend_days),
            self.overview.fix_times(&visible, None, today - query.weeks.duration()),
            self.overview.posture_events(&visible, now - query.weeks.duration()),
        )?;
        let (worse, reasons, overdue, resources, evaluated_at, progress) = tokio::try_join!(
            self.findings.newest_failures(&visible, WEEK, SHORT, now),
            self.overview.unknown_reasons(&visible),
            self.overview.count_overdue(&visible, now),
            self.overview.count_evaluated(&visible),
            self.overview.evaluated_at(&visible),
            self.scans.scan_progress(&visible, now),
        )?;
        let by_team = self.team_rows(&visible, &policies, None, now).await?;
        let mut by_severity: BTreeMap<Severity, Tally> = BTreeMap::new();
        let mut by_policy: BTreeMap<&str, Tally> = BTreeMap::new();
        for row in &accounts {
            by_severity.entry(severity_of(&policies, &row.policy)).or_default().add(row.tally);
            by_policy.entry(&row.policy).or_default().add(row.tally);
        }
        let (score, tally) = total(&by_severity);
        let of = |id: &str| by_policy.get(id).copied().unwrap_or_default();
        let within =
            FindingQuery { ous: query.ou.iter().cloned().collect(), ..FindingQuery::default() };
        let unknown = FindingQuery { verdicts: vec![CheckResult::Unknown], ..within.clone() };
        let (by_ou, by_account) =
            (by_ou(&policies, &accounts, &ous), by_account(&policies, &accounts));
        Ok(Overview {
            ou_trends: super::posture_history::ou_trends(
                &by_ou,
                &held,
                &ous,
                &history,
                &trend_days,
            ),
            tiles: tiles(&by_account, &held),
            query,
            ous: choices,
            score,
            parts: parts(&by_severity),
            tally,
            days,
            events,
            needs: needs(&policies, &of, overdue, progress.accounts_failed.into(), &within),
            by_ou,
            trend_days,
            by_account,
            by_team,
            fixes: distribute(&fixes),
            by_policy: policies.iter().map(|policy| policy.row(of(&policy.policy.id))).collect(),
            controls: controls(&policies, &of),
            offenders,
            worse: titled(worse, &policies),
            gaps: reasons
                .into_iter()
                .map(|(why, count)| Gap {
                    why,
                    count,
                    href: format!("/findings?{}", unknown.to_url_query()),
                })
                .collect(),
            resources,
            accounts: progress.accounts.into(),
            is_first: self.progress_service.is_first_evaluation(&progress, &visible).await?,
            evaluated_at,
            incomplete: self.progress_service.unfinished_evaluation(&visible).await?,
            as_of: now,
        })
    }
}

/// The score of all severities, and their checks.
pub(super) fn total(by_severity: &BTreeMap<Severity, Tally>) -> (Score, Tally) {
    let (mut score, mut tally) = (Score::default(), Tally::default());
    for (severity, part) in by_severity {
        score.add(*severity, *part);
        tally.add(*part);
    }
    (score, tally)
}

pub(super) fn parts(by_severity: &BTreeMap<Severity, Tally>) -> Vec<ScorePart> {
    by_severity
        .iter()
        .map(|(severity, tally)| ScorePart { severity: *severity, tally: *tally })
        .collect()
}

/// The accounts that hold anything, the largest first.
fn tiles(groups: &[Group], held: &[AccountRow]) -> Vec<AccountTile> {
    let by_id: HashMap<&str, &Group> =
        groups.iter().map(|group| (group.value.as_str(), group)).collect();
    let mut tiles: Vec<AccountTile> = held
        .iter()
        .map(|account| {
            let group = by_id.get(account.id.as_str());
            AccountTile {
                id: account.id.clone(),
                name: account.name.clone(),
                resources: account.secrets + account.parameters,
                score: group.map_or_else(Score::default, |group| group.score),
                fail: group.map_or(0, |group| group.tally.fail),
            }
        })
        .filter(|tile| tile.resources > 0)
        .collect();
    tiles.sort_by(|a, b| (b.resources, &a.id).cmp(&(a.resources, &b.id)));
    tiles
}

/// What somebody has to look at, each number with the way to its rows.
fn needs(
    policies: &[InForce],
    of: &dyn Fn(&str) -> Tally,
    overdue: u64,
    accounts_failing: u64,
    within: &FindingQuery,
) -> Vec<Need> {
    let about = |label: &str, is_it: fn(&PolicyRule) -> bool| {
        let ids: Vec<&str> = policies
            .iter()
            .filter(|policy| is_it(&policy.policy.rule))
            .map(|policy| policy.policy.id.as_str())
            .collect();
        let policies = ids.iter().map(ToString::to_string).collect();
        let query = FindingQuery { policies, ..within.clone() };
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
    let late = FindingQuery { states: vec![FindingState::Overdue], ..within.clone() };
    needs.push(Need {
        label: "Overdue".into(),
        count: overdue,
        href: format!("/findings?{}", late.to_url_query()),
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
    fn add(&mut self, policies: &[InForce], policy: &str, tally: Tally) {
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
