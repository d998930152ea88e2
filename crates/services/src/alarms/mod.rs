//! Alarms: raised by events, listed, closed, and tested.

mod check;
mod raise;

pub(crate) use check::AlarmCheckService;

use crate::{
    Authority, Installation, PeopleService, ServiceError, compliance::parse_comment,
    uncancelled::uncancelled,
};
use claviger_domain::{
    alarms::{
        ALARM_ROWS, AlarmId, AlarmQuery,
        check::{AlarmCheck, AlarmPart, PartState},
        rules::AlarmRules,
        view::{AlarmChecksView, AlarmPlace, AlarmsView},
    },
    audit::{AuditAction, NewEntry},
    authz::{AccountLocation, Caller, Permission},
    clock::Clock,
    error_line::ErrorLine,
    ids::{AccountId, Region},
};
use claviger_gateways::ReadinessGateway;
use claviger_policy::AccessPolicy;
use claviger_store::{AccountRepository, AlarmRepository, NewAlarmTest, Transactions};
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// Alarms, and whether they can fire.
#[derive(Clone)]
pub struct AlarmService {
    pub(crate) accounts: AccountRepository,
    pub(crate) alarms: AlarmRepository,
    pub(crate) transactions: Transactions,
    pub(crate) check_service: AlarmCheckService,
    pub(crate) people_service: PeopleService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) readiness_gateway: Arc<dyn ReadinessGateway>,
    pub(crate) authority: Authority,
    pub(crate) access_policy: Arc<AccessPolicy>,
    pub(crate) installation: Arc<Installation>,
    pub(crate) rules: Arc<AlarmRules>,
}

