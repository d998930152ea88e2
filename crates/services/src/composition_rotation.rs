//! What the services of readers, exports as code, consumers, pipelines, plaintext variables, rotations and leaks hold.

use crate::{
    Authority, CodeExportService, ConsumerRoleService, DeclaredConsumerService,
    GrantSessionService, HostedRotationService, InventoryService, LeakService, PeopleService,
    PipelineService, PlanWriter, ProgressService, ReaderService, RecipeService,
    RotationCalendarService, RotationPreflightService, VariableReadService, VariableService,
    composition_types::Outside,
};
use claviger_gateways::ConsumerGateway;
use std::sync::Arc;

impl Outside {
    pub(crate) fn rotation_preflight_service(
        &self,
        reader_service: &ReaderService,
        grant_session_service: &GrantSessionService,
        authority: &Authority,
    ) -> RotationPreflightService {
        RotationPreflightService {
            facts: self.store.facts(),
            grants: self.store.grants(),
            grant_session_service: grant_session_service.clone(),
            reader_service: reader_service.clone(),
            clock: Arc::clone(&self.clock),
            gateway: Arc::clone(&self.gateway),
            rotation_gateway: Arc::clone(&self.rotation_gateway),
            authority: authority.clone(),
            last: Arc::default(),
        }
    }

    pub(crate) fn variable_service(&self, authority: &Authority) -> VariableService {
        VariableService {
            variables: self.store.variables(),
            clock: Arc::clone(&self.clock),
            authority: authority.clone(),
            role: self.variable_gateway.variables_role().into(),
        }
    }

    pub(crate) fn variable_read_service(&self) -> VariableReadService {
        VariableReadService {
            accounts: self.store.accounts(),
            variables: self.store.variables(),
            clock: Arc::clone(&self.clock),
            variable_gateway: Arc::clone(&self.variable_gateway),
        }
    }

    pub(crate) fn hosted_rotation_service(&self, authority: &Authority) -> HostedRotationService {
        HostedRotationService {
            inventory: self.store.inventory(),
            clock: Arc::clone(&self.clock),
            authority: authority.clone(),
        }
    }

    pub(crate) fn code_export_service(&self, authority: &Authority) -> CodeExportService {
        CodeExportService {
            accounts: self.store.accounts(),
            evaluations: self.store.evaluations(),
            index: self.store.index(),
            inventory: self.store.inventory(),
            clock: Arc::clone(&self.clock),
            authority: authority.clone(),
        }
    }

    pub(crate) fn calendar_service(
        &self,
        progress_service: &ProgressService,
        authority: &Authority,
    ) -> RotationCalendarService {
        RotationCalendarService {
            rotations: self.store.rotations(),
            progress_service: progress_service.clone(),
            clock: Arc::clone(&self.clock),
            authority: authority.clone(),
            blackouts: Arc::clone(&self.blackouts),
        }
    }

    pub(crate) fn leak_service(
        &self,
        inventory_service: &InventoryService,
        people_service: &PeopleService,
        plan_writer: &PlanWriter,
        authority: &Authority,
    ) -> LeakService {
        let store = &self.store;
        LeakService {
            accounts: store.accounts(),
            activity: store.activity(),
            denials: store.denials(),
            grants: store.grants(),
            leaks: store.leaks(),
            plans: store.plans(),
            transactions: store.transactions(),
            inventory_service: inventory_service.clone(),
            people_service: people_service.clone(),
            plan_writer: plan_writer.clone(),
            clock: Arc::clone(&self.clock),
            authority: authority.clone(),
        }
    }

    pub(crate) fn reader_service(&self, authority: &Authority) -> ReaderService {
        let store = &self.store;
        ReaderService {
            accounts: store.accounts(),
            evaluations: store.evaluations(),
            grants: store.grants(),
            inventory: store.inventory(),
            principals: store.principals(),
            clock: Arc::clone(&self.clock),
            authority: authority.clone(),
        }
    }

    pub(crate) fn consumer_role_service(
        &self,
        reader_service: &ReaderService,
        authority: &Authority,
    ) -> ConsumerRoleService {
        ConsumerRoleService {
            inventory: self.store.inventory(),
            principals: self.store.principals(),
            reader_service: reader_service.clone(),
            clock: Arc::clone(&self.clock),
            // Of the gateway that writes roles it has what reads documents.
            analyzer_gateway: Arc::<dyn ConsumerGateway>::clone(&self.consumer_gateway),
            authority: authority.clone(),
            analyzer_memory: Arc::default(),
        }
    }

    pub(crate) fn declared_consumer_service(
        &self,
        authority: &Authority,
    ) -> DeclaredConsumerService {
        DeclaredConsumerService {
            consumers: self.store.consumers(),
            transactions: self.store.transactions(),
            clock: Arc::clone(&self.clock),
            authority: authority.clone(),
        }
    }

    pub(crate) fn recipe_service(
        &self,
        reader_service: &ReaderService,
        authority: &Authority,
    ) -> RecipeService {
        RecipeService {
            inventory: self.store.inventory(),
            principals: self.store.principals(),
            reader_service: reader_service.clone(),
            clock: Arc::clone(&self.clock),
            authority: authority.clone(),
        }
    }

    pub(crate) fn pipeline_service(
        &self,
        reader_service: &ReaderService,
        authority: &Authority,
    ) -> PipelineService {
        PipelineService {
            principals: self.store.principals(),
            reader_service: reader_service.clone(),
            clock: Arc::clone(&self.clock),
            authority: authority.clone(),
        }
    }
}
