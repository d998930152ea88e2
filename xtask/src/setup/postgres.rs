//! PostgreSQL's server programs, and private clusters.

use super::apt;
use crate::{
    process::{Service, free_port, wait_for},
    shell::{is_root, run_quiet, which},
};
use anyhow::{Context, Result};
use std::{
    fs,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const USER: &str = "claviger";

/// Finds the folder with `initdb` and `postgres`, or installs PostgreSQL.
pub fn ensure() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    apt(&["postgresql"], "PostgreSQL")?;
    find().context("PostgreSQL was installed but initdb cannot be found")
}

fn find() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .collect();
    versions.sort();
    versions
        .pop()
        .map(|(_, bin)| bin)
        .or_else(|| which(&["initdb"])?.parent().map(Path::to_path_buf))
}

/// When committed data can be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    Kept,
    /// Lost with the machine.
    OutlivesItsServer,
    /// Lost with the server: for tests, which do not wait for the disk.
    Lost,
}

/// A running cluster; it stops when this value is dropped.
pub struct Cluster {
    service: Service,
    /// The URL of its maintenance database; the user may create others.
    pub url: String,
    pg_ctl: PathBuf,
    folder: PathBuf,
}

impl Cluster {
    /// Starts the cluster in the folder, which is created first if needed.
    pub fn start(bin: &Path, folder: &Path, care: Durability) -> Result<Self> {
        let folder = reachable(folder)?;
        let cluster = folder.join("cluster");
        let password = password(&folder)?;
        if !cluster.join("PG_VERSION").exists() {
            init(bin, &folder, &cluster)?;
        }
        // A cluster whose server was killed leaves its lock file behind; PostgreSQL checks it by the process id.
        let port = free_port()?;
        let mut command = as_owner(bin.join("postgres"));
        command.arg("-D").arg(&cluster).args([
            "-p",
            &port.to_string(),
            "-h",
            "127.0.0.1",
            "-k",
            "",
        ]);
        let settings: &[&str] = match care {
            Durability::Kept => &[],
            // Committed data is in the kernel's cache, and survives the server.
            Durability::OutlivesItsServer => &["fsync=off", "full_page_writes=off"],
            Durability::Lost => &[
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                "max_connections=300",
            ],
        };
        for setting in settings {
            command.args(["-c", setting]);
        }
        // SIGINT is PostgreSQL's fast shutdown.
        let mut service =
            Service::start("PostgreSQL", &mut command, &folder.join("postgres.log"), "INT")?;
        wait_for("PostgreSQL", &mut service, Duration::from_mins(1), || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
                && run_quiet(Command::new(bin.join("pg_isready")).args([
                    "-h",
                    "127.0.0.1",
                    "-p",
                    &port.to_string(),
                ]))
                .is_ok()
        })?;
        Ok(Self {
            service,
            pg_ctl: bin.join("pg_ctl"),
            folder: cluster,
            url: format!("postgres://{USER}:{password}@127.0.0.1:{port}/postgres"),
        })
    }
}

impl Cluster {
    /// The server's own process; every other process of PostgreSQL is its child.
    pub fn pid(&self) -> u32 {
        self.service.pid()
    }

    /// The arguments of a control command with a verb at its end: `stop` kills the server in the middle of its work, `restart`
    /// starts it again on the same port. From then on it is not a child of this process.
    pub fn outage_command(&self) -> String {
        let mut command = self.pg_ctl();
        command.args(["-m", "immediate", "-l"]).arg(self.folder.with_file_name("restarted.log"));
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    fn pg_ctl(&self) -> Command {
        let mut command = as_owner(self.pg_ctl.clone());
        command.arg("-D").arg(&self.folder).arg("-w");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A restarted server is not our child: it is stopped by the process id in its own file.
        if self.service.check().is_err() {
            let _ = run_quiet(self.pg_ctl().args(["-m", "fast", "stop"]));
        }
    }
}

fn init(bin: &Path, folder: &Path, cluster: &Path) -> Result<()> {
    let mut command = as_owner(bin.join("initdb"));
    // The cluster listens on loopback alone. SCRAM costs a client 17 ms for each connection where its hashes are not optimized;
    // the server stores the password hashed either way.
    command
        .arg("-D")
        .arg(cluster)
        .args(["-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--auth=password", "--no-sync"])
        .arg(format!("--pwfile={}", folder.join("password").display()))
        .current_dir(folder);
    run_quiet(&mut command).map(drop)
}

/// The cluster's password, created once; only the owner can read it.
fn password(folder: &Path) -> Result<String> {
    let file = folder.join("password");
    if let Ok(known) = fs::read_to_string(&file) {
        return Ok(known.trim().to_owned());
    }
    let made = crate::process::random_hex()?;
    fs::write(&file, format!("{made}\n"))?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    if let Some(owner) = owner() {
        run_quiet(Command::new("chown").arg(owner).arg(&file))?;
    }
    Ok(made)
}

/// PostgreSQL does not run as root: then another user owns the cluster.
fn owner() -> Option<&'static str> {
    is_root().then(|| {
        let known = |user: &&str| {
            Command::new("id").arg(user).output().is_ok_and(|output| output.status.success())
        };
        ["postgres", "nobody"].into_iter().find(known).unwrap_or("nobody")
    })
}

fn as_owner(program: PathBuf) -> Command {
    match owner() {
        Some(user) => {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", user, "--regid", &group_of(user), "--clear-groups"])
                .arg(program);
            command
        }
        None => Command::new(program),
    }
}

fn group_of(user: &str) -> String {
    run_quiet(Command::new("id").args(["-g", user]))
        .map_or_else(|_| user.to_owned(), |id| id.trim().to_owned())
}

/// The folder itself, or another one if the cluster's owner has no access to it.
fn reachable(folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let Some(user) = owner() else { return Ok(folder.to_path_buf()) };
    let walk =
        |path: &Path| run_quiet(as_owner("/usr/bin/test".into()).arg("-x").arg(path)).is_ok();
    let folder = if folder.parent().is_none_or(walk) {
        folder.to_path_buf()
    } else {
        let name: String = folder
            .to_string_lossy()
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { '-' })
            .collect();
        let elsewhere = Path::new("/var/tmp").join(format!("claviger{name}"));
        println!(
            "  {user} may not enter {}; the cluster goes to {}",
            folder.display(),
            elsewhere.display()
        );
        fs::create_dir_all(&elsewhere)?;
        elsewhere
    };
    run_quiet(Command::new("chown").arg(user).arg(&folder))?;
    Ok(folder)
}
