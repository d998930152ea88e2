//! A container without a container engine: `container.sh` in namespaces of its own, and what the kernel says about it.

use super::dockerfile::Start;
use crate::{
    process::{Service, wait_for},
    shell::run_quiet,
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

const SCRIPT: &str = include_str!("container.sh");

/// The built image, and how it starts.
pub struct Image {
    /// The root file system, as it is in the image.
    pub root: PathBuf,
    pub start: Start,
    /// The folder that is mounted at /etc/claviger.
    pub configuration: PathBuf,
}

/// A running container of it.
pub struct Container {
    service: Service,
    /// Its first process, as the host numbers it.
    pub pid: u32,
}

impl Image {
    /// The command line of a container: the image's environment with these settings, and nothing of the host's.
    fn command(&self, program: &[String], settings: &[(String, String)]) -> Command {
        let mut command = Command::new("unshare");
        // Each by its name: `Service` passes on what is removed, not that everything is.
        for (name, _) in std::env::vars_os() {
            command.env_remove(name);
        }
        command
            .args(["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=KILL"])
            .args(["--", "/bin/sh", "-c", SCRIPT, "container.sh"])
            .arg(&self.root)
            .arg(&self.start.user)
            .arg(&self.configuration)
            .args(program)
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .envs(&self.start.environment)
            .envs(settings.iter().map(|(name, value)| (name, value)));
        command
    }

    fn program(&self, arguments: &[&str]) -> Vec<String> {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned());
        self.start.entrypoint.iter().cloned().chain(arguments).collect()
    }

    /// Runs the image's program with these arguments to its end.
    pub fn run(&self, arguments: &[&str], settings: &[(String, String)]) -> Result<String> {
        run_quiet(&mut self.command(&self.program(arguments), settings))
    }

    /// Runs the image's health check. A container's runs in the container; this one shares its network and settings.
    pub fn health(&self, settings: &[(String, String)]) -> Result<String> {
        run_quiet(&mut self.command(&self.start.health, settings))
    }

    /// Starts the image as it is, waits for `/readyz`, and asks the kernel what it is allowed to do.
    pub fn serve(&self, settings: &[(String, String)], port: u16, log: &Path) -> Result<Container> {
        let command: Vec<&str> = self.start.command.iter().map(String::as_str).collect();
        let mut command = self.command(&self.program(&command), settings);
        // Its end is asked for by `Container::stop`; if the check ends early, the kernel ends it with its parent.
        let mut service = Service::start("The image", &mut command, log, "KILL")?;
        wait_for("The image", &mut service, Duration::from_mins(1), || {
            crate::process::answers(port, "/readyz")
        })?;
        let pid = only_child(service.pid())?;
        Ok(Container { service, pid })
    }
}

/// `unshare` has one child: the container's first process.
fn only_child(pid: u32) -> Result<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    children.trim().parse().with_context(|| format!("the container's process among: {children:?}"))
}

impl Container {
    /// What the kernel says about the process; an error if it may do more than it has to.
    pub fn confinement(&self, user: &str) -> Result<String> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let field = |name: &str| -> Result<Vec<&str>> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            Ok(line.with_context(|| format!("{name} of the process"))?.split_whitespace().collect())
        };
        let (uid, gid) = user.split_once(':').context("USER without a group")?;
        ensure!(field("Uid")?.iter().all(|id| *id == uid), "it runs as {:?}", field("Uid")?);
        ensure!(field("Gid")?.iter().all(|id| *id == gid), "its group is {:?}", field("Gid")?);
        ensure!(field("Groups")?.is_empty(), "it has the groups {:?}", field("Groups")?);
        ensure!(field("NSpid")?.last() == Some(&"1"), "it is not the first process");
        for set in ["CapEff", "CapPrm", "CapInh", "CapAmb"] {
            let held = field(set)?;
            ensure!(held == ["0000000000000000"], "its {set} is {held:?}");
        }
        ensure!(field("NoNewPrivs")? == ["1"], "it can gain privileges");
        let mounts = fs::read_to_string(format!("/proc/{}/mountinfo", self.pid))?;
        let writable: Vec<&str> = mounts
            .lines()
            .filter_map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                let (at, options) = (words.get(4)?, words.get(5)?);
                let is_writable = options.split(',').any(|option| option == "rw");
                (is_writable && *at != "/proc").then_some(*at)
            })
            .collect();
        ensure!(
            mounts.lines().any(|line| line.split(' ').nth(4) == Some("/")),
            "its mounts name no root: {mounts}"
        );
        ensure!(writable.is_empty(), "it can write to {writable:?}");
        Ok(format!("user {user}, no capability, no new privileges, process 1, nothing writable"))
    }

    /// Sends SIGTERM to the first process, and returns how long it took. An error if it took 10 seconds, or failed.
    pub fn stop(mut self) -> Result<Duration> {
        let limit = Duration::from_secs(10);
        run_quiet(Command::new("kill").args(["-s", "TERM", "--", &self.pid.to_string()]))?;
        let began = Instant::now();
        loop {
            // `unshare` exits with the status of the first process.
            if let Some(status) = self.service.ended()? {
                let took = began.elapsed();
                if !status.success() {
                    bail!("after SIGTERM it ended with {status}");
                }
                return Ok(took);
            }
            if began.elapsed() >= limit {
                bail!("it was still running {} s after SIGTERM", limit.as_secs());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
