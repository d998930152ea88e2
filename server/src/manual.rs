//! Shell completions and man pages, made from the definition of the command line itself.

use crate::StartError;
use clap::Args;
use clap_complete::Shell;
use std::{io::Write, path::PathBuf};

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell that reads them.
    shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// An existing folder, such as `/usr/local/share/man/man1`.
    folder: PathBuf,
}

impl Completions {
    pub(crate) fn print(&self, mut command: clap::Command) -> Result<(), StartError> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut command, "claviger", &mut text);
        Ok(std::io::stdout().write_all(&text)?)
    }
}

impl Man {
    /// One page for the command, and one for each of its subcommands.
    pub(crate) fn write(&self, command: clap::Command) -> Result<(), StartError> {
        clap_mangen::generate_to(command, &self.folder).map_err(|error| {
            StartError::Settings(format!(
                "{}: the man pages cannot be written: {error}",
                self.folder.display()
            ))
        })
    }
}
