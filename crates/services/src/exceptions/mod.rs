//! Exceptions: one person requests, another approves, and each expires.

mod export;
mod list;
mod transitions;

pub use export::ExceptionExport;

use crate::{
    Authority, PeopleService, PolicyService, ServiceError,
    compliance::{InForce, title_of},
    grants::named,
};
use claviger_domain::{
    VariantArray,
    authz::{AccountLocation, Caller, Permission, Person, VisibleAccounts},
    clock::Clock,
    compliance::triage::FindingRef,
    exceptions::{
        ExceptionId, ExceptionScope, ExceptionState, ExceptionTransition, may_over,
        view::{ExceptionChoice, ExceptionForm, ExceptionRow, ExceptionView},
    },
    ids::{AccountId, ResourceId},
    waits::Waits,
};
use claviger_store::{AccountRepository, ExceptionRepository, Transactions};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::Duration;

/// How long exceptions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExceptionLimits {
    /// None lasts longer.
    pub longest_days: u32,
    /// Each is looked at again after so many days.
    pub review_days: u32,
}

/// Limits that nobody has to configure.
pub const EXCEPTION_LIMITS: ExceptionLimits =
    ExceptionLimits { longest_days: 180, review_days: 30 };

/// What an exception is to be about, as the form's URL says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionSubject {
    /// Empty means every policy.
    pub policy: String,
    pub target: String,
}

fn missing() -> ServiceError {
    ServiceError::NotFound("exception")
}

/// Exceptions: requested, decided, reviewed, expired.
#[derive(Clone)]
pub struct ExceptionService {
    pub(crate) accounts: AccountRepository,
    pub(crate) exceptions: ExceptionRepository,
    pub(crate) transactions: Transactions,
    pub(crate) people_service: PeopleService,
    pub(crate) policy_service: PolicyService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) limits: ExceptionLimits,
}

impl ExceptionService {
    /// Those that this person can decide or has to review, the oldest first; never their own.
    pub(crate) async fn to_decide(
        &self,
        caller: &Caller,
    ) -> Result<Vec<ExceptionRow>, ServiceError> {
        if !caller.may(Permission::DecideException) {
            return Ok(Vec::new());
        }
        let visible = self.authority.where_allowed(caller, Permission::ReadFindings).await?;
        let mut rows = self.exceptions.undecided_exceptions(&visible, self.clock.now()).await?;
        rows.retain(|row| !row.owner.is_same_as(&caller.person));
        if rows.is_empty() {
            return Ok(rows);
        }
        let targets: Vec<&ExceptionScope> = rows.iter().map(|row| &row.target).collect();
        let accounts = self.exceptions.accounts_of_each(&targets).await?;
        let all: BTreeSet<&AccountId> = accounts.iter().flatten().collect();
        let all: Vec<AccountId> = all.into_iter().cloned().collect();
        let locations = self.accounts.locations(&all).await?;
        let decides = |row: &ExceptionRow, of: &[AccountId]| {
            let mut at = locations.iter().filter(|at| of.contains(&at.account)).peekable();
            at.peek().is_some()
                && at.all(|at| may_over(caller, Permission::DecideException, &row.target, at))
        };
        let rows = rows.into_iter().zip(&accounts).filter(|(row, of)| decides(row, of));
        Ok(rows.map(|(row, _)| row).collect())
    }

    /// Rows with the titles of their policies, and who can decide them.
    pub(crate) async fn described(
        &self,
        mut rows: Vec<ExceptionRow>,
    ) -> Result<Vec<ExceptionRow>, ServiceError> {
        if rows.is_empty() {
            return Ok(rows);
        }
        self.name_approvers(&mut rows).await?;
        let policies = self.policy_service.in_force().await?;
        Ok(rows.into_iter().map(|row| titled(row, &policies)).collect())
    }

