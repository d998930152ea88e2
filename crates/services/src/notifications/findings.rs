//! What is told of findings: those that are new, and those whose day has passed.

use crate::{EvaluationService, compliance::InForce, grants::NotificationBatch};
use claviger_domain::{
    authz::{AccountLocation, Permission},
    compliance::{FindingQuery, FindingState, Mode},
    notifications::notice::Notice,
};
use claviger_store::{EvaluationChange, FindingSummary};

impl EvaluationService {
    /// Tells the channel, and each team of its own, under policies whose mode is not to observe.
    pub(crate) fn notify_findings(
        &self,
        batch: &mut NotificationBatch,
        policies: &[InForce],
        change: &EvaluationChange,
        location: &AccountLocation,
    ) {
        for InForce { policy, .. } in policies.iter().filter(|p| p.policy.mode != Mode::Observe) {
            for (kind, news) in [(Kind::New, &change.opened), (Kind::Overdue, &change.overdue)] {
                let own: Vec<&FindingSummary> =
                    news.iter().filter(|n| n.policy == policy.id).collect();
                if own.is_empty() {
                    continue;
                }
                let title = |count: u64| {
                    let what = kind.what(count);
                    format!(
                        "{what} ({}): {}, {}",
                        policy.severity, policy.title, location.account_name
                    )
                };
                let query = |teams: Vec<String>| FindingQuery {
                    policies: vec![policy.id.clone()],
                    accounts: vec![location.account.clone()],
                    teams,
                    days: (kind == Kind::New).then_some(1),
                    states: if kind == Kind::New { vec![] } else { vec![FindingState::Overdue] },
                    ..FindingQuery::default()
                };
                let notice = |count: u64, names: &[&str], teams: Vec<String>| Notice {
                    kind: kind.word().into(),
                    grant: None,
                    title: title(count),
                    body: said(count, names),
                    link: format!("/findings?{}", query(teams).to_url_query()),
                };
                for team in &own {
                    let Some(owner) = &team.team else { continue };
                    let group = self.access_policy.team_of(owner);
                    let names: Vec<&str> = team.names.iter().map(String::as_str).collect();
                    let notice = notice(team.count, &names, vec![owner.clone()]);
                    batch.notify_where(&notice, |person| {
                        person.groups.contains(&group)
                            && person.may_at(Permission::ReadFindings, location)
                    });
                }
                let names = own.iter().flat_map(|team| &team.names).map(String::as_str);
                let names: Vec<&str> = names.take(3).collect();
                batch.channel(notice(own.iter().map(|team| team.count).sum(), &names, Vec::new()));
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Overdue,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::New => "findings-new",
            Self::Overdue => "findings-overdue",
        }
    }

    fn what(self, count: u64) -> String {
        match (self, count) {
            (Self::New, 1) => "A new finding".into(),
            (Self::New, _) => format!("{count} new findings"),
            (Self::Overdue, 1) => "A finding is overdue".into(),
            (Self::Overdue, _) => format!("{count} findings are overdue"),
        }
    }
}

/// `a, b, c and 4 more.`
fn said(count: u64, names: &[&str]) -> String {
    let more = count.saturating_sub(u64::try_from(names.len()).unwrap_or(u64::MAX));
    let names = names.join(", ");
    if more > 0 { format!("{names} and {more} more.") } else { format!("{names}.") }
}
