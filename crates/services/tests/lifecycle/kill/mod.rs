//! A worker is killed before and after each of its commits and each of its calls that change AWS. After the next start,
//! everything is done once, and nothing is half-done without being shown.

mod creation;
mod killer;

use crate::fixture::{ada, ben, bindings};
use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::Credentials;
use claviger_aws::AwsGateway;
use claviger_domain::{
    clock::Clock,
    ids::AccountId,
    job::Job,
    remediation::{PlanState, PlanTransition, RemediationForm, StepState, view::PlanView},
};
use claviger_policy::AccessPolicy;
use claviger_services::{ScanSettings, ScannedRegions, Services, grants::AccessSettings};
use claviger_store::Store;
use claviger_testkit::{
    Console, TestClock, US,
    samples::region,
    simulator::{
        Behaviour, SimulatedOrganization, Simulator, StoredRotation, StoredSecret, StoredVersion,
        hub,
    },
};
use killer::{Killer, ORDER};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{PgPool, postgres::PgConnectOptions};
use std::{collections::BTreeMap, sync::Arc};
use time::{Duration, OffsetDateTime};

/// What the process does that is killed.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    database: Database,
    aws: String,
    now: OffsetDateTime,
    work: Work,
}

#[derive(Debug, Serialize, Deserialize)]
enum Work {
    Job(Job),
    /// The secret of this name is created, with all that follows.
    Creation(String),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Database {
    host: String,
    port: u16,
    name: String,
}

async fn gateway(url: &str) -> AwsGateway {
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(std::time::Duration::from_millis(20));
    hub(url, retries, TimeoutConfig::builder().build(), BTreeMap::new()).await
}

/// The process: it is this test program, run again with an order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is run by the other tests, which kill it"]
async fn process() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let order: Order = serde_json::from_str(&order).unwrap();
    // The user and the password are those of the tests.
    let database: PgConnectOptions = std::env::var("DATABASE_URL").unwrap().parse().unwrap();
    let database = database
        .host(&order.database.host)
        .port(order.database.port)
        .database(&order.database.name);
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(3).connect_lazy_with(database);
    let services = Services::new(
        Store::from_pool(pool),
        Arc::new(gateway(&order.aws).await),
        Arc::new(TestClock::at(order.now)),
        ScanSettings {
            regions: ScannedRegions::These(vec![region(US)]),
            interval: Duration::minutes(15),
            parameter_tags: Duration::hours(1),
        },
        access(),
    );
    match order.work {
        Work::Job(job) => services.jobs().run(job).await.unwrap(),
        Work::Creation(name) => creation::create(&services, &name).await,
    }
}

fn access() -> AccessSettings {
    let policy = AccessPolicy::read(creation::CEDAR, creation::RULES).unwrap();
    AccessSettings {
        roles: bindings(),
        policy: Arc::new(policy),
        ..AccessSettings::nothing().unwrap()
    }
}

/// An operation on secrets, and what it leaves of each.
struct Operation {
    form: RemediationForm,
    /// The secret before, beside what every secret is.
    before: fn(&mut StoredSecret),
    /// The secret afterwards, from what it was.
    after: fn(&mut StoredSecret),
}

fn wish(wish: &str) -> RemediationForm {
    RemediationForm { wish: wish.into(), ..RemediationForm::default() }
}

fn rotation() -> StoredRotation {
    let function = format!("arn:aws:lambda:{US}:300000000000:function:rotate");
    let rules = json!({"AutomaticallyAfterDays": 30});
    StoredRotation { is_enabled: true, function: Some(function), rules }
}

/// Two versions, of which the second is current.
fn two_versions(secret: &mut StoredSecret) {
    let version = |id: &str, stage: &str| StoredVersion {
        id: id.into(),
        stages: [stage.to_owned()].into(),
        value: Some(format!("value of {id}")),
    };
    secret.versions = vec![
        version("00000000-0000-4000-8000-000000000001", "AWSPREVIOUS"),
        version("00000000-0000-4000-8000-000000000002", "AWSCURRENT"),
    ];
}

