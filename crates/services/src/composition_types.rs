//! What the composition takes, and what it makes.

use crate::{
    AccessRuleService, AccountService, ActivityService, AlarmService, AuditService, ChangeService,
    ChannelService, CodeExportService, ComplianceService, ConfigurationService,
    ConsumerPlanService, ConsumerRoleService, CreationService, DeclaredConsumerService,
    DeliveryService, DigestService, EvaluationService, EventService, EvidenceService,
    ExceptionLimits, ExceptionService, GrantChangeService, GrantLifecycleService, GrantService,
    GrantSessionService, GrantTimer, HealthService, HostedRotationService, InboxService,
    IncidentService, Installation, InventoryService, JobControlService, JobService, LeakService,
    LiveService, MetricsService, NavigationService, PeopleService, PipelineService, PolicyService,
    QueueService, ReaderService, RecipeService, RemediationLimits, RemediationService,
    RequestService, Retention, RetentionService, RevocationService, RotationCalendarService,
    RotationPreflightService, ScanService, ScanSettings, ScopeCheckService, ServiceObserver,
    SetupService, SignInService, SystemService, TriageService, VariableService,
    grants::AccessSettings,
};
use claviger_domain::{
    alarms::rules::AlarmRules, authz::scope_check::ScopeReference, clock::Clock,
    rotations::blackout::Blackout,
};
use claviger_gateways::{
    AccessGateway, AlarmGateway, ConsumerGateway, Gateway, ReadinessGateway, RemediationGateway,
    RotationGateway, VariableGateway,
};
use claviger_policy::permissions::templates::snippets::Deployment;
use claviger_store::Store;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// What all services together need from outside. Only the composition sees all of it.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(crate) store: Store,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) access_gateway: Arc<dyn AccessGateway>,
    pub(crate) remediation_gateway: Arc<dyn RemediationGateway>,
    pub(crate) readiness_gateway: Arc<dyn ReadinessGateway>,
    pub(crate) rotation_gateway: Arc<dyn RotationGateway>,
    pub(crate) alarm_gateway: Arc<dyn AlarmGateway>,
    pub(crate) consumer_gateway: Arc<dyn ConsumerGateway>,
    pub(crate) variable_gateway: Arc<dyn VariableGateway>,
    /// Between two attempts of a call that IAM is not ready for.
    pub(crate) consumer_pause: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scan_settings: Arc<ScanSettings>,
    pub(crate) access: AccessSettings,
    pub(crate) remediation_limits: RemediationLimits,
    pub(crate) exception_limits: ExceptionLimits,
    pub(crate) retention: Retention,
    /// When nothing should rotate.
    pub(crate) blackouts: Arc<[Blackout]>,
    /// The OUs and accounts that the configuration names.
    pub(crate) scope_references: Arc<[ScopeReference]>,
    /// Settling denials holds one connection and needs another: so few at once always leave one free. One for all
    /// compositions of a process.
    pub(crate) settling: Arc<Semaphore>,
    pub(crate) observer: Arc<dyn ServiceObserver>,
    /// How the roles are named and where their stacks are. Without it, no commands that deploy them are shown.
    pub(crate) deployment: Option<Arc<Deployment>>,
    /// What only the server knows about its configuration.
    pub(crate) installation: Arc<Installation>,
    /// Who may read what is sensitive without an alarm.
    pub(crate) alarm_rules: Arc<AlarmRules>,
}

/// The services that others call.
pub(crate) struct Features {
    pub(crate) access_rules: AccessRuleService,
    pub(crate) accounts: AccountService,
    pub(crate) activity: ActivityService,
    pub(crate) alarms: AlarmService,
    pub(crate) audit: AuditService,
    pub(crate) changes: ChangeService,
    pub(crate) channels: ChannelService,
    pub(crate) code_exports: CodeExportService,
    pub(crate) compliance: ComplianceService,
    pub(crate) configuration: ConfigurationService,
    pub(crate) consumer_plans: ConsumerPlanService,
    pub(crate) consumer_roles: ConsumerRoleService,
    pub(crate) creations: CreationService,
    pub(crate) declared_consumers: DeclaredConsumerService,
    pub(crate) deliveries: DeliveryService,
    pub(crate) digests: DigestService,
    pub(crate) events: EventService,
    pub(crate) evaluations: EvaluationService,
    pub(crate) evidence: EvidenceService,
    pub(crate) exceptions: ExceptionService,
    pub(crate) grant_lifecycle: GrantLifecycleService,
    pub(crate) grant_changes: GrantChangeService,
    pub(crate) grant_sessions: GrantSessionService,
    pub(crate) grant_timer: GrantTimer,
    pub(crate) grants: GrantService,
    pub(crate) health: HealthService,
    pub(crate) hosted_rotations: HostedRotationService,
    pub(crate) inbox: InboxService,
    pub(crate) incident: IncidentService,
    pub(crate) inventory: InventoryService,
    pub(crate) job_control: JobControlService,
    pub(crate) jobs: JobService,
    pub(crate) leaks: LeakService,
    pub(crate) live: LiveService,
    pub(crate) metrics: MetricsService,
    pub(crate) navigation: NavigationService,
    pub(crate) people: PeopleService,
    pub(crate) pipelines: PipelineService,
    pub(crate) policies: PolicyService,
    pub(crate) queue: QueueService,
    pub(crate) readers: ReaderService,
    pub(crate) recipes: RecipeService,
    pub(crate) remediation: RemediationService,
    pub(crate) requests: RequestService,
    pub(crate) retention: RetentionService,
    pub(crate) revocation: RevocationService,
    pub(crate) rotation_preflight: RotationPreflightService,
    pub(crate) rotations: RotationCalendarService,
    pub(crate) scans: ScanService,
    pub(crate) scope_checks: ScopeCheckService,
    pub(crate) setup: SetupService,
    pub(crate) sign_ins: SignInService,
    pub(crate) system: SystemService,
    pub(crate) triage: TriageService,
    pub(crate) variables: VariableService,
}
