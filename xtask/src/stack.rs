//! The complete demo on loopback: database, emulator, identity provider, console.

use crate::{
    process::{Service, answers, free_port, random_hex, wait_for},
    setup::{
        self,
        postgres::{Cluster, Durability},
    },
    shell::{root, run_quiet},
    web,
};
use anyhow::{Context, Result, anyhow};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

/// The tools that the stack is started with.
#[derive(Clone)]
pub struct Tools {
    pub python: PathBuf,
    pub node: PathBuf,
    pub postgres: PathBuf,
}

impl Tools {
    pub fn ensure() -> Result<Self> {
        Self::ensure_while(|| Ok(()))
    }

    /// Makes the Python environment, most of which is a download, during the work. PostgreSQL and Node.js are there before it.
    pub fn ensure_while(work: impl FnOnce() -> Result<()>) -> Result<Self> {
        setup::python::interpreter()?;
        let (postgres, node) = (setup::postgres::ensure()?, setup::node::ensure()?);
        let python = thread::scope(|scope| {
            let python = scope.spawn(setup::python::ensure);
            let worked = work();
            let python = python.join().map_err(|_| anyhow!("the set-up of Python panicked"))??;
            worked.map(|()| python)
        })?;
        Ok(Self { python, node, postgres })
    }
}

/// ministack with the demo Organization in it.
pub struct Emulator {
    service: Service,
    pub port: u16,
    pub external_id: String,
    pub key_id: String,
    pub key_secret: String,
}

impl Emulator {
    pub fn start(tools: &Tools, folder: &Path, canary: &str) -> Result<Self> {
        Self::launch(tools, folder, canary, false)
    }

    /// Without accounts, roles and secrets.
    pub fn start_empty(tools: &Tools, folder: &Path) -> Result<Self> {
        Self::launch(tools, folder, "", true)
    }

    fn launch(tools: &Tools, folder: &Path, canary: &str, is_empty: bool) -> Result<Self> {
        let (port, external_id, key_secret) = (free_port()?, random_hex()?, random_hex()?);
        let key_id = format!("AKIA{}", random_hex()?[..16].to_uppercase());
        let scratch = folder.join("tmp");
        fs::create_dir_all(&scratch)?;
        let mut command = Command::new(tools.python.join("python"));
        command
            .arg(root().join("demo/emulator.py"))
            .env("GATEWAY_PORT", port.to_string())
            .env("CLAVIGER_DEMO_EXTERNAL_ID", &external_id)
            .env("CLAVIGER_DEMO_KEY_ID", &key_id)
            .env("CLAVIGER_DEMO_KEY_SECRET", &key_secret)
            .env("CLAVIGER_DEMO_CANARY", canary)
            .env("CLAVIGER_DEMO_EMPTY", is_empty.to_string())
            .env("TMPDIR", scratch);
        let mut service =
            Service::start("The AWS emulator", &mut command, &folder.join("emulator.log"), "TERM")?;
        wait_for("The AWS emulator", &mut service, Duration::from_mins(1), || {
            answers(port, "/_ministack/health")
        })?;
        Ok(Self { service, port, external_id, key_id, key_secret })
    }

