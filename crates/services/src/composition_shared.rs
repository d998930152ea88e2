//! The services that most others hold; they hold only each other.

use crate::{
    AlarmCheckService, AlarmService, Authority, EventService, GrantReader, HealthService,
    PeopleService, PlanWriter, PolicyService, ProgressService, ScopeCheckService, SnapshotService,
    TagPolicyService, composition_types::Outside,
};
use std::sync::Arc;

/// What most services hold.
pub(crate) struct Shared {
    pub(crate) authority: Authority,
    pub(crate) people_service: PeopleService,
    pub(crate) progress_service: ProgressService,
    pub(crate) snapshot_service: SnapshotService,
    pub(crate) policy_service: PolicyService,
    pub(crate) health_service: HealthService,
    pub(crate) scope_check_service: ScopeCheckService,
    pub(crate) grant_reader: GrantReader,
    pub(crate) plan_writer: PlanWriter,
    pub(crate) tag_policy_service: TagPolicyService,
    pub(crate) alarm_check_service: AlarmCheckService,
    pub(crate) alarm_service: AlarmService,
    pub(crate) event_service: EventService,
}

impl Outside {
    /// Gives each of them what it needs, the ones that others hold first.
    pub(crate) fn shared(&self) -> Shared {
        let (store, clock, access) = (&self.store, &self.clock, &self.access);
        let authority = Authority::new(store.accounts());
        let people_service = PeopleService {
            people: store.people(),
            clock: Arc::clone(clock),
            roles: access.roles.as_slice().into(),
        };
        let progress_service = ProgressService {
            overview: store.overview(),
            scans: store.scans(),
            clock: Arc::clone(clock),
        };
        let snapshot_service = SnapshotService {
            accounts: store.accounts(),
            evaluations: store.evaluations(),
            facts: store.facts(),
            tag_policies: store.tag_policies(),
        };
        let policy_service = PolicyService {
            accounts: store.accounts(),
            evaluations: store.evaluations(),
            jobs: store.jobs(),
            overview: store.overview(),
            policies: store.policies(),
            transactions: store.transactions(),
            progress_service: progress_service.clone(),
            snapshot_service: snapshot_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let scope_check_service = ScopeCheckService {
            accounts: store.accounts(),
            policy_service: policy_service.clone(),
            gateway: Arc::clone(&self.gateway),
            scope_references: Arc::clone(&self.scope_references),
        };
        let plan_writer = PlanWriter {
            accounts: store.accounts(),
            evaluations: store.evaluations(),
            inventory: store.inventory(),
            plans: store.plans(),
            transactions: store.transactions(),
            people_service: people_service.clone(),
            snapshot_service: snapshot_service.clone(),
            clock: Arc::clone(clock),
            owner_rules: Arc::clone(store.owner_rules()),
            blackouts: Arc::clone(&self.blackouts),
        };
        let tag_policy_service = TagPolicyService {
            evaluations: store.evaluations(),
            jobs: store.jobs(),
            tag_policies: store.tag_policies(),
            clock: Arc::clone(clock),
            gateway: Arc::clone(&self.gateway),
        };
        let alarm_check_service = AlarmCheckService {
            alarms: store.alarms(),
            clock: Arc::clone(clock),
            alarm_gateway: Arc::clone(&self.alarm_gateway),
            installation: Arc::clone(&self.installation),
            rules: Arc::clone(&self.alarm_rules),
        };
        let alarm_service = AlarmService {
            accounts: store.accounts(),
            alarms: store.alarms(),
            transactions: store.transactions(),
            check_service: alarm_check_service.clone(),
            people_service: people_service.clone(),
            clock: Arc::clone(clock),
            readiness_gateway: Arc::clone(&self.readiness_gateway),
            authority: authority.clone(),
            access_policy: Arc::clone(&access.policy),
            installation: Arc::clone(&self.installation),
            rules: Arc::clone(&self.alarm_rules),
        };
        let event_service = EventService {
            alarm_service: alarm_service.clone(),
            events: store.events(),
            facts: store.facts(),
            clock: Arc::clone(clock),
            gateway: Arc::clone(&self.gateway),
            authority: authority.clone(),
            installation: Arc::clone(&self.installation),
            scan_settings: Arc::clone(&self.scan_settings),
        };
        Shared {
            authority,
            people_service,
            progress_service,
            snapshot_service,
            policy_service,
            health_service: HealthService { database: store.database(), clock: Arc::clone(clock) },
            scope_check_service,
            grant_reader: GrantReader { accounts: store.accounts(), grants: store.grants() },
            plan_writer,
            tag_policy_service,
            alarm_check_service,
            alarm_service,
            event_service,
        }
    }
}
