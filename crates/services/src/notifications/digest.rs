//! What each team has open, once a week.

use crate::{
    Authority, PeopleService, PolicyService, ProgressService, ServiceError,
    compliance::{InForce, severity_of},
    grants::NotificationBatch,
};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    compliance::{FindingQuery, Severity},
    notifications::notice::Notice,
};
use claviger_policy::AccessPolicy;
use claviger_store::{NotificationRepository, OverviewRepository, TeamPolicyTally, Transactions};
use std::{collections::BTreeMap, sync::Arc};
use time::{Duration, Time};

/// When on Mondays, in UTC.
pub(crate) const DIGEST_HOUR: Time = time::macros::time!(07:00);

/// The weekly digest.
#[derive(Clone)]
pub struct DigestService {
    pub(crate) notifications: NotificationRepository,
    pub(crate) overview: OverviewRepository,
    pub(crate) transactions: Transactions,
    pub(crate) people_service: PeopleService,
    pub(crate) policy_service: PolicyService,
    pub(crate) progress_service: ProgressService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) access_policy: Arc<AccessPolicy>,
}

impl DigestService {
    /// Tells the people of each team on Monday what fails of theirs, within what they may see. A team of which nothing fails hears nothing.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn send_due_digests(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let monday = now.date() - Duration::days(now.weekday().number_days_from_monday().into());
        if now < monday.with_time(DIGEST_HOUR).assume_utc() {
            return Ok(());
        }
        let people = self.people_service.known_callers().await?;
        let had = self.notifications.digested(monday).await?;
        let due: Vec<&Caller> = people
            .iter()
            .filter(|person| {
                person.may(Permission::ReadFindings) && !had.contains(&person.person.subject)
            })
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let policies = self.policy_service.in_force().await?;
        for person in due {
            let visible = self.authority.within(person, Permission::ReadFindings).await?;
            let rows = self.overview.posture_by_team(&visible).await?;
            let incomplete = self.progress_service.unfinished_evaluation(&visible).await?;
            let mut batch = NotificationBatch::of(people.clone());
            let mut work = self.transactions.begin(now).await?;
            // Another replica may be at it.
            if !work.note_digest(&person.person.subject, monday).await? {
                continue;
            }
            for (team, fails) in self.fails_of(person, &rows, &policies) {
                tell(&mut batch, person, &team, &fails, incomplete.as_deref());
            }
            batch.send(&mut work).await?;
            work.commit().await?;
        }
        Ok(())
    }

    /// What fails of the person's teams, by severity, the gravest first.
    fn fails_of(
        &self,
        person: &Caller,
        rows: &[TeamPolicyTally],
        policies: &[InForce],
    ) -> BTreeMap<String, BTreeMap<Severity, u64>> {
        let mut teams: BTreeMap<String, BTreeMap<Severity, u64>> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.team.is_empty() && row.tally.fail > 0) {
            if person.groups.contains(&self.access_policy.team_of(&row.team)) {
                let severity = severity_of(policies, &row.policy);
                *teams.entry(row.team.clone()).or_default().entry(severity).or_default() +=
                    row.tally.fail;
            }
        }
        teams
    }
}

fn tell(
    batch: &mut NotificationBatch,
    person: &Caller,
    team: &str,
    fails: &BTreeMap<Severity, u64>,
    incomplete: Option<&str>,
) {
    let all: u64 = fails.values().sum();
    let each: Vec<String> = fails.iter().map(|(severity, n)| format!("{n} {severity}")).collect();
    let query = FindingQuery { teams: vec![team.to_owned()], ..FindingQuery::default() };
    let what = if all == 1 { "finding is" } else { "findings are" };
    let notice = Notice {
        kind: "digest".into(),
        grant: None,
        title: format!("This week: {all} {what} open for {team}"),
        body: format!("{}. {}", each.join(", "), incomplete.unwrap_or_default())
            .trim_end()
            .to_owned(),
        link: format!("/findings?{}", query.to_url_query()),
    };
    batch.person(&person.person.subject, notice);
}
