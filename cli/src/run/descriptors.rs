//! Values in file descriptors of a command: the reading end of a pipe, at the number that the person names.
//!
//! The number is reserved before the program opens anything (the runtime and the network use the lowest free numbers). Later
//! the pipe takes the reserved number's place with `dup2`, which also lets the command inherit it. So no code runs between
//! `fork` and `exec`. The value goes through the pipe only, never through a file, and a pipe can be read once.

use crate::error::CliError;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{PipeWriter, Write},
    os::fd::{AsRawFd, OwnedFd, RawFd},
    process::Stdio,
    thread,
};
use tokio::process::Command;
use zeroize::Zeroizing;

/// Numbers that nothing else of this program gets.
#[derive(Default)]
pub(crate) struct Reserved(BTreeMap<u8, OwnedFd>);

impl Reserved {
    /// 0 is standard input, which needs no reservation.
    pub(crate) fn new(numbers: impl Iterator<Item = u8>) -> Result<Self, CliError> {
        let mut reserved = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for number in numbers {
            if !seen.insert(number) {
                return Err(CliError::Input(format!("--fd names {number} twice")));
            }
            if number == 0 {
                continue;
            }
            let fault = |error: std::io::Error| {
                CliError::file(format_args!("file descriptor {number}"), error)
            };
            let fd = rustix::io::fcntl_dupfd_cloexec(std::io::stdin(), RawFd::from(number))
                .map_err(|error| fault(error.into()))?;
            if fd.as_raw_fd() != RawFd::from(number) {
                return Err(CliError::Input(format!(
                    "file descriptor {number} is already open. Use another number"
                )));
            }
            reserved.insert(number, fd);
        }
        Ok(Self(reserved))
    }

    /// Lets the command read these bytes from this number.
    pub(crate) fn connect(
        &mut self,
        number: u8,
        bytes: Zeroizing<Vec<u8>>,
        command: &mut Command,
    ) -> Result<Feed, CliError> {
        let fault = |error| CliError::file(format_args!("file descriptor {number}"), error);
        let (reader, writer) = std::io::pipe().map_err(fault)?;
        match self.0.get_mut(&number) {
            Some(fd) => rustix::io::dup2(&reader, fd).map_err(|error| fault(error.into()))?,
            None => {
                command.stdin(Stdio::from(reader));
            }
        }
        Ok(Feed { writer, bytes })
    }
}

/// The writing end, which the command does not inherit.
pub(crate) struct Feed {
    writer: PipeWriter,
    bytes: Zeroizing<Vec<u8>>,
}

impl Feed {
    /// Writes beside everything else: a pipe may hold less than the value. It ends when the command has read all, or closed
    /// its end.
    pub(crate) fn begin(mut self) {
        thread::spawn(move || {
            let _ = self.writer.write_all(&self.bytes);
        });
    }
}
