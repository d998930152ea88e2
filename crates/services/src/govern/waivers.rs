//! Exceptions: somebody asks, somebody else approves, and the day comes on which each is over.

use super::{InForce, noted};
use crate::{
    ServiceError, Services,
    access::{Told, named},
};
use claviger_domain::{
    access::{Caller, Permission, Person, Place, VisibleAccounts},
    audit::{Deed, NewEntry},
    grant::{notice::Notice, sentence},
    ids::AccountId,
    job::Job,
    waits::Waits,
    waiver::{
        Target, WaiverId, WaiverMove, WaiverState, may_over,
        view::{Said, WaiverForm, WaiverPage, WaiverRow, WaiversPage},
    },
};
use claviger_store::{NewWaiver, Work};
use std::collections::BTreeSet;
use time::{Date, Duration};

/// How long exceptions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaiverLimits {
    /// None lasts longer.
    pub longest_days: u32,
    /// Each is looked at again after so many days.
    pub review_days: u32,
}

/// Limits that nobody has to configure.
pub const WAIVER_LIMITS: WaiverLimits = WaiverLimits { longest_days: 180, review_days: 30 };

/// How long before its end the owner is told.
const WARNING: Duration = Duration::days(14);

/// What an exception is to be about, as the form's URL says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverAbout {
    /// Empty means every policy.
    pub policy: String,
    pub target: String,
}

fn missing() -> ServiceError {
    ServiceError::NotFound("exception")
}

impl Services {
    /// The same services with other limits of exceptions.
    #[must_use]
    pub fn with_waiver_limits(self, waivers: WaiverLimits) -> Self {
        Self { waivers, ..self }
    }

