//! The use cases, one service for each feature. Each authorizes first, then acts; deny by default.

mod account_scan;
mod accounts;
mod alarms;
mod audit;
mod authz;
mod changes;
mod compliance;
mod composition;
mod composition_creation;
mod composition_plans;
mod composition_rotation;
mod composition_shared;
mod composition_types;
mod consumers;
mod creation;
mod error;
mod events;
pub(crate) mod exceptions;
mod files;
pub mod grants;
mod inventory;
mod job_failure;
mod jobs;
mod leaks;
mod live;
mod metrics;
mod navigation;
mod notifications;
mod observer;
mod parameter_tags;
mod people;
mod pipelines;
mod queue;
mod region_list;
mod region_scan_error;
pub(crate) mod remediation;
mod retention;
mod rotations;
mod scan;
mod scan_planning;
mod scan_settings;
mod scope_check;
mod settings;
mod sign_ins;
mod uncancelled;
mod variables;

pub use audit::{AUDIT_BROKEN, AUDIT_HEAD, AuditExport};
pub(crate) use authz::Authority;
/// An entry of the audit log by number and hash.
pub use claviger_store::ChainHead;
pub use claviger_store::{
    AccountAge, EndedSessions, FindingNumbers, JobCount, OpenRevocations, PoolUse, TeamRotation,
};
pub use claviger_store::{Lease, ProviderAnswer, ProviderLogout, RemediationLimits, StoredSignIn};
pub use claviger_store::{current_request, for_request, for_request_now};
pub use compliance::{EvidenceExport, FindingExport};
pub use creation::TypedValue;
pub use error::ServiceError;
pub use events::{EventService, QueueError};
pub use exceptions::{EXCEPTION_LIMITS, ExceptionExport, ExceptionLimits, ExceptionSubject};
pub use files::FileExport;
pub use inventory::{InventoryExport, InventoryFormat};
pub use job_failure::JobFailure;
pub use live::{Audible, Touched};
pub use metrics::MetricsSnapshot;
pub use observer::{DeliveryOutcome, ServiceObserver};
pub use remediation::REMEDIATION_LIMITS;
pub use retention::{RETENTION, Retention};
pub use scan_settings::{ScanSettings, ScannedRegions};

pub use account_scan::{AccountScan, AccountScanOrder, AccountScanService, NotRead, ScanStep};
pub(crate) use accounts::ReadinessService;
pub use accounts::{AccountService, OPT_IN_ROLES, check_opt_in_role, check_role, explain_role};
pub(crate) use alarms::AlarmCheckService;
pub use alarms::AlarmService;
pub use audit::AuditService;
pub use changes::ChangeService;
/// How the roles are deployed, for the commands that the pages show.
pub use claviger_policy::permissions::templates::snippets::Deployment;
pub use compliance::{
    ComplianceService, EvaluationService, EvidenceService, PolicyService, TriageService,
};
pub(crate) use compliance::{ProgressService, SnapshotService, TagPolicyService};
pub use consumers::{ConsumerPlanService, ConsumerRoleService, DeclaredConsumerService};
pub use creation::CreationService;
pub(crate) use creation::{CreationExecutionService, CreationPermitService, CreationPlaceService};
pub use exceptions::ExceptionService;
pub(crate) use grants::{EligibilityService, GrantReader, TrailService};
pub use grants::{
    GrantChangeService, GrantLifecycleService, GrantService, GrantSessionService, GrantTimer,
    IncidentService, RequestService, RevocationService,
};
pub use inventory::{
    ActivityService, CodeExportService, InventoryService, ReaderService, RecipeService,
};
pub use jobs::JobService;
pub use leaks::LeakService;
pub use live::{HealthService, LiveService};
pub use metrics::MetricsService;
pub use navigation::NavigationService;
pub use notifications::{DeliveryService, DigestService, InboxService};
pub use people::PeopleService;
pub use pipelines::PipelineService;
pub use queue::QueueService;
pub(crate) use remediation::{EnforcementService, ExecutionService, PlanWriter};
pub use remediation::{RemediationService, RotationPreflightService};
pub use retention::RetentionService;
pub use rotations::{HostedRotationService, RotationCalendarService};
pub use scan::ScanService;
pub use scope_check::ScopeCheckService;
pub use settings::{
    AccessRuleService, ChannelService, ConfigurationService, Installation, JobControlService,
    SetupService, SystemService,
};
pub use sign_ins::SignInService;
pub(crate) use variables::VariableReadService;
pub use variables::{VariableExport, VariableService};

use claviger_domain::{
    alarms::rules::AlarmRules, authz::scope_check::ScopeReference, clock::Clock,
    rotations::blackout::Blackout,
};
use claviger_gateways::{
    AlarmGateway, AllGateways, ConsumerGateway, Gateway, ReadinessGateway, RemediationGateway,
    RotationGateway,
};
use claviger_store::Store;
use composition_types::{Features, Outside};
use grants::AccessSettings;
use observer::NoObserver;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// The composition: one service for each feature, each with what it needs and no more. It has no use case of its own.
/// Cheap to clone.
#[derive(Clone)]
pub struct Services {
    outside: Outside,
    features: Arc<Features>,
}

