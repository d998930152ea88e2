//! What the services of new secrets and parameters hold.

use crate::{
    Authority, CreationExecutionService, CreationPermitService, CreationPlaceService,
    CreationService, EventService, PeopleService, PolicyService, SnapshotService,
    composition_types::Outside,
};
use claviger_policy::AccessPolicy;
use std::sync::Arc;

impl Outside {
    pub(crate) fn creation_service(
        &self,
        (people_service, policy_service, snapshot_service): (
            &PeopleService,
            &PolicyService,
            &SnapshotService,
        ),
        event_service: &EventService,
        access_policy: &Arc<AccessPolicy>,
        authority: &Authority,
    ) -> CreationService {
        let (store, clock) = (&self.store, &self.clock);
        CreationService {
            accounts: store.accounts(),
            creations: store.creations(),
            facts: store.facts(),
            transactions: store.transactions(),
            execution_service: CreationExecutionService {
                accounts: store.accounts(),
                facts: store.facts(),
                plans: store.plans(),
                transactions: store.transactions(),
                event_service: event_service.clone(),
                clock: Arc::clone(clock),
                gateway: Arc::clone(&self.gateway),
                remediation_gateway: Arc::clone(&self.remediation_gateway),
                limits: self.remediation_limits,
            },
            permit_service: CreationPermitService {
                clock: Arc::clone(clock),
                access_policy: Arc::clone(access_policy),
                owner_rules: Arc::clone(store.owner_rules()),
            },
            place_service: CreationPlaceService {
                accounts: store.accounts(),
                creations: store.creations(),
                facts: store.facts(),
                clock: Arc::clone(clock),
            },
            people_service: people_service.clone(),
            policy_service: policy_service.clone(),
            snapshot_service: snapshot_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
            access_policy: Arc::clone(access_policy),
            owner_rules: Arc::clone(store.owner_rules()),
        }
    }
}
