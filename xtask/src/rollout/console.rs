//! Claviger with the hub's credentials and no others: the check, the first scan and the first grant.

use super::{
    aws::Aws,
    organization::{EmulatedOrganization, OTHER_SECRET, SECRET},
};
use crate::{
    laptop::Laptop,
    person,
    process::{Service, answers, ending, free_port, random_hex, wait_for},
    setup::postgres::Cluster,
    shell::{root, run_quiet, without_aws},
    stack::{CONSOLE_ROLE, Tools, create_console_role, create_database, start_identity},
    web,
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

/// Longer than a scan of three accounts takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A configured Claviger with its database and identity provider; `serve` runs only within `scan_and_grant`.
pub struct Console {
    binary: PathBuf,
    folder: PathBuf,
    port: u16,
    settings: Vec<(&'static str, String)>,
    hub: Aws,
    _identity: Service,
}

impl Console {
    /// `database` is the name of a new one.
    pub fn new(
        tools: &Tools,
        folder: &Path,
        cluster: &Cluster,
        binary: &Path,
        place: &EmulatedOrganization,
        database: &str,
    ) -> Result<Self> {
        let owner = create_database(&tools.postgres, &cluster.url, database)?;
        let database = create_console_role(&tools.postgres, &owner)?;
        run_quiet(
            Command::new(binary)
                .args(["migrate", "--grant-to", CONSOLE_ROLE])
                .env("DATABASE_URL", &owner),
        )?;
        let (port, identity_port, client_secret) = (free_port()?, free_port()?, random_hex()?);
        let url = format!("http://127.0.0.1:{port}");
        let identity = start_identity(tools, folder, identity_port, &client_secret, &url)?;
        let first = root().join("xtask/src/rollout/first");
        let settings = vec![
            ("CLAVIGER_FILE", first.join("claviger.toml").display().to_string()),
            ("CLAVIGER_ACCESS_POLICIES", first.join("policies.cedar").display().to_string()),
            ("CLAVIGER_ACCESS_RULES", first.join("rules.toml").display().to_string()),
            ("DATABASE_URL", database),
            ("CLAVIGER_PUBLIC_URL", url),
            ("CLAVIGER_LISTEN", format!("127.0.0.1:{port}")),
            ("CLAVIGER_SITE_DIR", web::placeholder(folder)?.display().to_string()),
            ("CLAVIGER_OIDC_ISSUER", format!("http://127.0.0.1:{identity_port}")),
            ("CLAVIGER_OIDC_CLIENT_ID", "claviger".to_owned()),
            ("CLAVIGER_OIDC_CLIENT_SECRET", client_secret),
            ("CLAVIGER_EXTERNAL_ID", place.external_id.clone()),
        ];
        Ok(Self {
            binary: binary.to_path_buf(),
            folder: folder.to_path_buf(),
            port,
            settings,
            hub: place.hub()?,
            _identity: identity,
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        without_aws(&mut command).envs(self.hub.environment());
        command
    }

    /// The lines of `claviger check --online`, and whether it succeeded.
    pub fn check(&self, more: &[(&str, &str)]) -> Result<(bool, String)> {
        let output =
            self.command().args(["check", "--online"]).envs(more.iter().copied()).output()?;
        let text = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
    }

    /// Every line is `ok`, and every role of each kind of account is among them.
    pub fn check_is_green(&self) -> Result<()> {
        let (is_green, text) = self.check(&[])?;
        let others =
            text.lines().find(|line| line.starts_with("warning") || line.starts_with("failed"));
        ensure!(is_green && others.is_none(), "claviger check --online:\n{text}");
        for wanted in [
            "ok       STS: ",
            "ok       Organization: ",
            "3 accounts",
            "ok       Tag policies",
            "ok       Role claviger-inventory in",
            "ok       Role claviger-access in",
            "ok       Role claviger-remediation in",
            "(management account)",
            "(member account",
        ] {
            ensure!(text.contains(wanted), "claviger check --online has no {wanted:?}:\n{text}");
        }
        Ok(())
    }

    /// Starts the server; a security admin scans, requests a secret that another approves, reads it with the session, and
    /// ends the access.
    pub fn scan_and_grant(&self, tools: &Tools, place: &EmulatedOrganization) -> Result<()> {
        let log = self.folder.join("console.log");
        let mut serve = self.command();
        serve.arg("serve");
        let mut service = Service::start("Claviger", &mut serve, &log, "TERM")?;
        wait_for("Claviger", &mut service, Duration::from_mins(1), || {
            answers(self.port, "/readyz")
        })?;
        self.scan(place)?;
        self.grant(tools, place)?;
        drop(service);
        let text = fs::read_to_string(&log)?;
        ensure!(!text.contains("panicked"), "Claviger panicked: see {}", log.display());
        ensure!(!text.contains(&place.canary), "a value is in {}", log.display());
        Ok(())
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ada starts a scan and waits for it; every account was read, and every secret is found.
    fn scan(&self, place: &EmulatedOrganization) -> Result<()> {
        let ada = person::sign_in(&self.url(), "ada", "Ada Okafor")?;
        let accounts = place.organization.accounts().count();
        let progress = person::scan(&ada, &self.url(), PATIENCE)?;
        ensure!(
            progress["accounts_reached"] == accounts && progress["accounts_failed"] == 0,
            "the scan did not read every account: {progress}"
        );
        let list = person::ask(&ada, &self.url(), "inventory/list", &[("query", "q=ledger")])?;
        let rows = list["page"]["rows"].as_array().context("the inventory has no rows")?;
        let count = |name: &str| rows.iter().filter(|row| row["name"] == name).count();
        ensure!(
            count(SECRET) == accounts && count(OTHER_SECRET) == accounts,
            "the inventory has other secrets: {list}"
        );
        Ok(())
    }

    /// By `clv`, as people do it.
    fn grant(&self, tools: &Tools, place: &EmulatedOrganization) -> Result<()> {
        let account = place.organization.members.first().context("no member account")?;
        let login = |subject: &str, name: &str| {
            Laptop::sign_in(&self.binary, &self.folder, &self.url(), subject, name)
        };
        let ada = login("ada", "Ada Okafor")?;
        let sam = login("sam", "Sam Keller")?;
        let asked = ada.clv(&[
            "request",
            SECRET,
            "--account",
            account,
            "--purpose",
            "The first grant.",
            "--for",
            "10m",
        ])?;
        let grant = asked.split('\t').next().unwrap_or_default().trim().to_owned();
        ensure!(grant.starts_with("G-"), "clv request said {asked}");
        ensure!(
            ada.clv(&["approve", &grant]).is_err(),
            "a person approved their own request {grant}"
        );
        sam.clv(&["approve", &grant])?;
        ada.clv(&["claim", &grant])?;
        let value = ada.clv(&["get", SECRET, "--account", account])?;
        let wanted = format!("{}-{account}-{SECRET}", place.canary);
        ensure!(value.trim() == wanted, "clv get did not print the secret's value");

        // The session itself, without Claviger between: AWS's own answer, and for this secret only.
        let credentials: Value = serde_json::from_str(&ada.clv(&["creds", "--grant", &grant])?)?;
        let session = Aws::session(tools, &place.management.endpoint, &credentials)?;
        let read = |name| ["secretsmanager", "get-secret-value", "--secret-id", name];
        let answer = session.json(&read(SECRET))?;
        ensure!(answer["SecretString"] == wanted.as_str(), "the session read another value");
        session.must_refuse(&read(OTHER_SECRET))?;

        ada.clv(&["give-back", &grant])?;
        let began = Instant::now();
        while session.must_refuse(&read(SECRET)).is_err() {
            if began.elapsed() > PATIENCE || ending() {
                bail!("the session of {grant} still reads its secret after the access has ended");
            }
            sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}
