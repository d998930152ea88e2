//! `claviger check`: checks the configuration as `serve` does, and with `--online` the services that it names.

mod aws;
mod database;
mod issuer;
mod messages;
mod roles;

pub(crate) use database::{NEAR_THE_LIMIT, OVER_THE_LIMIT, RAISE_THE_LIMIT};

use crate::{
    StartError,
    prepare::{could_listen, prepare},
    settings::Settings,
};
use std::{
    fmt,
    io::{self, Write},
    num::NonZeroUsize,
    time::Duration,
};

/// The timeout of each test.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineStatus {
    Passed,
    /// Neither good nor bad.
    Info,
    Warning,
    Failed,
}

/// One line of the report.
#[derive(Debug)]
struct Line {
    outcome: LineStatus,
    /// The subject of the test.
    about: String,
    /// The result, and if it did not pass, what to do.
    found: String,
}

impl Line {
    fn passed(about: impl Into<String>, found: impl Into<String>) -> Self {
        Self { outcome: LineStatus::Passed, about: about.into(), found: found.into() }
    }

    fn info(about: impl Into<String>, found: impl Into<String>) -> Self {
        Self { outcome: LineStatus::Info, about: about.into(), found: found.into() }
    }

    fn warning(about: impl Into<String>, found: impl fmt::Display, to_do: &str) -> Self {
        Self {
            outcome: LineStatus::Warning,
            about: about.into(),
            found: format!("{found}. {to_do}"),
        }
    }

    fn failed(about: impl Into<String>, found: impl fmt::Display, to_do: &str) -> Self {
        Self {
            outcome: LineStatus::Failed,
            about: about.into(),
            found: format!("{found}. {to_do}"),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.outcome {
            LineStatus::Passed => "ok",
            LineStatus::Info => "info",
            LineStatus::Warning => "warning",
            LineStatus::Failed => "failed",
        };
        // Responses of servers may contain line breaks.
        let found: Vec<&str> = self.found.split_whitespace().collect();
        write!(f, "{word:<8} {}: {}", self.about, found.join(" "))
    }
}

/// Why a test did not pass.
#[derive(Debug, thiserror::Error)]
enum TestError<E: fmt::Display> {
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    Timeout,
    #[error("{0}")]
    Failed(E),
}

/// Ends a test that takes too long.
async fn in_time<T, E: fmt::Display>(
    test: impl Future<Output = Result<T, E>>,
) -> Result<T, TestError<E>> {
    let ended = tokio::time::timeout(PATIENCE, test).await;
    ended.map_err(|_| TestError::Timeout)?.map_err(TestError::Failed)
}

/// `at_most` member accounts are tested for their roles; all without it.
pub(crate) async fn run(
    settings: &Settings,
    online: bool,
    at_most: Option<NonZeroUsize>,
) -> Result<(), StartError> {
    let prepared = prepare(settings)?;
    could_listen(settings).await?;
    if online {
        let (database, issuer, aws, messages) = tokio::join!(
            database::test(settings),
            issuer::test(settings, &prepared.http),
            aws::test(settings, &prepared.policy, at_most),
            messages::test(&prepared.notifier),
        );
        let mut out = io::stdout();
        let lines: Vec<Line> = [database, issuer, aws, messages].into_iter().flatten().collect();
        for line in &lines {
            writeln!(out, "{line}")?;
        }
        let failed = lines.iter().filter(|line| line.outcome == LineStatus::Failed).count();
        if failed > 0 {
            return Err(StartError::Checks(failed));
        }
    }
    eprintln!("The configuration is valid.");
    Ok(())
}