    /// Those that reach what the caller may see.
    pub async fn waivers(&self, caller: &Caller) -> Result<WaiversPage, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let (mut rows, policies) = tokio::try_join!(self.store.waivers(&visible), self.in_force())?;
        self.count_waiting(&mut rows, &visible).await?;
        self.name_deciders(&mut rows).await?;
        let rows = rows.into_iter().map(|row| titled(row, &policies)).collect();
        Ok(WaiversPage { rows, as_of: self.clock.now() })
    }

    /// One of them.
    pub async fn waiver_page(&self, caller: &Caller, id: &str) -> Result<WaiverPage, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let id: WaiverId = id.parse().map_err(|_| missing())?;
        let (row, policies) = tokio::try_join!(self.store.waiver(&visible, id), self.in_force())?;
        let mut row = row.ok_or_else(missing)?;
        self.count_waiting(std::slice::from_mut(&mut row), &visible).await?;
        self.name_deciders(std::slice::from_mut(&mut row)).await?;
        let (_, places) = self.reach(&row.target).await?;
        let moves = WaiverMove::ALL
            .iter()
            .copied()
            .filter(|step| row.state.after(*step).is_some() && may(caller, &row, &places, *step))
            .collect();
        Ok(WaiverPage { row: titled(row, &policies), moves, as_of: self.clock.now() })
    }

    /// What waits covers nothing yet: it is counted what it would cover, of what the caller may see.
    async fn count_waiting(
        &self,
        rows: &mut [WaiverRow],
        visible: &VisibleAccounts,
    ) -> Result<(), ServiceError> {
        let mut waiting: Vec<&mut WaiverRow> =
            rows.iter_mut().filter(|row| row.state == WaiverState::Waiting).collect();
        let targets: Vec<Target> = waiting.iter().map(|row| row.target.clone()).collect();
        let policies: Vec<Option<String>> = waiting.iter().map(|row| row.policy.clone()).collect();
        let accounts = self.store.accounts_of_each(&targets.iter().collect::<Vec<_>>()).await?;
        let seen = |of: &Vec<AccountId>| -> Vec<AccountId> {
            of.iter().filter(|account| visible.accounts.contains(account)).cloned().collect()
        };
        let those: Vec<_> = accounts
            .iter()
            .zip(&policies)
            .zip(&targets)
            .map(|((of, policy), target)| (seen(of), policy.as_deref(), target))
            .collect();
        let counts = self.store.count_bearable_each(&those, self.clock.now()).await?;
        for (row, count) in waiting.iter_mut().zip(counts) {
            row.findings = count;
        }
        Ok(())
    }

    /// Names who can decide about what waits, or review it where that is due. The number of questions does not grow with
    /// the rows.
    pub(crate) async fn name_deciders(&self, rows: &mut [WaiverRow]) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let mut waiting: Vec<&mut WaiverRow> = rows
            .iter_mut()
            .filter(|row| row.state == WaiverState::Waiting || row.is_due(now))
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let targets: Vec<Target> = waiting.iter().map(|row| row.target.clone()).collect();
        let accounts = self.store.accounts_of_each(&targets.iter().collect::<Vec<_>>()).await?;
        let all: BTreeSet<&AccountId> = accounts.iter().flatten().collect();
        let all: Vec<AccountId> = all.into_iter().cloned().collect();
        let (places, people) =
            tokio::try_join!(async { Ok(self.store.places(&all).await?) }, self.known_callers())?;
        for (row, of) in waiting.iter_mut().zip(&accounts) {
            let at: Vec<&Place> = places.iter().filter(|at| of.contains(&at.account)).collect();
            let who = deciders(&people, &row.owner, &row.target, &at);
            row.waits = Some(if row.state == WaiverState::Waiting {
                Waits::Approval(who)
            } else {
                Waits::Review(who)
            });
        }
        Ok(())
    }

    /// What the form for a new one says. Nothing is written.
    pub async fn waiver_form(
        &self,
        caller: &Caller,
        about: &WaiverAbout,
    ) -> Result<WaiverForm, ServiceError> {
        let asked = self.about(caller, about).await?;
        let mut targets = vec![asked.target.clone()];
        if let (Target::Resource(_), Some(place)) = (&asked.target, asked.places.first()) {
            targets.push(Target::Account(place.account.clone()));
            // The root's own policy is the Organization's.
            let units = place.units.iter().rev().filter(|(_, path)| !path.is_empty());
            targets.extend(units.map(|(id, _)| Target::Ou(id.clone())));
            targets.push(Target::Organization);
        } else {
            let visible = self.authority().within(caller, Permission::RequestWaiver).await?;
            let units = self.store.visible_ous(&visible).await?;
            targets.extend(units.into_iter().map(|ou| Target::Ou(ou.id)));
        }
        let mut named: Vec<(Target, String)> = Vec::new();
        for target in targets {
            let mut places = asked.places.iter();
            let is_open = places.any(|p| may_over(caller, Permission::RequestWaiver, &target, p))
                && named.iter().all(|(known, _)| *known != target)
                && (asked.policy.is_some() || matches!(target, Target::Resource(_)));
            if !is_open {
                continue;
            }
            if let Some(name) = self.store.target_name(&target).await? {
                named.push((target, name));
            }
        }
        let now = self.clock.now();
        let today = now.date();
        let findings = self
            .store
            .count_bearable(&asked.accounts, asked.policy.as_deref(), &asked.target, now)
            .await?;
        let people = self.known_callers().await?;
        let places: Vec<&Place> = asked.places.iter().collect();
        Ok(WaiverForm {
            deciders: deciders(&people, &caller.person, &asked.target, &places),
            policy: asked.policy,
            policy_title: asked.policy_title,
            target: asked.target,
            target_name: asked.target_name,
            targets: named,
            findings,
            days: (today, today.saturating_add(Duration::days(self.waivers.longest_days.into()))),
        })
    }

    /// Asks for one. `until` is its last day, in UTC; it is over when that day is.
    pub async fn ask_waiver(
        &self,
        caller: &Caller,
        about: &WaiverAbout,
        reason: &str,
        until: &str,
    ) -> Result<WaiverId, ServiceError> {
        let asked = self.about(caller, about).await?;
        let reason =
            sentence(reason).ok_or(ServiceError::Invalid("a reason of 1 to 1,000 characters"))?;
        let until =
            Date::parse(until.trim(), time::macros::format_description!("[year]-[month]-[day]"))
                .map_err(|_| {
                    ServiceError::Invalid("the last day of the exception, such as 2027-01-31")
                })?;
        let now = self.clock.now();
        let ends_at = until.next_day().unwrap_or(until).midnight().assume_utc();
        if ends_at <= now {
            return Err(ServiceError::Invalid("a last day that has not passed"));
        }
        if ends_at - now > Duration::days(i64::from(self.waivers.longest_days) + 1) {
            return Err(ServiceError::conflict(
                format!("An exception lasts at most {} days.", self.waivers.longest_days),
                "Choose an earlier day; it can be asked for again then.",
            ));
        }
        let (services, person) = (self.clone(), caller.person.clone());
        Self::unhurried(
            async move { services.write_waiver(&asked, &person, &reason, ends_at).await },
        )
        .await
    }

    /// Moves one on.
    pub async fn move_waiver(
        &self,
        caller: &Caller,
        id: &str,
        step: WaiverMove,
        note: &str,
    ) -> Result<WaiverState, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let id: WaiverId = id.parse().map_err(|_| missing())?;
        let row = self.store.waiver_uncounted(&visible, id).await?.ok_or_else(missing)?;
        // What it reaches never changes, so it is read before the transaction begins.
        let reached = self.reach(&row.target).await?;
        let note = noted(note)?;
        if note.is_none() && matches!(step, WaiverMove::Deny | WaiverMove::End) {
            return Err(ServiceError::Invalid("a reason: its owner will read it"));
        }
        let (services, caller) = (self.clone(), caller.clone());
        Self::unhurried(
            async move { services.moved_waiver(&caller, id, &reached, step, note).await },
        )
        .await
    }

    /// Ends what is over, and tells owners what soon will be.
    pub async fn keep_waivers(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let due = self.store.waivers_due(now, now + WARNING).await?;
        if due.is_empty() {
            return Ok(());
        }
        let people = self.known_callers().await?;
        for (id, target) in due {
            let mut told = Told::of(people.clone());
            let accounts = self.store.accounts_of(&target).await?;
            let mut work = self.store.begin(now).await?;
            let Some(row) = work.lock_waiver(id).await? else { continue };
            if row.state.is_over() {
                continue;
            }
            if row.ends_at <= now {
                let was_waiting = row.state == WaiverState::Waiting;
                work.move_waiver(id, WaiverState::Expired, None, None).await?;
                work.audit(NewEntry::done(None, Deed::ExpireWaiver, id));
                judge_anew(&mut work, &accounts).await?;
                let body = if was_waiting {
                    "Nobody has decided about it in time."
                } else {
                    "Its day has come: what it bore counts again."
                };
                tell_owner(&mut told, &row, "waiver-expired", "Exception over", body.into());
            } else {
                work.warn_waiver(id).await?;
                let body = format!("Its last day is near: {}.", row.ends_at.date());
                tell_owner(&mut told, &row, "waiver-ends-soon", "Exception ends soon", body);
            }
            told.send(&mut work).await?;
            work.commit().await?;
        }
        Ok(())
    }

    async fn write_waiver(
        &self,
        asked: &Asked,
        owner: &Person,
        reason: &str,
        ends_at: time::OffsetDateTime,
    ) -> Result<WaiverId, ServiceError> {
        let mut told = self.told().await?;
        let mut work = self.store.begin(self.clock.now()).await?;
        let new = NewWaiver {
            policy: asked.policy.as_deref(),
            target: &asked.target,
            reason,
            owner,
            ends_at,
        };
        let id = work.insert_waiver(&new).await?;
        work.audit(
            NewEntry::done(Some(owner), Deed::RequestWaiver, id)
                .with_some("policy", asked.policy.as_ref())
                .with("target", &asked.target)
                .with("ends_at", ends_at)
                .with("reason", reason),
        );
        let about = asked.policy_title.as_deref().unwrap_or("Every policy");
        let notice = Notice {
            kind: "waiver-waits".into(),
            grant: None,
            title: format!("{} asks for an exception: {about}, {}", owner.name, asked.target_name),
            body: format!("{reason} Your approval is needed."),
            link: format!("/exceptions/{id}"),
        };
        told.those(&notice, |person| {
            let decides = asked
                .places
                .iter()
                .all(|place| may_over(person, Permission::DecideWaiver, &asked.target, place));
            decides && !person.person.is_same_as(owner)
        });
        told.channel(notice);
        told.send(&mut work).await?;
        work.commit().await?;
        Ok(id)
    }

    async fn moved_waiver(
        &self,
        caller: &Caller,
        id: WaiverId,
        (accounts, places): &(Vec<AccountId>, Vec<Place>),
        step: WaiverMove,
        note: Option<String>,
    ) -> Result<WaiverState, ServiceError> {
        let mut told = self.told().await?;
        let now = self.clock.now();
        let mut work = self.store.begin(now).await?;
        let row = work.lock_waiver(id).await?.ok_or_else(missing)?;
        let is_owner = row.owner.is_same_as(&caller.person);
        if is_owner && matches!(step, WaiverMove::Approve | WaiverMove::Review) {
            return Err(ServiceError::conflict(
                "Your own exception is approved and reviewed by somebody else.",
                "Ask another person who may decide about exceptions there.",
            ));
        }
        if !may(caller, &row, places, step) {
            return Err(ServiceError::Forbidden(Permission::DecideWaiver));
        }
        let next = row.state.after(step).filter(|_| row.ends_at > now).ok_or_else(|| {
            ServiceError::conflict(
                format!("The exception is {} now.", row.state),
                "Load the page again to see where it stands.",
            )
        })?;
        let said = Said { by: caller.person.clone(), note: note.clone(), at: now };
        let review_at = (next == WaiverState::Approved)
            .then(|| now + Duration::days(self.waivers.review_days.into()));
        let is_review = step == WaiverMove::Review;
        work.move_waiver(id, next, Some((step, &said)), review_at).await?;
        let (deed, title) = match step {
            WaiverMove::Approve => (Deed::ApproveWaiver, "Exception approved"),
            WaiverMove::Deny => (Deed::DenyWaiver, "Exception denied"),
            WaiverMove::Withdraw => (Deed::WithdrawWaiver, "Exception withdrawn"),
            WaiverMove::Review => (Deed::ReviewWaiver, "Exception reviewed"),
            WaiverMove::End => (Deed::EndWaiver, "Exception ended"),
        };
        work.audit(NewEntry::done(Some(&caller.person), deed, id).with_some("note", note.as_ref()));
        if !is_review {
            judge_anew(&mut work, accounts).await?;
        }
        if !is_owner {
            let body = note.unwrap_or_else(|| format!("By {}.", caller.person.name));
            tell_owner(&mut told, &row, "waiver-decided", title, body);
        }
        told.send(&mut work).await?;
        work.commit().await?;
        Ok(next)
    }

    /// The accounts of a target, and where they stand.
    async fn reach(&self, target: &Target) -> Result<(Vec<AccountId>, Vec<Place>), ServiceError> {
        let accounts = self.store.accounts_of(target).await?;
        let places = self.store.places(&accounts).await?;
        Ok((accounts, places))
    }

    /// What the form is about, where the caller may ask for it.
    async fn about(&self, caller: &Caller, about: &WaiverAbout) -> Result<Asked, ServiceError> {
        if !caller.may(Permission::RequestWaiver) {
            return Err(ServiceError::Forbidden(Permission::RequestWaiver));
        }
        let target: Target = about.target.parse().map_err(|_| {
            ServiceError::Invalid(
                "what it reaches: resource:<id>, account:<id>, ou:<id> or organization",
            )
        })?;
        let gone = || ServiceError::NotFound("place for an exception");
        let (accounts, places) = self.reach(&target).await?;
        let may_ask = !places.is_empty()
            && places.iter().all(|p| may_over(caller, Permission::RequestWaiver, &target, p));
        if !may_ask {
            // What lies outside one's scope is not there.
            return Err(gone());
        }
        let target_name = self.store.target_name(&target).await?.ok_or_else(gone)?;
        let policy = (!about.policy.is_empty()).then(|| about.policy.clone());
        if policy.is_none() && !matches!(target, Target::Resource(_)) {
            return Err(ServiceError::Invalid(
                "a policy: only of one secret or parameter can every policy be waived",
            ));
        }
        let policies = self.in_force().await?;
        let policy_title = match &policy {
            None => None,
            Some(id) => {
                let found = policies.iter().find(|found| found.policy.id == *id);
                Some(found.ok_or(ServiceError::NotFound("policy"))?.policy.title.clone())
            }
        };
        Ok(Asked { policy, policy_title, target, target_name, accounts, places })
    }
}

