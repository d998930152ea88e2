//! What the services that carry plans out, and that plan roles of consumers, hold.

use crate::{
    Authority, ConsumerPlanService, ConsumerRoleService, ExecutionService, PeopleService,
    PlanWriter, PolicyService, SnapshotService, composition_types::Outside,
    consumers::ConsumerExecutionService,
};
use std::sync::Arc;

impl Outside {
    pub(crate) fn execution_service(
        &self,
        people_service: &PeopleService,
        policy_service: &PolicyService,
        snapshot_service: &SnapshotService,
    ) -> ExecutionService {
        let store = &self.store;
        ExecutionService {
            accounts: store.accounts(),
            evaluations: store.evaluations(),
            facts: store.facts(),
            jobs: store.jobs(),
            transactions: store.transactions(),
            people_service: people_service.clone(),
            policy_service: policy_service.clone(),
            snapshot_service: snapshot_service.clone(),
            consumer_execution: self.consumer_execution_service(),
            clock: Arc::clone(&self.clock),
            gateway: Arc::clone(&self.gateway),
            remediation_gateway: Arc::clone(&self.remediation_gateway),
            limits: self.remediation_limits,
        }
    }

    fn consumer_execution_service(&self) -> ConsumerExecutionService {
        ConsumerExecutionService {
            plans: self.store.plans(),
            consumer_gateway: Arc::clone(&self.consumer_gateway),
            pause: self.consumer_pause,
        }
    }

    pub(crate) fn consumer_plan_service(
        &self,
        role_service: &ConsumerRoleService,
        people_service: &PeopleService,
        plan_writer: &PlanWriter,
        authority: &Authority,
    ) -> ConsumerPlanService {
        ConsumerPlanService {
            accounts: self.store.accounts(),
            principals: self.store.principals(),
            people_service: people_service.clone(),
            plan_writer: plan_writer.clone(),
            role_service: role_service.clone(),
            consumer_gateway: Arc::clone(&self.consumer_gateway),
            authority: authority.clone(),
        }
    }
}
