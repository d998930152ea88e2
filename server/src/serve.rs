//! From the settings to a running server, and its graceful shutdown.

use crate::{
    AppState, StartError, SystemClock,
    auth::{Oidc, SessionTable},
    check::{NEAR_THE_LIMIT, OVER_THE_LIMIT, RAISE_THE_LIMIT},
    connections, database,
    event_reader::read_events,
    events::count_changes,
    heads::Publisher,
    http,
    metrics::{Exporter, Recorder},
    notifier::{FederationClient, Notifier},
    prepare::{Prepared, bind, bind_metrics, prepare},
    router::router,
    settings::{Regions, Settings, installation},
    surroundings,
    worker::{WorkerSettings, run_schedule, spawn_workers},
};
use claviger_aws::{AllGateways, AwsGateway};
use claviger_domain::{
    alarms::rules::AlarmRules,
    authz::scope_check::ScopeProblem,
    clock::{Clock, clock_skew},
};
use claviger_policy::{AccessPolicy, permissions::Role};
use claviger_services::{
    Deployment, ExceptionLimits, RemediationLimits, ScanSettings, ScannedRegions, Services,
    grants::AccessSettings,
};
use claviger_store::{InventorySize, Store};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{broadcast, watch};

/// The time for open requests after the shutdown starts.
const LAST_REQUESTS: Duration = Duration::from_secs(5);
/// The time for everything after the drain, which takes 3 seconds by default: container engines kill after 10.
const STOP_WITHIN: Duration = Duration::from_secs(6);

/// The services for these settings.
pub fn services<A: AllGateways>(
    settings: &Settings,
    store: Store,
    aws: Arc<A>,
    clock: Arc<dyn Clock>,
    http: &reqwest::Client,
) -> Result<Services, StartError> {
    let policy = Arc::new(settings.access_policy()?);
    let notifier = Arc::new(Notifier::new(settings, http.clone())?);
    Ok(over(settings, store, aws, clock, http, policy, notifier))
}

fn over<A: AllGateways>(
    settings: &Settings,
    store: Store,
    aws: Arc<A>,
    clock: Arc<dyn Clock>,
    http: &reqwest::Client,
    policy: Arc<AccessPolicy>,
    notifier: Arc<Notifier>,
) -> Services {
    let sweep = ScanSettings {
        regions: match &settings.regions {
            Regions::Enabled => ScannedRegions::Enabled { home: settings.aws_region.clone() },
            Regions::These(regions) => ScannedRegions::These(regions.clone()),
        },
        interval: time::Duration::minutes(settings.sweep_minutes.into()),
        parameter_tags: time::Duration::minutes(settings.parameter_tags_minutes.into()),
    };
    let references = settings.scope_references(&policy);
    let access = AccessSettings {
        policy,
        roles: settings.roles.clone(),
        session_seconds: settings.access_session_seconds,
        messenger: notifier,
        federation: Some(Arc::new(FederationClient::new(settings, http.clone()))),
    };
    let limits = RemediationLimits {
        an_hour: settings.remediation_per_hour,
        an_account: settings.remediation_account_per_hour,
    };
    let exceptions = ExceptionLimits {
        longest_days: settings.waiver_longest_days,
        review_days: settings.waiver_review_days,
    };
    Services::new(store, aws, clock, sweep, access)
        .with_limits(limits)
        .with_scope_references(references)
        .with_exception_limits(exceptions)
        .with_blackouts(settings.rotation_blackout.clone())
        .with_retention(settings.retention())
        .with_deployment(deployment(settings))
        .with_installation(installation(settings))
        .with_alarm_rules(AlarmRules {
            sensitive_tag: settings.sensitive_tag.clone(),
            readers: settings.sensitive_readers.clone(),
            readers_tag: settings.sensitive_readers_tag.clone(),
            access_role: settings.access_role.clone(),
            remediation_role: settings.remediation_role.clone(),
        })
}

/// How the commands that deploy the roles name them.
fn deployment(settings: &Settings) -> Deployment {
    let names = [
        (Role::Inventory, settings.inventory_role.clone()),
        (Role::Access, settings.access_role.clone()),
        (Role::Remediation, settings.remediation_role.clone()),
        (Role::Consumers, settings.consumers_role.clone()),
        (Role::Iam, settings.iam_role.clone()),
    ];
    Deployment { region: settings.aws_region.clone(), names: names.into() }
}