    /// One of them.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn exception_page(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<ExceptionView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let id: ExceptionId = id.parse().map_err(|_| missing())?;
        let (row, policies) = tokio::try_join!(
            self.exceptions.exception(&visible, id),
            self.policy_service.in_force()
        )?;
        let mut row = row.ok_or_else(missing)?;
        self.count_waiting(std::slice::from_mut(&mut row), &visible).await?;
        self.name_approvers(std::slice::from_mut(&mut row)).await?;
        let (_, locations) = self.reach(&row.target).await?;
        let transitions = ExceptionTransition::VARIANTS
            .iter()
            .copied()
            .filter(|step| row.state.after(*step).is_some() && may(caller, &row, &locations, *step))
            .collect();
        Ok(ExceptionView { row: titled(row, &policies), transitions, as_of: self.clock.now() })
    }

    /// What waits covers nothing yet: it is counted what it would cover, of what the caller may see.
    async fn count_waiting(
        &self,
        rows: &mut [ExceptionRow],
        visible: &VisibleAccounts,
    ) -> Result<(), ServiceError> {
        let mut waiting: Vec<&mut ExceptionRow> =
            rows.iter_mut().filter(|row| row.state == ExceptionState::Waiting).collect();
        let targets: Vec<ExceptionScope> = waiting.iter().map(|row| row.target.clone()).collect();
        let policies: Vec<Option<String>> = waiting.iter().map(|row| row.policy.clone()).collect();
        let accounts =
            self.exceptions.accounts_of_each(&targets.iter().collect::<Vec<_>>()).await?;
        let seen = |of: &Vec<AccountId>| -> Vec<AccountId> {
            of.iter().filter(|account| visible.accounts.contains(account)).cloned().collect()
        };
        let those: Vec<_> = accounts
            .iter()
            .zip(&policies)
            .zip(&targets)
            .map(|((of, policy), target)| (seen(of), policy.as_deref(), target))
            .collect();
        let counts = self.exceptions.count_coverable_each(&those, self.clock.now()).await?;
        for (row, count) in waiting.iter_mut().zip(counts) {
            row.findings = count;
        }
        Ok(())
    }

    /// Names who can decide about what waits, or review it where that is due. The number of questions does not grow with
    /// the rows.
    pub(crate) async fn name_approvers(
        &self,
        rows: &mut [ExceptionRow],
    ) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let mut waiting: Vec<&mut ExceptionRow> = rows
            .iter_mut()
            .filter(|row| row.state == ExceptionState::Waiting || row.is_due(now))
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let targets: Vec<ExceptionScope> = waiting.iter().map(|row| row.target.clone()).collect();
        let accounts =
            self.exceptions.accounts_of_each(&targets.iter().collect::<Vec<_>>()).await?;
        let all: BTreeSet<&AccountId> = accounts.iter().flatten().collect();
        let all: Vec<AccountId> = all.into_iter().cloned().collect();
        let (locations, people) = tokio::try_join!(
            async { Ok(self.accounts.locations(&all).await?) },
            self.people_service.known_callers()
        )?;
        for (row, of) in waiting.iter_mut().zip(&accounts) {
            let at: Vec<&AccountLocation> =
                locations.iter().filter(|at| of.contains(&at.account)).collect();
            let who = approvers(&people, &row.owner, &row.target, &at);
            row.waits = Some(if row.state == ExceptionState::Waiting {
                Waits::Approval(who)
            } else {
                Waits::Review(who)
            });
        }
        Ok(())
    }

    /// What the form for a new one says. Nothing is written.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn exception_form(
        &self,
        caller: &Caller,
        about: &ExceptionSubject,
    ) -> Result<ExceptionForm, ServiceError> {
        let asked = self.about(caller, about).await?;
        let mut targets = vec![asked.target.clone()];
        if let (ExceptionScope::Resource(_), Some(location)) =
            (&asked.target, asked.locations.first())
        {
            targets.push(ExceptionScope::Account(location.account.clone()));
            // The root's own policy is the Organization's.
            let units = location.units.iter().rev().filter(|(_, path)| !path.is_empty());
            targets.extend(units.map(|(id, _)| ExceptionScope::Ou(id.clone())));
            targets.push(ExceptionScope::Organization);
        } else {
            let visible = self.authority.within(caller, Permission::RequestException).await?;
            let units = self.accounts.visible_ous(&visible).await?;
            targets.extend(units.into_iter().map(|ou| ExceptionScope::Ou(ou.id)));
        }
        let mut named: Vec<(ExceptionScope, String)> = Vec::new();
        for target in targets {
            let mut locations = asked.locations.iter();
            let is_open = locations
                .any(|p| may_over(caller, Permission::RequestException, &target, p))
                && named.iter().all(|(known, _)| *known != target)
                && (asked.policy.is_some() || matches!(target, ExceptionScope::Resource(_)));
            if !is_open {
                continue;
            }
            if let Some(name) = self.exceptions.target_name(&target).await? {
                named.push((target, name));
            }
        }
        let now = self.clock.now();
        let today = now.date();
        let findings = self
            .exceptions
            .count_coverable(&asked.accounts, asked.policy.as_deref(), &asked.target, now)
            .await?;
        let people = self.people_service.known_callers().await?;
        let locations: Vec<&AccountLocation> = asked.locations.iter().collect();
        Ok(ExceptionForm {
            approvers: approvers(&people, &caller.person, &asked.target, &locations),
            policy: asked.policy,
            policy_title: asked.policy_title,
            target: asked.target,
            target_name: asked.target_name,
            targets: named,
            findings,
            days: (today, today.saturating_add(Duration::days(self.limits.longest_days.into()))),
        })
    }

    /// The exceptions that selected findings need: one for each policy and account.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn exception_choices(
        &self,
        caller: &Caller,
        findings: &[FindingRef],
    ) -> Result<Vec<ExceptionChoice>, ServiceError> {
        let visible = self.authority.within(caller, Permission::RequestException).await?;
        let ids: BTreeSet<ResourceId> = findings.iter().map(|one| one.resource).collect();
        let ids: Vec<ResourceId> = ids.into_iter().collect();
        let (places, policies) = tokio::try_join!(
            self.exceptions.places_of(&visible.accounts, &ids),
            self.policy_service.in_force()
        )?;
        let mut groups: BTreeMap<(&str, &AccountId), (&str, Vec<ResourceId>)> = BTreeMap::new();
        for (id, account, name) in &places {
            for one in findings.iter().filter(|one| one.resource == *id) {
                let group = groups
                    .entry((one.policy.as_str(), account))
                    .or_insert((name.as_str(), Vec::new()));
                group.1.push(*id);
            }
        }
        let choices = groups.into_iter().filter_map(|((policy, _), (name, ids))| {
            let known = policies.iter().find(|known| known.policy.id == policy)?;
            Some(ExceptionChoice {
                policy: policy.to_owned(),
                policy_title: known.policy.title.clone(),
                account_name: name.to_owned(),
                target: ExceptionScope::named(ids)?,
            })
        });
        Ok(choices.collect())
    }

    /// The accounts of a target, and where they stand.
    async fn reach(
        &self,
        target: &ExceptionScope,
    ) -> Result<(Vec<AccountId>, Vec<AccountLocation>), ServiceError> {
        let accounts = self.exceptions.accounts_of(target).await?;
        let locations = self.accounts.locations(&accounts).await?;
        Ok((accounts, locations))
    }

    /// What the form is about, where the caller may ask for it.
    async fn about(
        &self,
        caller: &Caller,
        about: &ExceptionSubject,
    ) -> Result<Asked, ServiceError> {
        if !caller.may(Permission::RequestException) {
            return Err(ServiceError::Forbidden(Permission::RequestException));
        }
        let target: ExceptionScope = about.target.parse().map_err(|_| {
            ServiceError::Invalid(
                "what it reaches: resource:<id>, resources:<id>,<id>, account:<id>, ou:<id> or organization",
            )
        })?;
        let gone = || ServiceError::NotFound("place for an exception");
        let (accounts, locations) = self.reach(&target).await?;
        let may_ask = !locations.is_empty()
            && locations.iter().all(|p| may_over(caller, Permission::RequestException, &target, p));
        if !may_ask {
            // What lies outside one's scope is not there.
            return Err(gone());
        }
        let named = target.resources();
        let places = self.exceptions.places_of(&accounts, named).await?;
        if places.len() != named.len() {
            // Of another account, or gone.
            return Err(gone());
        }
        let target_name = self.exceptions.target_name(&target).await?.ok_or_else(gone)?;
        let policy = (!about.policy.is_empty()).then(|| about.policy.clone());
        if policy.is_none() && !matches!(target, ExceptionScope::Resource(_)) {
            return Err(ServiceError::Invalid(
                "a policy: only of one secret or parameter can every policy be waived",
            ));
        }
        let policies = self.policy_service.in_force().await?;
        let policy_title = match &policy {
            None => None,
            Some(id) => {
                let found = policies.iter().find(|found| found.policy.id == *id);
                Some(found.ok_or(ServiceError::NotFound("policy"))?.policy.title.clone())
            }
        };
        Ok(Asked { policy, policy_title, target, target_name, accounts, locations })
    }
}

