//! The findings list with its facets.

use super::{InForce, capital};
use crate::{ServiceError, Services};
use claviger_domain::{
    access::{Caller, Permission},
    governance::{
        Category, FindingQuery, FindingState, Severity, Verdict,
        view::{FindingFacets, FindingRow, FindingsPage},
    },
    ids::AccountId,
    organization::Ou,
    view::{AccountRow, FacetValue},
};
use claviger_store::{FindingGroup, FindingGroups, FoundFindings};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Display,
};

/// Rows a page.
const PAGE_ROWS: u16 = 50;

impl Services {
    /// The findings as the URL asks for them.
    pub async fn findings(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<FindingsPage, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let query: FindingQuery = url_query.parse()?;
        let now = self.clock.now();
        let by_resource = self.store.by_resource(&visible, query.clone()).await?;
        let grouped = async {
            match &by_resource {
                Some(query) => self.store.group_findings(&visible, query, now).await,
                None => Ok(FindingGroups::new()),
            }
        };
        let (groups, policies, ous, accounts, evaluated) = tokio::try_join!(
            grouped,
            self.in_force(),
            self.store.visible_ous(&visible),
            self.store.list_accounts(&visible),
            self.store.evaluated_at(&visible),
        )?;
        let counted = Counted::new(&groups, &query, &ous, &accounts);
        let page = match &by_resource {
            Some(query) if counted.matching > 0 || query.after.is_some() => {
                let narrowed = counted.narrowed(query);
                self.store.list_findings(&visible, &narrowed, PAGE_ROWS, now).await?
            }
            _ => FoundFindings::default(),
        };
        Ok(FindingsPage {
            may_mend: caller.may(Permission::Remediate),
            matching: counted.matching,
            facets: counted.facets(&policies),
            rows: titled(page.rows, &policies),
            next: page.next,
            ever_judged: evaluated.is_some() || !groups.is_empty(),
            incomplete: self.unfinished_evaluation(&visible).await?,
            query,
            as_of: now,
        })
    }
}

/// Gives each row its policy's title.
pub(super) fn titled(mut rows: Vec<FindingRow>, policies: &[InForce]) -> Vec<FindingRow> {
    for row in &mut rows {
        let policy = policies.iter().find(|policy| policy.policy.id == row.policy);
        row.policy_title =
            policy.map_or_else(|| format!("{} (retired)", row.policy), |p| p.policy.title.clone());
    }
    rows
}

/// A set of fields: a bit each.
type Fields = u8;

const POLICY: Fields = 1;
const CATEGORY: Fields = 1 << 1;
const SEVERITY: Fields = 1 << 2;
const VERDICT: Fields = 1 << 3;
const ACCOUNT: Fields = 1 << 4;
const TEAM: Fields = 1 << 5;
const STATE: Fields = 1 << 6;
const OU: Fields = 1 << 7;

/// For each choice, how many findings it would leave, all other fields kept.
struct Counted<'a> {
    matching: u64,
    ous: &'a [Ou],
    accounts: &'a [AccountRow],
    by_policy: HashMap<&'a str, u64>,
    by_category: BTreeMap<Category, u64>,
    by_severity: BTreeMap<Severity, u64>,
    by_verdict: BTreeMap<Verdict, u64>,
    by_state: BTreeMap<FindingState, u64>,
    by_account: HashMap<&'a AccountId, u64>,
    by_unit: HashMap<&'a str, u64>,
    /// Every team that has any finding.
    by_team: BTreeMap<&'a str, u64>,
    with_matches: Vec<&'a AccountId>,
    matching_severities: BTreeSet<Severity>,
}

fn fits<T: PartialEq>(chosen: &[T], value: &T, field: Fields) -> Fields {
    if chosen.is_empty() || chosen.contains(value) { 0 } else { field }
}

/// Like `fits`, for texts.
fn names(chosen: &[String], value: &str, field: Fields) -> Fields {
    if chosen.is_empty() || chosen.iter().any(|one| one == value) { 0 } else { field }
}

impl<'a> Counted<'a> {
    fn new(
        groups: &'a FindingGroups,
        query: &FindingQuery,
        ous: &'a [Ou],
        accounts: &'a [AccountRow],
    ) -> Self {
        let mut counted = Self {
            matching: 0,
            ous,
            accounts,
            by_policy: HashMap::new(),
            by_category: BTreeMap::new(),
            by_severity: BTreeMap::new(),
            by_verdict: BTreeMap::new(),
            by_state: BTreeMap::new(),
            by_account: HashMap::new(),
            by_unit: HashMap::new(),
            by_team: BTreeMap::new(),
            with_matches: Vec::new(),
            matching_severities: BTreeSet::new(),
        };
        let units = units(ous, accounts);
        for (account, groups) in groups {
            let units = units.get(account).map_or(&[][..], Vec::as_slice);
            let in_ou = || query.ous.iter().any(|ou| units.contains(&ou.as_str()));
            let misses = fits(&query.accounts, account, ACCOUNT)
                | if query.ous.is_empty() || in_ou() { 0 } else { OU };
            counted.take(account, units, groups, query, misses);
        }
        counted
    }

