//! A person with `clv`, signed in by the device flow.

use crate::{person, shell::run_quiet};
use anyhow::{Context, Result, ensure};
use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A home folder with `clv`.
pub struct Laptop {
    clv: PathBuf,
    home: PathBuf,
}

impl Laptop {
    /// `clv` is next to the server's binary.
    pub fn sign_in(
        binary: &Path,
        folder: &Path,
        url: &str,
        subject: &str,
        name: &str,
    ) -> Result<Self> {
        let laptop = Self {
            clv: binary.with_file_name("clv"),
            home: folder.join(format!("home-{subject}")),
        };
        let mut login = laptop.command(&["login", url]);
        let mut child = login.stdout(Stdio::piped()).spawn().context("clv cannot be started")?;
        let mut output = BufReader::new(child.stdout.take().context("clv login has no output")?);
        let mut first = String::new();
        output.read_line(&mut first)?;
        let link = first.trim().strip_prefix("Open ");
        let confirmed = link
            .with_context(|| format!("clv login said {first}"))
            .and_then(|link| person::confirm_device(link, subject));
        if confirmed.is_err() {
            let _ = child.kill();
        }
        let mut rest = String::new();
        output.read_to_string(&mut rest)?;
        let status = child.wait()?;
        confirmed?;
        ensure!(
            status.success() && rest.contains(&format!("Signed in as {name}")),
            "clv login said {rest}"
        );
        Ok(laptop)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.clv);
        command.args(arguments).env("CLV_HOME", &self.home);
        command
    }

    pub fn clv(&self, arguments: &[&str]) -> Result<String> {
        run_quiet(&mut self.command(arguments))
    }
}
