//! A server as a separate process, over a database of the test.

use claviger_testkit::{simulator::Simulator, test_folder, write_site};
use sqlx::{Connection, PgConnection, PgPool, postgres::PgConnectOptions};
use std::{
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Long enough for every expected event.
const PATIENCE: Duration = Duration::from_secs(90);

/// Killed when dropped.
pub struct Console {
    process: Child,
    pub url: String,
    pub log: PathBuf,
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Console {
    /// Starts a server on a free port, with additional settings.
    pub fn start(name: &str, database: &str, aws: &Simulator, more: &[(&str, &str)]) -> Self {
        let folder = test_folder!(name);
        write_site(&folder);
        let log = folder.join("console.log");
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let process = command(database)
            .arg("serve")
            .env("CLAVIGER_SITE_DIR", &folder)
            .env("CLAVIGER_LISTEN", &address)
            .env("CLAVIGER_PUBLIC_URL", format!("http://{address}"))
            .env("CLAVIGER_DATABASE_CONNECTIONS", "4")
            .env("CLAVIGER_JOBS", "3")
            .env("AWS_ENDPOINT_URL", aws.url())
            .env("AWS_ACCESS_KEY_ID", "AKIAHUB")
            .env("AWS_SECRET_ACCESS_KEY", "simulated")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("RUST_LOG", "claviger=info,graphile_worker=warn")
            .envs(more.iter().copied())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { process, url: format!("http://{address}"), log }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// The built server with its requirements, and nothing of our own environment.
pub fn command(database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claviger"));
    command
        .env_clear()
        .env("CLAVIGER_OIDC_ISSUER", "https://id.example.com")
        .env("CLAVIGER_OIDC_CLIENT_ID", "claviger")
        .env("CLAVIGER_OIDC_CLIENT_SECRET", "unused")
        .env("DATABASE_URL", database);
    command
}

/// The server of `DATABASE_URL`, its maintenance database.
pub fn server() -> PgConnectOptions {
    std::env::var("DATABASE_URL").unwrap().parse().unwrap()
}

/// Runs these statements one by one, as the role of `DATABASE_URL`, outside of a transaction.
pub async fn maintain(statements: &[String]) {
    let mut connection = PgConnection::connect_with(&server()).await.unwrap();
    for statement in statements {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone()))
            .execute(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// An empty database of this name, which this role or that of `DATABASE_URL` owns. An older one is dropped.
pub async fn fresh(name: &str, owner: Option<&str>) {
    let owner = owner.unwrap_or("default");
    maintain(&[
        format!("drop database if exists {name} with (force)"),
        format!("create database {name} owner {owner} template template0"),
    ])
    .await;
}

/// The URL of a database, as this role or that of `DATABASE_URL`.
pub fn url(role: Option<(&str, &str)>, database: &str) -> String {
    let whole = std::env::var("DATABASE_URL").unwrap();
    let (server, _) = whole.rsplit_once('/').unwrap();
    let Some((role, password)) = role else { return format!("{server}/{database}") };
    let (_, host) = server.rsplit_once('@').unwrap();
    format!("postgres://{role}:{password}@{host}/{database}")
}

pub async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    // Before the server has created the tables there is nothing to count.
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap_or(-1)
}

pub async fn until(console: &Console, pool: &PgPool, sql: &'static str, is: impl Fn(i64) -> bool) {
    let began = Instant::now();
    while !is(count(pool, sql).await) {
        assert!(
            began.elapsed() < PATIENCE,
            "waited in vain for {sql} at {}: {}",
            console.url,
            console.log()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
