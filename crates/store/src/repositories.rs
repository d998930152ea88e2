//! The repositories, one for each feature: what holds one reaches the queries of that feature and no others.

use crate::{
    AccountRepository, ActivityRepository, AlarmRepository, AuditRepository, ChangeRepository,
    ConsumerRepository, CreationRepository, Database, DenialRepository, EvaluationRepository,
    EventRepository, ExceptionRepository, FactRepository, FindingRepository, GrantRepository,
    InventoryIndex, InventoryRepository, JobQueue, LeakRepository, MetricsRepository,
    NotificationRepository, OverviewRepository, PersonRepository, PlanRepository, PolicyRepository,
    PrincipalRepository, RetentionRepository, RotationRepository, ScanRepository,
    SessionRepository, SignInRepository, Store, TagPolicyRepository, Transactions,
    TriageRepository, VariableRepository,
};
use std::sync::Arc;

impl Store {
    pub fn accounts(&self) -> AccountRepository {
        AccountRepository { pool: self.pool.clone(), index: self.index() }
    }

    pub fn activity(&self) -> ActivityRepository {
        ActivityRepository { pool: self.pool.clone() }
    }

    pub fn alarms(&self) -> AlarmRepository {
        AlarmRepository { pool: self.pool.clone() }
    }

    pub fn audit(&self) -> AuditRepository {
        AuditRepository { pool: self.pool.clone() }
    }

    pub fn changes(&self) -> ChangeRepository {
        ChangeRepository { pool: self.pool.clone(), index: self.index() }
    }

    pub fn database(&self) -> Database {
        Database { pool: self.pool.clone() }
    }

    pub fn denials(&self) -> DenialRepository {
        DenialRepository { pool: self.pool.clone() }
    }

    pub fn evaluations(&self) -> EvaluationRepository {
        EvaluationRepository { pool: self.pool.clone() }
    }

    /// New secrets and parameters.
    pub fn creations(&self) -> CreationRepository {
        CreationRepository { pool: self.pool.clone() }
    }

    pub fn exceptions(&self) -> ExceptionRepository {
        ExceptionRepository { pool: self.pool.clone(), index: self.index() }
    }

    pub fn facts(&self) -> FactRepository {
        FactRepository { pool: self.pool.clone(), owners: Arc::clone(&self.owners) }
    }

    pub fn findings(&self) -> FindingRepository {
        FindingRepository { pool: self.pool.clone(), index: self.index() }
    }

    pub fn grants(&self) -> GrantRepository {
        GrantRepository { pool: self.pool.clone() }
    }

    pub fn index(&self) -> InventoryIndex {
        InventoryIndex { pool: self.pool.clone(), cached_index: Arc::clone(&self.cached_index) }
    }

    pub fn inventory(&self) -> InventoryRepository {
        InventoryRepository { pool: self.pool.clone(), index: self.index() }
    }

    pub fn consumers(&self) -> ConsumerRepository {
        ConsumerRepository { pool: self.pool.clone() }
    }

    pub fn events(&self) -> EventRepository {
        EventRepository { pool: self.pool.clone() }
    }

    pub fn jobs(&self) -> JobQueue {
        JobQueue { pool: self.pool.clone() }
    }

    pub fn leaks(&self) -> LeakRepository {
        LeakRepository { pool: self.pool.clone() }
    }

    pub fn metrics(&self) -> MetricsRepository {
        MetricsRepository { pool: self.pool.clone(), index: self.index() }
    }

    pub fn notifications(&self) -> NotificationRepository {
        NotificationRepository { pool: self.pool.clone() }
    }

    pub fn overview(&self) -> OverviewRepository {
        OverviewRepository { pool: self.pool.clone(), index: self.index() }
    }

    pub fn principals(&self) -> PrincipalRepository {
        PrincipalRepository { pool: self.pool.clone() }
    }

    pub fn people(&self) -> PersonRepository {
        PersonRepository { pool: self.pool.clone() }
    }

    pub fn plans(&self) -> PlanRepository {
        PlanRepository { pool: self.pool.clone() }
    }

    pub fn policies(&self) -> PolicyRepository {
        PolicyRepository { pool: self.pool.clone() }
    }

    pub fn retention(&self) -> RetentionRepository {
        RetentionRepository { pool: self.pool.clone() }
    }

    pub fn rotations(&self) -> RotationRepository {
        RotationRepository { pool: self.pool.clone() }
    }

    pub fn scans(&self) -> ScanRepository {
        ScanRepository { pool: self.pool.clone() }
    }

    pub fn sessions(&self) -> SessionRepository {
        SessionRepository { pool: self.pool.clone() }
    }

    pub fn sign_ins(&self) -> SignInRepository {
        SignInRepository { pool: self.pool.clone() }
    }

    pub fn tag_policies(&self) -> TagPolicyRepository {
        TagPolicyRepository { pool: self.pool.clone() }
    }

    pub fn triage(&self) -> TriageRepository {
        TriageRepository { pool: self.pool.clone() }
    }

    /// Plaintext variables.
    pub fn variables(&self) -> VariableRepository {
        VariableRepository { pool: self.pool.clone() }
    }

    pub fn transactions(&self) -> Transactions {
        Transactions { pool: self.pool.clone() }
    }
}