/// What an exception is to be about, understood.
struct Asked {
    policy: Option<String>,
    policy_title: Option<String>,
    target: Target,
    target_name: String,
    accounts: Vec<AccountId>,
    places: Vec<Place>,
}

/// Has what it reaches judged again.
async fn judge_anew(work: &mut Work, accounts: &[AccountId]) -> Result<(), ServiceError> {
    for account in accounts {
        work.enqueue(&Job::Evaluate { account: account.clone() }).await?;
    }
    Ok(())
}

/// Who can approve or review an exception over these places, by name; never who asks for it.
fn deciders(people: &[Caller], owner: &Person, target: &Target, places: &[&Place]) -> Vec<String> {
    named(people.iter().filter(|person| {
        !places.is_empty()
            && places.iter().all(|at| may_over(person, Permission::DecideWaiver, target, at))
            && !person.person.is_same_as(owner)
    }))
}

/// Whether the caller may do this to it. In which state it is, is asked elsewhere.
fn may(caller: &Caller, row: &WaiverRow, places: &[Place], step: WaiverMove) -> bool {
    let is_owner = row.owner.is_same_as(&caller.person);
    let decides = !places.is_empty()
        && places.iter().all(|p| may_over(caller, Permission::DecideWaiver, &row.target, p));
    match step {
        WaiverMove::Approve | WaiverMove::Review => decides && !is_owner,
        WaiverMove::Deny => decides,
        WaiverMove::Withdraw => is_owner,
        WaiverMove::End => is_owner || decides,
    }
}

fn tell_owner(told: &mut Told, row: &WaiverRow, kind: &str, title: &str, body: String) {
    let notice = Notice {
        kind: kind.into(),
        grant: None,
        title: format!("{title}: {}", row.target_name),
        body,
        link: format!("/exceptions/{}", row.id),
    };
    told.person(&row.owner.subject, notice);
}

fn titled(mut row: WaiverRow, policies: &[InForce]) -> WaiverRow {
    row.policy_title = row.policy.as_ref().map(|id| {
        let found = policies.iter().find(|found| found.policy.id == *id);
        found.map_or_else(|| format!("{id} (retired)"), |found| found.policy.title.clone())
    });
    row
}