impl AlarmService {
    /// The alarms within the caller's scope, the newest first, as the URL asks for them.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn alarms(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<AlarmsView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let query: AlarmQuery = url_query.parse()?;
        let ((mut rows, next), locations, checks) = tokio::try_join!(
            async { Ok(self.alarms.alarms(&visible, &query, ALARM_ROWS).await?) },
            async { Ok(self.accounts.locations(&visible.accounts).await?) },
            self.check_service.checks(&visible, None),
        )?;
        let place = |account: &AccountId| locations.iter().find(|one| one.account == *account);
        for row in &mut rows {
            let may = place(&row.account)
                .is_some_and(|location| caller.may_at(Permission::TriageFindings, location));
            row.can_close = row.closed.is_none() && may;
        }
        let needed = || checks.iter().filter(|check| check.is_needed);
        let count = |state: PartState| {
            needed().filter(|check| verdict(check) == state).count().try_into().unwrap_or(u64::MAX)
        };
        let mut accounts: Vec<(AccountId, String)> =
            locations.iter().map(|one| (one.account.clone(), one.account_name.clone())).collect();
        accounts.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(AlarmsView {
            query,
            rows,
            next,
            reads_events: self.installation.reads_events(),
            accounts,
            failing_rules: count(PartState::Fail),
            unknown_rules: count(PartState::Unknown),
            rules: needed().count().try_into().unwrap_or(u64::MAX),
            as_of: self.clock.now(),
        })
    }

    /// Whether alarms can fire, in every account and Region within the caller's scope.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn alarm_checks(&self, caller: &Caller) -> Result<AlarmChecksView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadAccounts).await?;
        let (places, locations, checks) = tokio::try_join!(
            async { Ok(self.alarms.alarm_places(&visible).await?) },
            async { Ok(self.accounts.locations(&visible.accounts).await?) },
            self.check_service.checks(&visible, None),
        )?;
        let mut by_place: BTreeMap<(AccountId, Region), Vec<AlarmCheck>> = BTreeMap::new();
        for check in checks {
            by_place.entry((check.account.clone(), check.region.clone())).or_default().push(check);
        }
        let mut places: Vec<AlarmPlace> = places
            .into_iter()
            .map(|(account, region)| {
                let location = locations.iter().find(|one| one.account == account);
                AlarmPlace {
                    checks: by_place.remove(&(account.clone(), region.clone())).unwrap_or_default(),
                    account_name: location.map_or_else(String::new, |it| it.account_name.clone()),
                    can_test: location.is_some_and(|it| caller.may_at(Permission::Remediate, it)),
                    account,
                    region,
                }
            })
            .collect();
        places.sort_by_key(|place| {
            (urgency(place), place.account_name.clone(), place.region.clone())
        });
        Ok(AlarmChecksView {
            reads_events: self.installation.reads_events(),
            places,
            as_of: self.clock.now(),
        })
    }

    /// Closes an alarm, with what came of it. Later events raise a new one.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn close_alarm(
        &self,
        caller: &Caller,
        id: &str,
        note: &str,
    ) -> Result<(), ServiceError> {
        let visible = self.authority.within(caller, Permission::TriageFindings).await?;
        let missing = || ServiceError::NotFound("alarm");
        let id: AlarmId = id.parse().map_err(|_| missing())?;
        let alarm = self.alarms.alarm(&visible, id).await?.ok_or_else(missing)?;
        let note = parse_comment(note)?
            .ok_or(ServiceError::Invalid("a note: what it was, and what was done"))?;
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let mut work = service.transactions.begin(service.clock.now()).await?;
            if !work.close_alarm(id, &person, &note).await? {
                return Err(ServiceError::conflict(
                    "The alarm is closed already.",
                    "Reload the page to see by whom.",
                ));
            }
            work.audit(
                NewEntry::done(Some(&person), AuditAction::CloseAlarm, id)
                    .with("kind", alarm.kind)
                    .with("account", &alarm.account)
                    .with_some("resource", alarm.name.as_ref())
                    .with("note", &note),
            );
            work.commit().await?;
            Ok(())
        })
        .await
    }

    /// Checks the rules of an account and Region now, and sends each a test event. Whether these arrive is known later.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn test_alarms(
        &self,
        caller: &Caller,
        account: &str,
        region: &str,
    ) -> Result<(), ServiceError> {
        let visible = self.authority.within(caller, Permission::Remediate).await?;
        let missing = || ServiceError::NotFound("account");
        let account: AccountId = account.parse().map_err(|_| missing())?;
        let region: Region = region.parse().map_err(|_| ServiceError::NotFound("Region"))?;
        let location = self.location(&account).await?.ok_or_else(missing)?;
        if !caller.may_at(Permission::Remediate, &location) {
            return Err(ServiceError::Forbidden(Permission::Remediate));
        }
        let places = self.alarms.alarm_places(&visible).await?;
        if !places.contains(&(account.clone(), region.clone())) {
            return Err(ServiceError::NotFound("Region"));
        }
        if !self.installation.reads_events() {
            return Err(ServiceError::conflict(
                "Claviger reads no queue of events, so no test event can arrive.",
                "Set event_queue_url, and restart.",
            ));
        }
        uncancelled(self, caller, move |service, caller| async move {
            service.tested(&caller, &account, &region).await
        })
        .await
    }

    async fn tested(
        &self,
        caller: &Caller,
        account: &AccountId,
        region: &Region,
    ) -> Result<(), ServiceError> {
        let trails = self.readiness_gateway.trails(account, region).await;
        self.check_service.check(account, region, trails.as_deref()).await?;
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let mut tests = Vec::new();
        for rule in claviger_domain::VariantArray::VARIANTS {
            let token: Uuid = self
                .transactions
                .new_token()
                .parse()
                .map_err(|_| ServiceError::Invalid("an id"))?;
            tests.push(NewAlarmTest { rule: *rule, token });
        }
        work.begin_alarm_tests(account, region, &caller.person, &tests).await?;
        let entry = NewEntry::started(Some(&caller.person), AuditAction::TestAlarms, account)
            .with("region", region)
            .with("events", tests.len());
        work.audit(entry.clone());
        let started = work.commit().await?.last().copied().unwrap_or_default();
        let mut failures = Vec::new();
        for NewAlarmTest { rule, token } in tests {
            if let Err(error) = self.check_service.send(account, region, rule, token).await {
                tracing::warn!(error = %ErrorLine(&error), "a test event cannot be sent");
                failures.push((token, error.read_failure()));
            }
        }
        let mut work = self.transactions.begin(self.clock.now()).await?;
        for (token, why) in &failures {
            work.fail_alarm_test(*token, &why.to_string()).await?;
        }
        let why = failures.first().map(|(_, why)| why.to_string());
        work.audit(entry.completed(started, failures.is_empty()).with_some("reason", why));
        work.commit().await?;
        Ok(())
    }

    async fn location(&self, account: &AccountId) -> Result<Option<AccountLocation>, ServiceError> {
        Ok(self.accounts.locations(std::slice::from_ref(account)).await?.pop())
    }
}

/// Without a test that was never made: the parts that were read say enough for a count.
fn verdict(check: &AlarmCheck) -> PartState {
    let is = |state: PartState| {
        check.parts.iter().any(|one| {
            let is_untested = one.part == AlarmPart::Delivery && check.test.is_none();
            one.state == state && !is_untested
        })
    };
    [PartState::Fail, PartState::Unknown, PartState::Waiting]
        .into_iter()
        .find(|state| is(*state))
        .unwrap_or(PartState::Pass)
}

/// What is to be looked at first.
fn urgency(place: &AlarmPlace) -> u8 {
    let is = |state: PartState| {
        place.checks.iter().any(|check| check.is_needed && verdict(check) == state)
    };
    if is(PartState::Fail) {
        0
    } else if is(PartState::Unknown) || place.checks.is_empty() {
        1
    } else {
        2
    }
}
