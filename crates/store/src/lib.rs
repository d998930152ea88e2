//! The only SQL. Every query that serves a person takes the accounts that they may see.

#![expect(
    deprecated,
    reason = "the queue turns sqlx's feature `chrono` on beside `time`, and the checked queries warn of having two to choose from; they take `time`"
)]

mod accounts;
mod address;
mod alarms;
mod audit;
mod audit_append;
mod aws_events;
mod changes;
mod compliance;
mod connections;
mod consumers;
mod copy;
mod creation;
mod database;
mod diagnosis;
mod engine;
mod error;
mod exceptions;
mod grants;
mod http_request;
mod inventory;
mod job_queue;
mod leaks;
mod locks;
mod metrics;
mod notifications;
mod people;
mod queue_jobs;
mod remediation;
mod repositories;
mod retention;
mod rotations;
mod scans;
mod schema;
mod sessions;
mod sign_ins;
mod touched;
mod variables;
mod work;

pub use accounts::AccountRepository;
pub use accounts::principals::{PrincipalRepository, StoredGuardrails, StoredPrincipal};
pub use accounts::readable::ReadableResource;
pub use accounts::regions::EnabledRegions;
pub use accounts::trusts::FederatedRole;
pub use address::{DatabaseAddress, DatabaseEndpoint, PasswordError, PasswordSource};
pub use alarms::{
    AlarmRepository, NewAlarm, NewAlarmCheck, NewAlarmTest, Raised, StoredAlarmCheck,
};
pub use audit::AuditRepository;
pub use audit::ChainHead;
pub use audit::search::{AuditEntries, AuditPage};
pub use aws_events::EventRepository;
pub use changes::ChangeRepository;
pub use compliance::evaluation_input::EvaluationRepository;
pub use compliance::findings::FindingRepository;
pub use compliance::overview::OverviewRepository;
pub use compliance::policies::PolicyRepository;
pub use compliance::tag_policies::TagPolicyRepository;
pub use compliance::triage::{NewTriage, TriageRepository};
pub use compliance::{
    evaluation_input::{
        EvaluationInput, InputFingerprint, PendingEvaluation, PreviousResult, ResourceInput,
        StoredResult,
    },
    evaluation_result::{
        EvaluationChange, FindingSummary, MAX_OFFENDERS, NewEvaluation, NewFinding, NewOffender,
        NewResult, TeamPoints, TeamTally,
    },
    findings::{FindingRefs, FoundFindings},
    history::{AccountDay, TeamDay},
    overview::{AccountTally, MAX_GROUPS, TeamPolicyTally},
    policies::StoredPolicy,
    tag_policies::{StoredEffective, StoredTagPolicies},
};
pub use connections::{ConnectionLimits, PoolUse};
pub use consumers::{ConsumerRepository, DeclaredSource, NewDeclared, Room};
pub use creation::{CreationChange, CreationRepository, NewCreation, StoredCreation, TakenName};
pub use database::{Change, ChangeListener, Database, Engine};
pub use diagnosis::Diagnosis;
pub use error::{StoreError, disk_full_errors};
pub use exceptions::ExceptionRepository;
pub use exceptions::{ExceptionCount, InForceException, NewException};
pub use grants::GrantRepository;
pub use grants::denials::DenialRepository;
pub use grants::{
    AccessNumbers, NamedGrant, RequestTarget,
    denials::{Denial, TrailEvent},
    incident::{AccessCutoff, EndedSessions},
};
pub use http_request::{current_request, for_request, for_request_now};
pub use inventory::FactRepository;
pub use inventory::InventoryRepository;
pub use inventory::activity::{ActivityPage, ActivityRepository, MadeCall, SeenGrants};
pub use inventory::cached_index::InventoryIndex;
pub use inventory::{
    details::PendingDetails,
    index::{FacetCounts, FindingCounts, GroupCount, Suggested, Suggestion, TeamRotation},
    limit::{INVENTORY_LIMIT, InventorySize},
    listing::Listed,
    path_readers::StoredIdentity,
    region_scan::{ListOutcome, RegionScanOutcome},
    saved_views::NameTaken,
    usage::{ArnUse, TagUse, UsedArn},
};
pub use job_queue::JobQueue;
pub use job_queue::{INTERACTIVE_JOB_TASK, JOB_TASK, JobCount};
pub use leaks::{LeakRepository, NewLeak};
pub use metrics::{AccountAge, FindingNumbers, MetricsRepository, OpenRevocations};
pub use notifications::NotificationRepository;
pub use notifications::{OutgoingNotice, deliveries::Attempt};
pub use people::KnownPerson;
pub use people::PersonRepository;
pub use queue_jobs::StoredJob;
pub use remediation::plans::PlanRepository;
pub use remediation::{
    plan_steps::{ClaimedStep, HoldReason, RemediationLimits, StepClaim},
    plans::{NewPlan, StoredPlan},
};
pub use retention::RetentionRepository;
pub use rotations::{RotationPlaces, RotationRepository};
pub use scans::ScanRepository;
pub use schema::AuditProtection;
pub use sessions::SessionRepository;
pub use sessions::StoredSession;
pub use sign_ins::SignInRepository;
pub use sign_ins::{Lease, ProviderAnswer, ProviderLogout, StoredSignIn};
pub use touched::{Touched, entry_mark};
pub use variables::{
    NewVariable, NewVariableList, NewVariableRead, VariableAccess, VariableAccount, VariableKey,
    VariableRepository,
};
pub use work::Transactions;
pub use work::{NewGrant, NewSession, UnitOfWork};