/// Rejects a configuration in which a path matches two OUs, and warns about OUs and accounts that do not exist.
async fn check_scopes(services: &Services) -> Result<(), StartError> {
    let problems = services
        .scope_checks()
        .check_scopes_at_start()
        .await
        .map_err(|error| StartError::Settings(format!("the scopes: {error}")))?
        .unwrap_or_default();
    let (fatal, warnings): (Vec<ScopeProblem>, Vec<ScopeProblem>) =
        problems.into_iter().partition(ScopeProblem::is_fatal);
    for problem in warnings {
        tracing::warn!(config.config.problem = %problem, "a scope of the configuration matches nothing");
    }
    if fatal.is_empty() {
        return Ok(());
    }
    let each: Vec<String> = fatal.iter().map(ToString::to_string).collect();
    Err(StartError::Settings(each.join("\n")))
}

/// The two steps of an end; each becomes true.
struct Ending {
    /// The replica finishes its jobs, still serves, and is not ready.
    draining: watch::Receiver<bool>,
    shutdown: watch::Receiver<bool>,
}

/// Serves until SIGINT or SIGTERM; then drains, and ends within `STOP_WITHIN` after that, also while it starts: the first
/// process of a container has no default action for signals.
pub async fn run(settings: Settings) -> Result<(), StartError> {
    let drain = Duration::from_secs(settings.drain_seconds.into());
    let (leave, draining) = watch::channel(false);
    let (end, shutdown) = watch::channel(false);
    tokio::spawn(async move {
        end_asked_for().await;
        tracing::info!(
            server.drain_seconds = drain.as_secs(),
            "leaving: /readyz responds with 503"
        );
        let _ = leave.send(true);
        tokio::time::sleep(drain).await;
        tracing::info!("shutting down");
        let _ = end.send(true);
    });
    let mut told = shutdown.clone();
    tokio::select! {
        done = Box::pin(serve_until(settings, Ending { draining, shutdown })) => done,
        () = async {
            let _ = told.wait_for(|shutdown| *shutdown).await;
            tokio::time::sleep(STOP_WITHIN).await;
        } => {
            tracing::warn!("ending with jobs still open: the next start takes them over");
            Ok(())
        }
    }
}