/// IAM takes some seconds until a new role can be used everywhere.
const CONSUMER_PAUSE: Duration = Duration::from_secs(5);

/// Fewer than the connections of the smallest pool.
const SETTLED_AT_ONCE: usize = 2;

impl Services {
    /// `aws` serves scans, just-in-time access, remediation and readiness alike.
    pub fn new<A>(
        store: Store,
        aws: Arc<A>,
        clock: Arc<dyn Clock>,
        scan_settings: ScanSettings,
        access: AccessSettings,
    ) -> Self
    where
        A: AllGateways,
    {
        let gateway: Arc<dyn Gateway> = Arc::clone(&aws) as _;
        let remediation_gateway: Arc<dyn RemediationGateway> = Arc::clone(&aws) as _;
        let readiness_gateway: Arc<dyn ReadinessGateway> = Arc::clone(&aws) as _;
        let rotation_gateway: Arc<dyn RotationGateway> = Arc::clone(&aws) as _;
        let alarm_gateway: Arc<dyn AlarmGateway> = Arc::clone(&aws) as _;
        let consumer_gateway: Arc<dyn ConsumerGateway> = Arc::clone(&aws) as _;
        Self::of(Outside {
            store,
            gateway,
            variable_gateway: Arc::clone(&aws) as _,
            access_gateway: aws,
            remediation_gateway,
            readiness_gateway,
            rotation_gateway,
            alarm_gateway,
            consumer_gateway,
            consumer_pause: CONSUMER_PAUSE,
            clock,
            scan_settings: Arc::new(scan_settings),
            access,
            remediation_limits: REMEDIATION_LIMITS,
            exception_limits: EXCEPTION_LIMITS,
            retention: RETENTION,
            blackouts: Arc::default(),
            scope_references: Arc::default(),
            settling: Arc::new(Semaphore::new(SETTLED_AT_ONCE)),
            observer: Arc::new(NoObserver),
            deployment: None,
            installation: Arc::default(),
            alarm_rules: Arc::default(),
        })
    }

    /// Lets a command settle the denials of so many accounts at a time. Its pool needs twice as many connections.
    #[must_use]
    pub fn with_settling(self, accounts: usize) -> Self {
        Self::of(Outside { settling: Arc::new(Semaphore::new(accounts)), ..self.outside })
    }

    fn of(outside: Outside) -> Self {
        Self { features: Arc::new(outside.compose()), outside }
    }

    /// The same over another store, such as one with connections of its own.
    #[must_use]
    pub fn with_store(self, store: Store) -> Self {
        Self::of(Outside { store, ..self.outside })
    }

    /// The same with other limits of calls an hour.
    #[must_use]
    pub fn with_limits(self, remediation_limits: RemediationLimits) -> Self {
        Self::of(Outside { remediation_limits, ..self.outside })
    }

    /// The same with another pause between two attempts of a call that IAM is not ready for.
    #[must_use]
    pub fn with_consumer_pause(self, consumer_pause: Duration) -> Self {
        Self::of(Outside { consumer_pause, ..self.outside })
    }

    /// The same with another retention.
    #[must_use]
    pub fn with_retention(self, retention: Retention) -> Self {
        Self::of(Outside { retention, ..self.outside })
    }

    /// The same with blackout windows.
    #[must_use]
    pub fn with_blackouts(self, blackouts: Vec<Blackout>) -> Self {
        Self::of(Outside { blackouts: blackouts.into(), ..self.outside })
    }

    /// The same with other limits of exceptions.
    #[must_use]
    pub fn with_exception_limits(self, exception_limits: ExceptionLimits) -> Self {
        Self::of(Outside { exception_limits, ..self.outside })
    }

