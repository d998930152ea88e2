//! What each service holds: the one place that sees everything.

use crate::{
    AccessRuleService, AccountService, ActivityService, AuditService, ChangeService,
    ChannelService, ComplianceService, ConfigurationService, DeliveryService, DigestService,
    EligibilityService, EnforcementService, EvaluationService, EvidenceService, ExceptionService,
    GrantChangeService, GrantLifecycleService, GrantService, GrantSessionService, GrantTimer,
    InboxService, IncidentService, InventoryService, JobControlService, JobService, LiveService,
    MetricsService, NavigationService, QueueService, ReadinessService, RemediationService,
    RequestService, RetentionService, RevocationService, ScanService, SetupService, SignInService,
    SystemService, TrailService, TriageService,
    composition_shared::Shared,
    composition_types::{Features, Outside},
};
use std::sync::Arc;

impl Outside {
    /// Gives each service what it needs, the ones that others hold first.
    #[expect(clippy::too_many_lines, reason = "one flat list of what each service holds")]
    pub(crate) fn compose(&self) -> Features {
        let (store, clock, access) = (&self.store, &self.clock, &self.access);
        let Shared {
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
            alarm_check_service,
            alarm_service,
            event_service,
        } = self.shared();
        let audit_service = AuditService {
            audit: store.audit(),
            transactions: store.transactions(),
            clock: Arc::clone(clock),
        };
        let change_service = ChangeService {
            accounts: store.accounts(),
            changes: store.changes(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let exception_service = ExceptionService {
            accounts: store.accounts(),
            exceptions: store.exceptions(),
            transactions: store.transactions(),
            people_service: people_service.clone(),
            policy_service: policy_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
            limits: self.exception_limits,
        };
        let remediation_service = RemediationService {
            accounts: store.accounts(),
            findings: store.findings(),
            jobs: store.jobs(),
            plans: store.plans(),
            transactions: store.transactions(),
            people_service: people_service.clone(),
            plan_writer: plan_writer.clone(),
            policy_service: policy_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
            owner_rules: Arc::clone(store.owner_rules()),
            limits: self.remediation_limits,
        };
        let live_service = LiveService {
            audit: store.audit(),
            database: store.database(),
            exception_service: exception_service.clone(),
            grant_reader: grant_reader.clone(),
            remediation_service: remediation_service.clone(),
        };
        let metrics_service = MetricsService {
            jobs: store.jobs(),
            metrics: store.metrics(),
            clock: Arc::clone(clock),
        };
        let scan_service = ScanService {
            accounts: store.accounts(),
            facts: store.facts(),
            scans: store.scans(),
            principals: store.principals(),
            scope_check_service: scope_check_service.clone(),
            tag_policy_service: tag_policy_service.clone(),
            clock: Arc::clone(clock),
            gateway: Arc::clone(&self.gateway),
            settings: Arc::clone(&self.scan_settings),
        };
        let sign_in_service = SignInService {
            sessions: store.sessions(),
            sign_ins: store.sign_ins(),
            people_service: people_service.clone(),
            clock: Arc::clone(clock),
        };
        let delivery_service = DeliveryService {
            grants: store.grants(),
            notifications: store.notifications(),
            people: store.people(),
            transactions: store.transactions(),
            clock: Arc::clone(clock),
            messenger: Arc::clone(&access.messenger),
            observer: Arc::clone(&self.observer),
        };
        let enforcement_service = EnforcementService {
            findings: store.findings(),
            plans: store.plans(),
            plan_writer: plan_writer.clone(),
            policy_service: policy_service.clone(),
            clock: Arc::clone(clock),
        };
        let evaluation_service = EvaluationService {
            accounts: store.accounts(),
            evaluations: store.evaluations(),
            exceptions: store.exceptions(),
            facts: store.facts(),
            jobs: store.jobs(),
            principals: store.principals(),
            transactions: store.transactions(),
            enforcement_service: enforcement_service.clone(),
            people_service: people_service.clone(),
            policy_service: policy_service.clone(),
            snapshot_service: snapshot_service.clone(),
            clock: Arc::clone(clock),
            gateway: Arc::clone(&self.gateway),
            access_policy: Arc::clone(&access.policy),
        };
        let triage_service = TriageService {
            findings: store.findings(),
            triage: store.triage(),
            transactions: store.transactions(),
            people_service: people_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let execution_service =
            self.execution_service(&people_service, &policy_service, &snapshot_service);
        let readiness_service = ReadinessService {
            accounts: store.accounts(),
            facts: store.facts(),
            jobs: store.jobs(),
            principals: store.principals(),
            clock: Arc::clone(clock),
            readiness_gateway: Arc::clone(&self.readiness_gateway),
            alarm_check_service: alarm_check_service.clone(),
            settings: Arc::clone(&self.scan_settings),
        };
        let revocation_service = RevocationService {
            denials: store.denials(),
            grants: store.grants(),
            transactions: store.transactions(),
            clock: Arc::clone(clock),
            access_gateway: Arc::clone(&self.access_gateway),
            session_seconds: access.session_seconds,
            settling: Arc::clone(&self.settling),
            observer: Arc::clone(&self.observer),
        };
        let incident_service = IncidentService {
            grants: store.grants(),
            transactions: store.transactions(),
            revocation_service: revocation_service.clone(),
            clock: Arc::clone(clock),
            access_gateway: Arc::clone(&self.access_gateway),
        };
        let trail_service = TrailService {
            grants: store.grants(),
            transactions: store.transactions(),
            clock: Arc::clone(clock),
            access_gateway: Arc::clone(&self.access_gateway),
        };
        let job_service = JobService {
            deliveries: delivery_service.clone(),
            evaluations: evaluation_service.clone(),
            events: event_service.clone(),
            execution: execution_service.clone(),
            readiness: readiness_service.clone(),
            revocation: revocation_service.clone(),
            scans: scan_service.clone(),
            trail: trail_service.clone(),
            variables: self.variable_read_service(),
        };
        let eligibility_service = EligibilityService {
            grants: store.grants(),
            grant_reader: grant_reader.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
            access_policy: Arc::clone(&access.policy),
        };
        let grant_service = GrantService {
            audit: store.audit(),
            denials: store.denials(),
            grants: store.grants(),
            eligibility_service: eligibility_service.clone(),
            grant_reader: grant_reader.clone(),
            people_service: people_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let creation_service = self.creation_service(
            (&people_service, &policy_service, &snapshot_service),
            &event_service,
            &access.policy,
            &authority,
        );
        let queue_service = QueueService {
            findings: store.findings(),
            grants: store.grants(),
            scans: store.scans(),
            creation_service: creation_service.clone(),
            exception_service: exception_service.clone(),
            grant_service: grant_service.clone(),
            progress_service: progress_service.clone(),
            remediation_service: remediation_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
            access_policy: Arc::clone(&access.policy),
        };
        let navigation_service = NavigationService {
            accounts: store.accounts(),
            index: store.index(),
            scans: store.scans(),
            grant_service: grant_service.clone(),
            progress_service: progress_service.clone(),
            queue_service: queue_service.clone(),
            clock: Arc::clone(clock),
        };
        let grant_lifecycle_service = GrantLifecycleService {
            transactions: store.transactions(),
            eligibility_service: eligibility_service.clone(),
            grant_reader: grant_reader.clone(),
            people_service: people_service.clone(),
            clock: Arc::clone(clock),
        };
        let grant_session_service = GrantSessionService {
            transactions: store.transactions(),
            eligibility_service: eligibility_service.clone(),
            grant_reader: grant_reader.clone(),
            clock: Arc::clone(clock),
            access_gateway: Arc::clone(&self.access_gateway),
            session_seconds: access.session_seconds,
            federation: access.federation.clone(),
        };
        let grant_change_service = GrantChangeService {
            transactions: store.transactions(),
            grant_session_service: grant_session_service.clone(),
            clock: Arc::clone(clock),
            access_gateway: Arc::clone(&self.access_gateway),
            gateway: Arc::clone(&self.gateway),
        };
        let request_service = RequestService {
            grants: store.grants(),
            transactions: store.transactions(),
            eligibility_service: eligibility_service.clone(),
            grant_reader: grant_reader.clone(),
            people_service: people_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let grant_timer = GrantTimer {
            audit: store.audit(),
            denials: store.denials(),
            grants: store.grants(),
            transactions: store.transactions(),
            delivery_service: delivery_service.clone(),
            grant_reader: grant_reader.clone(),
            people_service: people_service.clone(),
            clock: Arc::clone(clock),
        };
        let compliance_service = ComplianceService {
            accounts: store.accounts(),
            evaluations: store.evaluations(),
            findings: store.findings(),
            inventory: store.inventory(),
            overview: store.overview(),
            scans: store.scans(),
            policy_service: policy_service.clone(),
            progress_service: progress_service.clone(),
            snapshot_service: snapshot_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let evidence_service = EvidenceService {
            accounts: store.accounts(),
            audit: store.audit(),
            exceptions: store.exceptions(),
            findings: store.findings(),
            overview: store.overview(),
            transactions: store.transactions(),
            policy_service: policy_service.clone(),
            progress_service: progress_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let digest_service = DigestService {
            notifications: store.notifications(),
            overview: store.overview(),
            transactions: store.transactions(),
            people_service: people_service.clone(),
            policy_service: policy_service.clone(),
            progress_service: progress_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
            access_policy: Arc::clone(&access.policy),
        };
        let inbox_service = InboxService {
            exceptions: store.exceptions(),
            grants: store.grants(),
            notifications: store.notifications(),
            plans: store.plans(),
            exception_service: exception_service.clone(),
            grant_reader: grant_reader.clone(),
            grant_service: grant_service.clone(),
            remediation_service: remediation_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let inventory_service = InventoryService {
            accounts: store.accounts(),
            index: store.index(),
            inventory: store.inventory(),
            progress_service: progress_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let activity_service = ActivityService {
            accounts: store.accounts(),
            activity: store.activity(),
            events: store.events(),
            findings: store.findings(),
            inventory_service: inventory_service.clone(),
            authority: authority.clone(),
        };
        let reader_service = self.reader_service(&authority);
        let consumer_role_service = self.consumer_role_service(&reader_service, &authority);
        let consumer_plan_service = self.consumer_plan_service(
            &consumer_role_service,
            &people_service,
            &plan_writer,
            &authority,
        );
        let rotation_preflight_service =
            self.rotation_preflight_service(&reader_service, &grant_session_service, &authority);
        let leak_service =
            self.leak_service(&inventory_service, &people_service, &plan_writer, &authority);
        let account_service = AccountService {
            accounts: store.accounts(),
            alarm_check_service,
            deployment: self.deployment.clone(),
            scope_check_service: scope_check_service.clone(),
            snapshot_service: snapshot_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
        };
        let access_rule_service = AccessRuleService {
            grants: store.grants(),
            eligibility_service: eligibility_service.clone(),
            grant_reader: grant_reader.clone(),
            people_service: people_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
            access_policy: Arc::clone(&access.policy),
        };
        let channel_service = ChannelService {
            audit: store.audit(),
            transactions: store.transactions(),
            delivery_service: delivery_service.clone(),
            clock: Arc::clone(clock),
            messenger: Arc::clone(&access.messenger),
        };
        let configuration_service = ConfigurationService {
            index: store.index(),
            inventory: store.inventory(),
            people_service: people_service.clone(),
            progress_service: progress_service.clone(),
            scope_check_service: scope_check_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
            roles: access.roles.as_slice().into(),
            owner_rules: Arc::clone(store.owner_rules()),
            scan_settings: Arc::clone(&self.scan_settings),
            retention: self.retention,
            installation: Arc::clone(&self.installation),
        };
        let setup_service = SetupService {
            audit: store.audit(),
            notifications: store.notifications(),
            transactions: store.transactions(),
            account_service: account_service.clone(),
            channel_service: channel_service.clone(),
            configuration_service: configuration_service.clone(),
            people_service: people_service.clone(),
            policy_service: policy_service.clone(),
            clock: Arc::clone(clock),
            installation: Arc::clone(&self.installation),
        };
        let system_service = SystemService {
            database: store.database(),
            index: store.index(),
            jobs: store.jobs(),
            scans: store.scans(),
            health_service: health_service.clone(),
            clock: Arc::clone(clock),
            authority: authority.clone(),
            installation: Arc::clone(&self.installation),
        };
        Features {
            access_rules: access_rule_service,
            accounts: account_service,
            activity: activity_service,
            alarms: alarm_service,
            audit: audit_service,
            changes: change_service,
            channels: channel_service,
            compliance: compliance_service,
            configuration: configuration_service,
            consumer_plans: consumer_plan_service,
            consumer_roles: consumer_role_service,
            creations: creation_service,
            declared_consumers: self.declared_consumer_service(&authority),
            deliveries: delivery_service,
            digests: digest_service,
            events: event_service,
            evaluations: evaluation_service,
            evidence: evidence_service,
            exceptions: exception_service,
            grant_changes: grant_change_service,
            grant_lifecycle: grant_lifecycle_service,
            grant_sessions: grant_session_service,
            grant_timer,
            grants: grant_service,
            health: health_service,
            inbox: inbox_service,
            incident: incident_service,
            inventory: inventory_service,
            job_control: JobControlService {
                jobs: store.jobs(),
                transactions: store.transactions(),
                clock: Arc::clone(clock),
            },
            jobs: job_service,
            leaks: leak_service,
            live: live_service,
            metrics: metrics_service,
            navigation: navigation_service,
            people: people_service,
            pipelines: self.pipeline_service(&reader_service, &authority),
            policies: policy_service,
            queue: queue_service,
            recipes: self.recipe_service(&reader_service, &authority),
            readers: reader_service,
            remediation: remediation_service,
            requests: request_service,
            retention: RetentionService {
                retention_repository: store.retention(),
                clock: Arc::clone(clock),
                retention: self.retention,
            },
            revocation: revocation_service,
            rotation_preflight: rotation_preflight_service,
            hosted_rotations: self.hosted_rotation_service(&authority),
            code_exports: self.code_export_service(&authority),
            rotations: self.calendar_service(&progress_service, &authority),
            scans: scan_service,
            scope_checks: scope_check_service,
            setup: setup_service,
            sign_ins: sign_in_service,
            system: system_service,
            triage: triage_service,
            variables: self.variable_service(&authority),
        }
    }
}