use claviger_domain::owner::OwnerRules;
use inventory::held_index::CachedIndex;
use log::LevelFilter;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// What those who use connections can bear.
struct PoolOptions {
    /// A statement that takes longer is told to the log.
    slow_query: Duration,
    /// How long they wait for a connection of theirs.
    acquire_timeout: Duration,
    /// Whether half of the connections are kept open: on a machine that is busy, opening one takes seconds.
    keep_warm: bool,
}

const INTERACTIVE: PoolOptions = PoolOptions {
    slow_query: Duration::from_secs(1),
    acquire_timeout: CONNECT_TIMEOUT,
    keep_warm: true,
};
/// They write much at a time, and what fails is tried again later than what waits.
const BACKGROUND: PoolOptions = PoolOptions {
    slow_query: Duration::from_secs(30),
    acquire_timeout: Duration::from_secs(30),
    keep_warm: false,
};

/// How long we wait for a database that does not answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The connected database. It hands out the repositories; a service holds those that it needs, and not the store.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    cached_index: Arc<CachedIndex>,
    owners: Arc<OwnerRules>,
}

impl Store {
    /// Connects, or says within a few seconds that it cannot.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, StoreError> {
        Self::connect_to(&url.parse()?, max_connections).await
    }

    /// The same by an address that has more than a URL.
    pub async fn connect_to(
        address: &DatabaseAddress,
        max_connections: u32,
    ) -> Result<Self, StoreError> {
        Ok(Self::from_pool(connect(address, max_connections, INTERACTIVE).await?))
    }

    /// The same store by connections of its own, for jobs: they take none from people.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn with_dedicated_pool(
        &self,
        address: &DatabaseAddress,
        max_connections: u32,
    ) -> Result<Self, StoreError> {
        Ok(Self { pool: connect(address, max_connections, BACKGROUND).await?, ..self.clone() })
    }

    /// A store over a pool that somebody else made, such as a test's.
    pub fn from_pool(pool: PgPool) -> Self {
        Self { pool, cached_index: Arc::default(), owners: Arc::default() }
    }

    /// The same with other rules about owners than the usual one.
    #[must_use]
    pub fn with_owners(self, owners: OwnerRules) -> Self {
        Self { owners: Arc::new(owners), ..self }
    }

    /// The rules by which owners are worked out.
    pub fn owner_rules(&self) -> &Arc<OwnerRules> {
        &self.owners
    }

    /// For the queue's worker alone.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }
}

async fn connect(
    address: &DatabaseAddress,
    max_connections: u32,
    covers: PoolOptions,
) -> Result<PgPool, StoreError> {
    let options = address
        .options()
        .application_name(database::APPLICATION_NAME)
        .options([
            ("idle_in_transaction_session_timeout", "60000"),
            // Compiling a statement costs more than any of ours takes, and is decided by guesses.
            ("jit", "off"),
        ])
        .log_slow_statements(LevelFilter::Warn, covers.slow_query);
    let with_password = address.with_password(options.clone()).await?;
    // The pool would try until its time is up, and then say only that it is.
    tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&with_password))
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)??
        .close()
        .await?;
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .min_connections(if covers.keep_warm { max_connections / 2 } else { 0 })
        .acquire_timeout(covers.acquire_timeout)
        // sqlx 0.9.0: a cancelled `begin()` can hand back a connection with an open transaction. A rollback alone would
        // have PostgreSQL write a warning into its log each time that there is none.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.execute("begin; rollback").await?;
                Ok(true)
            })
        })
        .connect_with(with_password)
        .await?;
    address.renew_passwords(&pool, options);
    Ok(pool)
}

/// The single place where ids are born: ordered by time, so that indexes grow at one end.
#[expect(clippy::disallowed_methods, reason = "this is the one generator")]
fn new_id() -> Uuid {
    Uuid::now_v7()
}