    /// Takes an account's groups; `outside` are the fields that the account itself does not fit.
    fn take(
        &mut self,
        account: &'a AccountId,
        units: &[&'a str],
        groups: &'a [FindingGroup],
        query: &FindingQuery,
        outside: Fields,
    ) {
        let (mut matching, mut but_account, mut but_unit) = (0, 0, 0);
        for group in groups {
            let misses = outside | misses(group, query);
            let team = self.by_team.entry(&group.team).or_default();
            let count = group.count;
            // Of each field: what fits all others.
            let fits_but = |field: Fields| misses & !field == 0;
            if misses.count_ones() > 1 {
                continue;
            }
            if fits_but(TEAM) {
                *team += count;
            }
            if fits_but(POLICY) {
                *self.by_policy.entry(&group.policy).or_default() += count;
            }
            if fits_but(CATEGORY) {
                *self.by_category.entry(group.category).or_default() += count;
            }
            if fits_but(SEVERITY) {
                *self.by_severity.entry(group.severity).or_default() += count;
            }
            if fits_but(VERDICT) {
                *self.by_verdict.entry(group.verdict).or_default() += count;
            }
            if fits_but(STATE) {
                *self.by_state.entry(group.state).or_default() += count;
            }
            but_account += if fits_but(ACCOUNT) { count } else { 0 };
            but_unit += if fits_but(OU) { count } else { 0 };
            if misses == 0 && count > 0 {
                matching += count;
                self.matching_severities.insert(group.severity);
            }
        }
        self.matching += matching;
        if matching > 0 {
            self.with_matches.push(account);
        }
        self.by_account.insert(account, but_account);
        for unit in units {
            *self.by_unit.entry(unit).or_default() += but_unit;
        }
    }

    /// The same query, which names the accounts and severities alone that have matches: the rest need not be looked
    /// through.
    fn narrowed(&self, query: &FindingQuery) -> FindingQuery {
        if self.matching == 0 {
            return query.clone();
        }
        let everywhere = self.with_matches.len() >= self.accounts.len();
        let accounts = if query.accounts.is_empty() && everywhere {
            Vec::new()
        } else {
            self.with_matches.iter().map(|account| (*account).clone()).collect()
        };
        let severities = self.matching_severities.iter().copied().collect();
        FindingQuery { accounts, severities, ..query.clone() }
    }

    fn facets(&self, policies: &[InForce]) -> FindingFacets {
        fn value(value: impl Display, label: &str, depth: u8, count: Option<&u64>) -> FacetValue {
            let count = count.copied().unwrap_or(0);
            FacetValue { value: value.to_string(), label: label.to_owned(), depth, count }
        }
        fn words<T: Copy + Ord + Display>(all: &[T], counts: &BTreeMap<T, u64>) -> Vec<FacetValue> {
            let one = |word: &T| value(word, &capital(&word.to_string()), 0, counts.get(word));
            all.iter().map(one).collect()
        }
        let policy_values = policies.iter().map(|InForce { policy, .. }| {
            value(&policy.id, &policy.title, 0, self.by_policy.get(policy.id.as_str()))
        });
        let teams = self.by_team.iter().map(|(team, count)| {
            value(team, if *team == "-" { "No owner" } else { team }, 0, Some(count))
        });
        let accounts = self
            .accounts
            .iter()
            .map(|account| value(&account.id, &account.name, 0, self.by_account.get(&account.id)));
        let ous = self.ous.iter().map(|ou| {
            let depth = u8::try_from(claviger_domain::organization::path_depth(&ou.path))
                .unwrap_or(u8::MAX);
            value(&ou.id, &ou.name, depth, self.by_unit.get(ou.id.as_str()))
        });
        let verdicts = [(Verdict::Fail, "Fails"), (Verdict::Unknown, "Unknown")]
            .map(|(verdict, label)| value(verdict, label, 0, self.by_verdict.get(&verdict)));
        // What is overdue is open.
        let mut states = self.by_state.clone();
        if let Some(overdue) = states.get(&FindingState::Overdue).copied() {
            *states.entry(FindingState::Open).or_default() += overdue;
        }
        FindingFacets {
            severities: words(Severity::ALL, &self.by_severity),
            categories: words(Category::ALL, &self.by_category),
            policies: policy_values.collect(),
            verdicts: verdicts.to_vec(),
            states: words(FindingState::ALL, &states),
            ous: ous.filter(|value| value.count > 0).collect(),
            teams: teams.collect(),
            accounts: accounts.filter(|value| value.count > 0).collect(),
        }
    }
}

/// The fields that a group does not fit, but those of its account.
fn misses(group: &FindingGroup, query: &FindingQuery) -> Fields {
    let is_in = |state: FindingState| {
        group.state == state || (state, group.state) == (FindingState::Open, FindingState::Overdue)
    };
    let in_state = if query.states.is_empty() {
        is_in(FindingState::Open)
    } else {
        query.states.iter().any(|state| is_in(*state))
    };
    let verdicts = if query.verdicts.is_empty() { &[Verdict::Fail][..] } else { &query.verdicts };
    names(&query.policies, &group.policy, POLICY)
        | fits(&query.categories, &group.category, CATEGORY)
        | fits(&query.severities, &group.severity, SEVERITY)
        | fits(verdicts, &group.verdict, VERDICT)
        | names(&query.teams, &group.team, TEAM)
        | if in_state { 0 } else { STATE }
}

/// The units that hold each account.
fn units<'a>(ous: &'a [Ou], accounts: &'a [AccountRow]) -> BTreeMap<&'a AccountId, Vec<&'a str>> {
    let by_path: BTreeMap<&str, &str> =
        ous.iter().map(|ou| (ou.path.as_str(), ou.id.as_str())).collect();
    let of = |account: &'a AccountRow| {
        let path = account.ou_path.as_str();
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let held: BTreeSet<&str> =
            ends.filter_map(|end| by_path.get(&path[..end])).copied().collect();
        (&account.id, held.into_iter().collect())
    };
    accounts.iter().map(of).collect()
}