    /// The same, with reports to `observer`.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn ServiceObserver>) -> Self {
        Self::of(Outside { observer, ..self.outside })
    }

    /// How the roles are named and where their stacks are, for the commands that deploy them.
    #[must_use]
    pub fn with_deployment(self, deployment: Deployment) -> Self {
        Self::of(Outside { deployment: Some(Arc::new(deployment)), ..self.outside })
    }

    /// What only the server knows about its configuration, for the settings pages.
    #[must_use]
    pub fn with_installation(self, installation: Installation) -> Self {
        Self::of(Outside { installation: Arc::new(installation), ..self.outside })
    }

    /// Who may read what is sensitive without an alarm.
    #[must_use]
    pub fn with_alarm_rules(self, rules: AlarmRules) -> Self {
        Self::of(Outside { alarm_rules: Arc::new(rules), ..self.outside })
    }

    /// The OUs and accounts that the configuration names, each with the part that names it.
    #[must_use]
    pub fn with_scope_references(self, references: Vec<ScopeReference>) -> Self {
        Self::of(Outside { scope_references: references.into(), ..self.outside })
    }

    pub fn access_rules(&self) -> &AccessRuleService {
        &self.features.access_rules
    }

    pub fn accounts(&self) -> &AccountService {
        &self.features.accounts
    }

    pub fn activity(&self) -> &ActivityService {
        &self.features.activity
    }

    pub fn events(&self) -> &EventService {
        &self.features.events
    }

    pub fn alarms(&self) -> &AlarmService {
        &self.features.alarms
    }

    pub fn audit(&self) -> &AuditService {
        &self.features.audit
    }

    pub fn changes(&self) -> &ChangeService {
        &self.features.changes
    }

    pub fn channels(&self) -> &ChannelService {
        &self.features.channels
    }

    pub fn triage(&self) -> &TriageService {
        &self.features.triage
    }

    pub fn variables(&self) -> &VariableService {
        &self.features.variables
    }

    pub fn compliance(&self) -> &ComplianceService {
        &self.features.compliance
    }

    pub fn configuration(&self) -> &ConfigurationService {
        &self.features.configuration
    }

    /// Evidence packs.
    pub fn evidence(&self) -> &EvidenceService {
        &self.features.evidence
    }

    pub fn deliveries(&self) -> &DeliveryService {
        &self.features.deliveries
    }

    /// Plans that create these roles and attach them.
    pub fn consumer_plans(&self) -> &ConsumerPlanService {
        &self.features.consumer_plans
    }

    /// Roles of workloads that read secrets and parameters.
    pub fn consumer_roles(&self) -> &ConsumerRoleService {
        &self.features.consumer_roles
    }

    pub fn creations(&self) -> &CreationService {
        &self.features.creations
    }

    pub fn digests(&self) -> &DigestService {
        &self.features.digests
    }

    pub fn evaluations(&self) -> &EvaluationService {
        &self.features.evaluations
    }

    pub fn exceptions(&self) -> &ExceptionService {
        &self.features.exceptions
    }

    pub fn grant_lifecycle(&self) -> &GrantLifecycleService {
        &self.features.grant_lifecycle
    }

    pub fn grant_changes(&self) -> &GrantChangeService {
        &self.features.grant_changes
    }

    pub fn grant_sessions(&self) -> &GrantSessionService {
        &self.features.grant_sessions
    }

    pub fn grant_timer(&self) -> &GrantTimer {
        &self.features.grant_timer
    }

    pub fn grants(&self) -> &GrantService {
        &self.features.grants
    }

    pub fn health(&self) -> &HealthService {
        &self.features.health
    }

    pub fn inbox(&self) -> &InboxService {
        &self.features.inbox
    }

    pub fn inventory(&self) -> &InventoryService {
        &self.features.inventory
    }

    pub fn job_control(&self) -> &JobControlService {
        &self.features.job_control
    }

    pub fn jobs(&self) -> &JobService {
        &self.features.jobs
    }

    /// Consumers that repositories declare.
    pub fn declared_consumers(&self) -> &DeclaredConsumerService {
        &self.features.declared_consumers
    }

    /// Reports of leaked secrets.
    pub fn leaks(&self) -> &LeakService {
        &self.features.leaks
    }

    pub fn live(&self) -> &LiveService {
        &self.features.live
    }

    pub fn metrics(&self) -> &MetricsService {
        &self.features.metrics
    }

    pub fn navigation(&self) -> &NavigationService {
        &self.features.navigation
    }

    pub fn people(&self) -> &PeopleService {
        &self.features.people
    }

    pub fn pipelines(&self) -> &PipelineService {
        &self.features.pipelines
    }

    pub fn policies(&self) -> &PolicyService {
        &self.features.policies
    }

    pub fn queue(&self) -> &QueueService {
        &self.features.queue
    }

    pub fn readers(&self) -> &ReaderService {
        &self.features.readers
    }

    /// How workloads read a secret or parameter.
    pub fn recipes(&self) -> &RecipeService {
        &self.features.recipes
    }

    pub fn remediation(&self) -> &RemediationService {
        &self.features.remediation
    }

    pub fn rotation_preflight(&self) -> &RotationPreflightService {
        &self.features.rotation_preflight
    }

    /// Secrets as Terraform, CloudFormation and CDK.
    pub fn code_exports(&self) -> &CodeExportService {
        &self.features.code_exports
    }

    /// AWS's hosted rotation templates.
    pub fn hosted_rotations(&self) -> &HostedRotationService {
        &self.features.hosted_rotations
    }

    /// The calendar of rotations.
    pub fn rotations(&self) -> &RotationCalendarService {
        &self.features.rotations
    }

    pub fn requests(&self) -> &RequestService {
        &self.features.requests
    }

    pub fn incident(&self) -> &IncidentService {
        &self.features.incident
    }

    pub fn retention(&self) -> &RetentionService {
        &self.features.retention
    }

    pub fn revocation(&self) -> &RevocationService {
        &self.features.revocation
    }

    pub fn scans(&self) -> &ScanService {
        &self.features.scans
    }

    pub fn scope_checks(&self) -> &ScopeCheckService {
        &self.features.scope_checks
    }

    pub fn setup(&self) -> &SetupService {
        &self.features.setup
    }

    pub fn sign_ins(&self) -> &SignInService {
        &self.features.sign_ins
    }

    pub fn system(&self) -> &SystemService {
        &self.features.system
    }
}