    /// Its process, for tests that halt it.
    pub fn pid(&self) -> u32 {
        self.service.pid()
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The queue of the event bus, in the management account.
    pub fn queue_url(&self) -> String {
        format!("{}/204917356680/claviger-events", self.url())
    }
}

/// moto, for features that ministack lacks.
pub struct Moto {
    _service: Service,
    pub port: u16,
}

impl Moto {
    pub fn start(tools: &Tools, folder: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(tools.python.join("moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).env_remove("MOTO_ACCOUNT_ID");
        let mut service = Service::start("moto", &mut command, &folder.join("moto.log"), "TERM")?;
        wait_for("moto", &mut service, Duration::from_mins(1), || {
            answers(port, "/moto-api/data.json")
        })?;
        Ok(Self { _service: service, port })
    }
}

/// The running demo. Dropped from the top down: the console first, the database last.
pub struct Stack {
    pub console: Service,
    _identity: Service,
    emulator: Emulator,
    pub cluster: Cluster,
    pub port: u16,
    pub log: PathBuf,
    pub canary: String,
    /// As the owner of the schema. Claviger itself connects as `CONSOLE_ROLE`.
    pub database: String,
    settings: Vec<(&'static str, String)>,
}

/// The purpose of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Demo,
    Tests,
    Benchmark,
    /// Tests that open no page in a browser.
    WithoutBrowser,
}

/// Claviger's database role, which owns nothing.
pub const CONSOLE_ROLE: &str = "claviger_console";

impl Stack {
    /// Starts everything; `binary` is the built server.
    pub fn start(
        tools: &Tools,
        folder: &Path,
        port: u16,
        binary: &Path,
        purpose: Purpose,
    ) -> Result<Self> {
        let for_tests = matches!(purpose, Purpose::Tests | Purpose::WithoutBrowser);
        let care = if for_tests { Durability::Lost } else { Durability::Kept };
        let site = match purpose {
            Purpose::Demo => web::site(web::Build::Quick),
            Purpose::Tests | Purpose::Benchmark => web::site(web::Build::Small),
            Purpose::WithoutBrowser => web::placeholder(folder)?,
        };
        let cluster = Cluster::start(&tools.postgres, &folder.join("postgres"), care)?;
        let database = create_database(&tools.postgres, &cluster.url, "claviger")?;
        let console_database = create_console_role(&tools.postgres, &database)?;
        run_quiet(
            Command::new(binary)
                .args(["migrate", "--grant-to", CONSOLE_ROLE])
                .env("DATABASE_URL", &database),
        )?;
        let canary = format!("CANARY{}", &random_hex()?[..12]);
        let emulator = Emulator::start(tools, folder, &canary)?;
        let console_url = format!("http://127.0.0.1:{port}");
        let (identity_port, client_secret) = (free_port()?, random_hex()?);
        let identity = start_identity(tools, folder, identity_port, &client_secret, &console_url)?;
        let log = folder.join("console.log");
        let mut settings = vec![
            ("DATABASE_URL", console_database),
            ("CLAVIGER_PUBLIC_URL", console_url),
            ("CLAVIGER_SITE_DIR", site.display().to_string()),
            ("CLAVIGER_OIDC_ISSUER", format!("http://127.0.0.1:{identity_port}")),
            ("CLAVIGER_OIDC_CLIENT_ID", "claviger".to_owned()),
            ("CLAVIGER_OIDC_CLIENT_SECRET", client_secret),
            ("CLAVIGER_EXTERNAL_ID", emulator.external_id.clone()),
            ("CLAVIGER_EVENT_QUEUE_URL", emulator.queue_url()),
            // This build is not optimized: more workers would take both cores away from people.
            ("CLAVIGER_JOBS", "3".to_owned()),
            ("AWS_ENDPOINT_URL", emulator.url()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", emulator.key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", emulator.key_secret.clone()),
        ];
        if for_tests {
            // All test browsers have the same address.
            settings.push(("CLAVIGER_SIGN_IN_PER_MINUTE", "10000".to_owned()));
            settings.push(("CLAVIGER_SIGN_IN_TOTAL_PER_MINUTE", "10000".to_owned()));
        }
        let mut command = console_command(binary, &settings, port);
        let mut console = Service::start("The console", &mut command, &log, "TERM")?;
        wait_for("The console", &mut console, Duration::from_mins(1), || answers(port, "/readyz"))?;
        Ok(Self {
            console,
            _identity: identity,
            emulator,
            cluster,
            port,
            log,
            canary,
            database,
            settings,
        })
    }

    /// Another server over the same database, on another port.
    pub fn replica(&self, binary: &Path, folder: &Path) -> Result<Service> {
        let port = free_port()?;
        let mut command = console_command(binary, &self.settings, port);
        let log = folder.join("replica.log");
        let mut console = Service::start("Another console", &mut command, &log, "TERM")?;
        let ready = || answers(port, "/readyz");
        wait_for("Another console", &mut console, Duration::from_mins(1), ready)?;
        Ok(console)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The AWS endpoint, for a separate client.
    pub fn aws_url(&self) -> String {
        self.emulator.url()
    }
}

fn console_command(binary: &Path, settings: &[(&'static str, String)], port: u16) -> Command {
    let mut command = Command::new(binary);
    command
        .args(["--file"])
        .arg(root().join("demo/claviger.toml"))
        .arg("serve")
        .current_dir(root())
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .env("CLAVIGER_LISTEN", format!("127.0.0.1:{port}"))
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN");
    command
}

/// Creates Claviger's role with a new password, and returns the database's URL with that role.
pub fn create_console_role(bin: &Path, database: &str) -> Result<String> {
    let password = random_hex()?;
    let sql = format!(
        "do $$ begin
            if not exists (select 1 from pg_roles where rolname = '{CONSOLE_ROLE}') then
                create role {CONSOLE_ROLE} login;
            end if;
        end $$;
        alter role {CONSOLE_ROLE} password '{password}'"
    );
    run_quiet(Command::new(bin.join("psql")).args(["-X", "-q", "-c", &sql, database]))?;
    let (_, host) = database.rsplit_once('@').context("a database URL without a host")?;
    Ok(format!("postgres://{CONSOLE_ROLE}:{password}@{host}"))
}

pub fn start_identity(
    tools: &Tools,
    folder: &Path,
    port: u16,
    secret: &str,
    console_url: &str,
) -> Result<Service> {
    let mut command = Command::new(&tools.node);
    command
        .arg(root().join("demo/identity-provider.js"))
        .current_dir(root())
        .env("PORT", port.to_string())
        .env("CLIENT_ID", "claviger")
        .env("CLIENT_SECRET", secret)
        .env("CONSOLE_URL", console_url);
    let log = folder.join("identity-provider.log");
    let mut service = Service::start("The identity provider", &mut command, &log, "TERM")?;
    wait_for("The identity provider", &mut service, Duration::from_secs(30), || {
        answers(port, "/.well-known/openid-configuration")
    })?;
    Ok(service)
}

/// Creates the database if it is missing, and returns its URL.
pub fn create_database(bin: &Path, url: &str, name: &str) -> Result<String> {
    let ask = |sql: &str| {
        run_quiet(Command::new(bin.join("psql")).args(["-X", "-A", "-t", "-c", sql, url]))
    };
    if ask(&format!("select 1 from pg_database where datname = '{name}'"))?.trim().is_empty() {
        ask(&format!("create database {name}"))?;
    }
    let (server, _) = url.rsplit_once('/').context("a database URL without a database")?;
    Ok(format!("{server}/{name}"))
}