struct Setting {
    console: Console<Arc<AwsGateway>>,
    simulator: Simulator,
    owner: aws_sdk_secretsmanager::Client,
    killer: Killer,
    database: Database,
    account: u64,
}

impl Setting {
    async fn new(pool: &PgPool) -> Self {
        let organization = SimulatedOrganization::new(1, &[US, "eu-west-1"], 0, 0);
        let account = organization.account(0);
        let simulator = Simulator::start(organization, Behaviour::default()).await;
        let hub = gateway(&simulator.url()).await;
        let console = Console::builder(pool).access(access()).build_over(hub).await;
        for caller in [ada(), ben()] {
            console.services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
        }
        let key = Credentials::new(format!("ASIA{account}"), "owner", None, None, "owner");
        let config = claviger_testkit::emulator_config(&simulator.url(), key).await;
        let owner = aws_sdk_secretsmanager::Client::new(&config);
        let killer = Killer::default();
        let options = pool.connect_options();
        let database = Database {
            host: "127.0.0.1".into(),
            port: killer.commits(&options).await,
            name: options.get_database().unwrap().to_owned(),
        };
        simulator.watch(Some(killer.watch()));
        Self { console, simulator, owner, killer, database, account }
    }

    fn account_id(&self) -> AccountId {
        self.account.to_string().parse().unwrap()
    }

    /// A secret as the operation needs it, in AWS and in the inventory. Returns the query that chooses it.
    async fn made(&self, name: &str, before: fn(&mut StoredSecret)) -> String {
        self.owner.create_secret().name(name).secret_string("CANARY").send().await.unwrap();
        self.simulator.change_stored(self.account, US, name, |secret| {
            before(secret);
            secret.changes = 0;
        });
        self.console.scan().await;
        let id: sqlx::types::Uuid =
            sqlx::query_scalar("select id from resource where name = $1 and gone_at is null")
                .bind(name)
                .fetch_one(&self.console.pool)
                .await
                .unwrap();
        format!("resource={id}")
    }

    fn stored(&self, name: &str) -> StoredSecret {
        self.simulator.stored(self.account, US, name).unwrap()
    }

    async fn approved(&self, of: &str, form: &RemediationForm) -> String {
        let plans = self.console.services.remediation();
        let draft = plans.draft_plan(&ada(), &form.to_url_query(of)).await.unwrap();
        assert!(draft.left_out.is_empty(), "{:?}", draft.left_out);
        let plan = plans.submit_plan(&ada(), of, form, "So.", &draft.preview).await.unwrap();
        let plan = plan.to_string();
        let hash = self.page(&plan).await.hash;
        plans.transition_plan(&ben(), &plan, PlanTransition::Approve, &hash, "").await.unwrap();
        // The process does it.
        claviger_testkit::taken_jobs(&self.console.pool).await;
        plan
    }

    async fn page(&self, plan: &str) -> PlanView {
        self.console.services.remediation().plan_page(&ada(), plan).await.unwrap()
    }

    async fn killed(&self, work: Work, at: usize) -> Option<String> {
        let order = Order {
            database: self.database.clone(),
            aws: self.simulator.url(),
            now: self.console.clock.now(),
            work,
        };
        let order = serde_json::to_string(&order).unwrap();
        self.killer.run("kill::process", &order, at).await
    }

    /// What the next start does, once a call may no longer be out.
    async fn recover(&self) {
        self.console.work().await;
        self.console.clock.advance(Duration::minutes(6));
        self.console.services.remediation().queue_running_plans().await.unwrap();
        self.console.work().await;
    }