/// What an exception is to be about, understood.
struct Asked {
    policy: Option<String>,
    policy_title: Option<String>,
    target: ExceptionScope,
    target_name: String,
    accounts: Vec<AccountId>,
    locations: Vec<AccountLocation>,
}

/// Who can approve or review an exception over these places, by name; never who asks for it.
fn approvers(
    people: &[Caller],
    owner: &Person,
    target: &ExceptionScope,
    locations: &[&AccountLocation],
) -> Vec<String> {
    named(people.iter().filter(|person| {
        !locations.is_empty()
            && locations.iter().all(|at| may_over(person, Permission::DecideException, target, at))
            && !person.person.is_same_as(owner)
    }))
}

/// Whether the caller may do this to it. In which state it is, is asked elsewhere.
fn may(
    caller: &Caller,
    row: &ExceptionRow,
    locations: &[AccountLocation],
    step: ExceptionTransition,
) -> bool {
    let is_owner = row.owner.is_same_as(&caller.person);
    let decides = !locations.is_empty()
        && locations.iter().all(|p| may_over(caller, Permission::DecideException, &row.target, p));
    match step {
        ExceptionTransition::Approve | ExceptionTransition::Deny | ExceptionTransition::Review => {
            decides && !is_owner
        }
        ExceptionTransition::Withdraw => is_owner,
        ExceptionTransition::End => is_owner || decides,
    }
}

fn titled(mut row: ExceptionRow, policies: &[InForce]) -> ExceptionRow {
    row.policy_title = row.policy.as_ref().map(|id| title_of(policies, id));
    row
}