async fn serve_until(settings: Settings, ending: Ending) -> Result<(), StartError> {
    let Ending { draining, shutdown } = ending;
    let Prepared { leptos, http, policy, notifier } = prepare(&settings)?;
    let listener = bind(settings.listen).await?;
    let metrics_listener = bind_metrics(&settings).await?;
    let address = database::address(&settings.database()).await?;
    let store = Store::connect_to(&address, settings.database_connections)
        .await?
        .with_owners(settings.owners())
        .with_inventory_limit(settings.inventory_limit.get().into());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    check_clock(&store, clock.as_ref()).await?;
    store.migrate().await?;
    warn_of_the_owner(&store).await?;
    // This console may have other rules than the one before.
    store.evaluations().forget_contexts().await?;
    let queue = WorkerSettings {
        jobs: settings.jobs,
        takeover: Duration::from_secs(settings.takeover_seconds.into()),
    };
    connections::check(&store, &settings, queue.connections()).await?;
    // People never wait for a connection that a scan holds.
    let job_store = store.with_dedicated_pool(&address, queue.connections()).await?;
    let began = Instant::now();
    report_size(job_store.index().warm_up().await?, began.elapsed());

    let started = clock.now();
    let recorder = Arc::new(Recorder::new());
    let aws = AwsGateway::observed(&settings.aws(), Arc::<Recorder>::clone(&recorder)).await;
    let aws = Arc::new(aws);
    let event_queue = settings.event_queue_url.as_ref().map(|url| aws.event_queue(url.as_str()));
    let services = over(&settings, store.clone(), aws, Arc::clone(&clock), &http, policy, notifier)
        .with_observer(Arc::<Recorder>::clone(&recorder));
    check_scopes(&services).await?;
    services
        .policies()
        .seed_policies()
        .await
        .map_err(|error| StartError::Settings(format!("the first policies: {error}")))?;
    let settings = Arc::new(settings);
    let oidc = Arc::new(Oidc::new(Arc::clone(&settings), http)?);

    let (told, steps) = watch::channel(0);
    let changes = broadcast::Sender::new(256);
    tokio::spawn(count_changes(services.clone(), told, changes.clone()));
    let works = services.clone().with_store(job_store.clone());
    let workers = spawn_workers(&works, &job_store, queue, &draining).await?;
    let keep_alive = Duration::from_secs(settings.keep_alive_seconds.into());
    if let Some(listener) = metrics_listener {
        let metrics = works.metrics().clone();
        let exporter = Exporter::new(recorder, metrics, store.clone(), job_store.clone(), started);
        tracing::info!(server.address = ?listener.local_addr().ok(), "serving metrics");
        // It answers until the process ends, so that the shutdown can be watched too.
        tokio::spawn(http::serve(listener, exporter.router(), keep_alive, std::future::pending()));
    }
    let heads = Publisher::new(&settings, works.clone(), Arc::clone(&clock))?;
    tokio::spawn(heads.run(draining.clone()));
    let (find, unfit) = watch::channel(None);
    tokio::spawn(surroundings::watch(works.health().clone(), find, draining.clone()));
    if let Some(queue) = event_queue {
        tokio::spawn(read_events(works.clone(), queue, draining.clone()));
    }
    tokio::spawn(run_schedule(works, draining.clone()));

    let sessions = SessionTable::new(store, Arc::clone(&clock));
    let state = AppState {
        services,
        settings: Arc::clone(&settings),
        clock,
        oidc,
        leptos,
        steps,
        changes,
        draining,
        unfit,
        shutdown: shutdown.clone(),
    };
    let app = router(state, sessions)
        .map_err(|error| StartError::Settings(format!("public_url: {error}")))?;
    tracing::info!(server.address = %settings.listen, server.public_url = %settings.public_url, "serving");

    let mut told = shutdown.clone();
    let serving = http::serve(listener, app, keep_alive, async move {
        let _ = told.wait_for(|shutdown| *shutdown).await;
    });
    let mut told = shutdown;
    tokio::select! {
        () = serving => {}
        () = async {
            let _ = told.wait_for(|shutdown| *shutdown).await;
            tokio::time::sleep(LAST_REQUESTS).await;
        } => tracing::warn!("requests were still open"),
    }
    // The workers have their own grace period; their errors were logged when they occurred.
    workers.join_all().await;
    Ok(())
}

/// The server starts regardless of the size: access needs no list.
fn report_size(size: InventorySize, took: Duration) {
    let InventorySize { rows, limit } = size;
    if size.is_beyond() {
        tracing::error!(db.rows = rows, db.rows_limit = limit, "{size}. {OVER_THE_LIMIT}");
        return;
    }
    tracing::info!(db.rows = rows, elapsed_ms = took.as_millis(), "the inventory is in memory");
    if size.is_near() {
        tracing::warn!(
            db.rows = rows,
            db.rows_limit = limit,
            "{NEAR_THE_LIMIT}. {RAISE_THE_LIMIT}"
        );
    }
}

/// A clock that is wrong by more than AWS accepts stops the start: nothing would work, and grants would end late.
async fn check_clock(store: &Store, clock: &dyn Clock) -> Result<(), StartError> {
    let before = clock.now();
    let other = store.database().time().await?;
    match surroundings::wrong_clock(clock_skew(before, other, clock.now())) {
        Some(why) => Err(StartError::Clock(why)),
        None => Ok(()),
    }
}

/// The audit log is append-only by privileges only if the server's role does not own it.
async fn warn_of_the_owner(store: &Store) -> Result<(), StartError> {
    let protection = store.audit_protection().await?;
    if !protection.is_append_only {
        tracing::warn!(
            database.role = %protection.role,
            "the database role of this console can change the audit log, because it owns the table or has rights over it. \
             Run `claviger migrate --grant-to ROLE` as the owner, and the console as ROLE; see docs/configuration.md"
        );
    }
    Ok(())
}

/// Waits for SIGINT or SIGTERM.
pub(crate) async fn end_asked_for() {
    use tokio::signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    };
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
