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
use claviger_store::FindingGroup;
use std::collections::{BTreeMap, BTreeSet};

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
        let page = self.store.list_findings(&visible, &query, PAGE_ROWS, now).await?;
        let (groups, policies, ous, accounts) = tokio::try_join!(
            self.store.group_findings(&visible, &query, now),
            self.in_force(),
            self.store.visible_ous(&visible),
            self.store.list_accounts(&visible),
        )?;
        let counted = Counted::new(&groups, &query, &ous, &accounts);
        let evaluated = self.store.evaluated_at(&visible).await?;
        Ok(FindingsPage {
            may_mend: caller.may(Permission::Remediate),
            matching: counted.matching(),
            facets: counted.facets(&policies),
            rows: titled(page.rows, &policies),
            next: page.next,
            ever_judged: evaluated.is_some() || !groups.is_empty(),
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

/// The groups, with what the filter says of each field.
struct Counted<'a> {
    groups: &'a [FindingGroup],
    query: &'a FindingQuery,
    ous: &'a [Ou],
    accounts: &'a [AccountRow],
    /// The units that hold each account, by path.
    units: BTreeMap<&'a AccountId, BTreeSet<&'a str>>,
}

const FIELDS: [&str; 8] =
    ["policy", "category", "severity", "verdict", "account", "team", "state", "ou"];

impl<'a> Counted<'a> {
    fn new(
        groups: &'a [FindingGroup],
        query: &'a FindingQuery,
        ous: &'a [Ou],
        accounts: &'a [AccountRow],
    ) -> Self {
        let within = |account: &AccountRow, ou: &Ou| {
            account.ou_path == ou.path || account.ou_path.starts_with(&format!("{}/", ou.path))
        };
        let units = accounts
            .iter()
            .map(|account| {
                let held = ous.iter().filter(|ou| within(account, ou)).map(|ou| ou.id.as_str());
                (&account.id, held.collect())
            })
            .collect();
        Self { groups, query, ous, accounts, units }
    }

    fn fits(&self, group: &FindingGroup, field: &str) -> bool {
        fn any<T>(list: &[T], holds: impl Fn(&T) -> bool) -> bool {
            list.is_empty() || list.iter().any(holds)
        }
        let query = self.query;
        match field {
            "policy" => any(&query.policies, |id| *id == group.policy),
            "category" => any(&query.categories, |c| c.to_string() == group.category),
            "severity" => any(&query.severities, |s| s.to_string() == group.severity),
            "verdict" if query.verdicts.is_empty() => group.verdict == "fail",
            "verdict" => query.verdicts.iter().any(|v| v.to_string() == group.verdict),
            "account" => any(&query.accounts, |id| *id == group.account),
            "team" => any(&query.teams, |team| *team == group.team),
            "state" if query.states.is_empty() => is_in(group, FindingState::Open),
            "state" => query.states.iter().any(|state| is_in(group, *state)),
            _ => any(&query.ous, |ou| self.holds(group, ou.as_str())),
        }
    }

    fn holds(&self, group: &FindingGroup, ou: &str) -> bool {
        self.units.get(&group.account).is_some_and(|units| units.contains(ou))
    }

    fn matching(&self) -> u64 {
        let all = self.groups.iter().filter(|group| FIELDS.iter().all(|f| self.fits(group, f)));
        all.map(|group| group.count).sum()
    }

    /// How many rows a choice would leave, all other fields kept.
    fn count(&self, field: &str, is_it: impl Fn(&FindingGroup) -> bool) -> u64 {
        self.groups
            .iter()
            .filter(|group| is_it(group))
            .filter(|group| FIELDS.iter().all(|f| *f == field || self.fits(group, f)))
            .map(|group| group.count)
            .sum()
    }

    fn facets(&self, policies: &[InForce]) -> FindingFacets {
        let value = |value: String, label: String, depth: u8, count: u64| FacetValue {
            value,
            label,
            depth,
            count,
        };
        let policy_values = policies
            .iter()
            .map(|InForce { policy, .. }| {
                let count = self.count("policy", |group| group.policy == policy.id);
                value(policy.id.clone(), policy.title.clone(), 0, count)
            })
            .collect();
        let teams: BTreeSet<&str> = self.groups.iter().map(|group| group.team.as_str()).collect();
        let team_values = teams.into_iter().map(|team| {
            let label = if team == "-" { "No owner" } else { team };
            value(team.to_owned(), label.to_owned(), 0, self.count("team", |g| g.team == team))
        });
        let accounts = self.accounts.iter().map(|account| {
            let count = self.count("account", |group| group.account == account.id);
            value(account.id.to_string(), account.name.clone(), 0, count)
        });
        let ous = self.ous.iter().map(|ou| {
            let depth = u8::try_from(ou.path.matches('/').count()).unwrap_or(u8::MAX);
            let count = self.count("ou", |group| self.holds(group, ou.id.as_str()));
            value(ou.id.to_string(), ou.name.clone(), depth, count)
        });
        let severities = Severity::ALL.iter().map(|severity| {
            let word = severity.to_string();
            let count = self.count("severity", |group| group.severity == word);
            value(word.clone(), capital(&word), 0, count)
        });
        let categories = Category::ALL.iter().map(|category| {
            let word = category.to_string();
            let count = self.count("category", |group| group.category == word);
            value(word.clone(), capital(&word), 0, count)
        });
        let verdicts =
            [(Verdict::Fail, "Fails"), (Verdict::Unknown, "Unknown")].map(|(v, label)| {
                let word = v.to_string();
                let count = self.count("verdict", |group| group.verdict == word);
                value(word, label.to_owned(), 0, count)
            });
        let states = FindingState::ALL.iter().map(|state| {
            let count = self.count("state", |group| is_in(group, *state));
            value(state.to_string(), capital(&state.to_string()), 0, count)
        });
        FindingFacets {
            severities: severities.collect(),
            categories: categories.collect(),
            policies: policy_values,
            verdicts: verdicts.to_vec(),
            states: states.collect(),
            ous: ous.filter(|value| value.count > 0).collect(),
            teams: team_values.collect(),
            accounts: accounts.filter(|value| value.count > 0).collect(),
        }
    }
}

fn is_in(group: &FindingGroup, state: FindingState) -> bool {
    match state {
        FindingState::Open => matches!(group.state.as_str(), "open" | "overdue"),
        FindingState::Overdue => group.state == "overdue",
        FindingState::Waived => group.state == "waived",
        FindingState::Resolved => group.state == "resolved",
    }
}