    /// The operation on secrets, killed at each moment.
    async fn survives(&self, operation: &Operation, secrets: usize) {
        let mut moments = 0;
        loop {
            let names: Vec<String> = (0..secrets).map(|n| format!("s{moments}/{n}")).collect();
            let mut of = Vec::new();
            for name in &names {
                of.push(self.made(name, operation.before).await);
            }
            let expected: Vec<StoredSecret> = names
                .iter()
                .map(|name| {
                    let mut secret = self.stored(name);
                    (operation.after)(&mut secret);
                    secret.changes = 1;
                    secret
                })
                .collect();
            let of = format!("change=resources&{}", of.join("&"));
            let plan = self.approved(&of, &operation.form).await;
            let job = Job::Remediate { plan: plan.parse().unwrap(), account: self.account_id() };
            let moment = self.killed(Work::Job(job), moments).await;
            if moment.is_some() {
                self.recover().await;
            }
            let page = self.page(&plan).await;
            let what = format!("{} killed at {moments}: {moment:?}", operation.form.wish);
            assert_eq!(page.row.state, PlanState::Ended, "{what}");
            for step in &page.steps {
                assert_eq!(step.state, StepState::Done, "{what}: {:?}", step.says);
            }
            for (name, expected) in names.iter().zip(expected) {
                assert_eq!(plain(self.stored(name)), plain(expected), "{what}");
            }
            if moment.is_none() {
                break;
            }
            moments += 1;
        }
        assert!(moments >= 6, "{}: killed at {moments} moments alone", operation.form.wish);
        self.console.services.audit().verify_audit(&ada()).await.unwrap();
    }
}

/// Versions by their number: a rotation gives its version an id of its own.
fn plain(mut secret: StoredSecret) -> StoredSecret {
    for (n, version) in secret.versions.iter_mut().enumerate() {
        (version.id, version.value) = (n.to_string(), None);
    }
    secret
}

/// A rotation has made a version, once.
fn rotated(secret: &mut StoredSecret) {
    for version in &mut secret.versions {
        version.stages = if version.stages.contains("AWSCURRENT") {
            ["AWSPREVIOUS".to_owned()].into()
        } else {
            [].into()
        };
    }
    secret.versions.push(StoredVersion {
        stages: ["AWSCURRENT".to_owned()].into(),
        ..StoredVersion::default()
    });
}

macro_rules! survives {
    ($name:ident, $secrets:literal, $form:expr, $before:expr, $after:expr) => {
        #[sqlx::test(migrations = "../../migrations")]
        async fn $name(pool: PgPool) {
            let operation = Operation { form: $form, before: $before, after: $after };
            Setting::new(&pool).await.survives(&operation, $secrets).await;
        }
    };
}

survives!(
    tags_of_two_secrets,
    2,
    RemediationForm { tags: "owner=payments".into(), ..wish("set-tags") },
    |_| {},
    |secret| {
        secret.tags.insert("owner".into(), "payments".into());
    }
);

survives!(a_rotation, 1, wish("rotate-now"), |secret| secret.rotation = Some(rotation()), rotated);

survives!(
    a_rotation_that_is_configured_and_runs,
    1,
    RemediationForm {
        days: "30".into(),
        lambda: rotation().function.unwrap(),
        immediately: "yes".into(),
        ..wish("enable-rotation")
    },
    |_| {},
    |secret| {
        secret.rotation = Some(rotation());
        rotated(secret);
    }
);

survives!(
    a_key,
    1,
    RemediationForm { key: format!("arn:aws:kms:{US}:300000000000:key/one"), ..wish("change-key") },
    |_| {},
    |secret| secret.key = Some(format!("arn:aws:kms:{US}:300000000000:key/one"))
);

survives!(
    a_replica,
    1,
    RemediationForm { region: "eu-west-1".into(), ..wish("replicate") },
    |_| {},
    |secret| {
        secret.replicas.insert("eu-west-1".into(), None);
    }
);

survives!(
    a_deletion,
    1,
    RemediationForm { window: "7".into(), ..wish("schedule-deletion") },
    |_| {},
    |secret| secret.is_deleted = true
);

survives!(a_roll_back, 1, wish("roll-back"), two_versions, |secret| {
    let stages = secret.versions[0].stages.clone();
    secret.versions[0].stages = secret.versions[1].stages.clone();
    secret.versions[1].stages = stages;
});

survives!(
    a_pending_version_that_is_cleared,
    1,
    wish("clear-pending"),
    |secret| {
        two_versions(secret);
        secret.versions.push(StoredVersion {
            id: "00000000-0000-4000-8000-000000000003".into(),
            stages: ["AWSPENDING".to_owned()].into(),
            value: None,
        });
    },
    |secret| secret.versions[2].stages.clear()
);
