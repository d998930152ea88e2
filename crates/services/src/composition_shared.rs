//! The services that most others hold; they hold only each other.

use crate::{
    Authority, GrantReader, HealthService, PeopleService, PlanWriter, PolicyService,
    ProgressService, ScopeCheckService, SnapshotService, TagPolicyService,
    composition_types::Outside,
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
        let health_service = HealthService { database: store.database(), clock: Arc::clone(clock) };
        let scope_check_service = ScopeCheckService {
            accounts: store.accounts(),
            policy_service: policy_service.clone(),
            gateway: Arc::clone(&self.gateway),
            scope_references: Arc::clone(&self.scope_references),
        };
        let grant_reader = GrantReader { accounts: store.accounts(), grants: store.grants() };
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
        Shared {
            authority,
            people_service,
            progress_service,
            snapshot_service,
            policy_service,
            health_service,
            scope_check_service,
            grant_reader,
            plan_writer,
            tag_policy_service,
        }
    }
}
