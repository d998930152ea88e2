//! What the process logs while its tests run, at every level of our own crates.

use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter,
    fmt::{MakeWriter, format::FmtSpan},
};

/// Words that tests look for, and the lines that contained them.
static WATCHED: Mutex<Vec<(String, Vec<String>)>> = Mutex::new(Vec::new());

const EVERYTHING_OF_OURS: &str = "off,claviger=trace,claviger_app=trace,claviger_aws=trace,claviger_domain=trace,\
                                  claviger_policy=trace,claviger_services=trace,claviger_store=trace";

fn watched() -> MutexGuard<'static, Vec<(String, Vec<String>)>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the process's subscriber, once. It has one filter for everything: with a filter for each layer, a check of sqlx whether
/// something is enabled would hide the next line of ours.
pub fn start() {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(EVERYTHING_OF_OURS))
        .with_ansi(false)
        // A line for each span's end as well: it has the span's fields.
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(Watcher { is_shown: false })
        .init();
}

/// From now on, lines with this word are kept.
pub fn watch(word: &str) {
    watched().push((word.to_owned(), Vec::new()));
}

/// The lines with this word since it is watched.
pub fn lines_with(word: &str) -> Vec<String> {
    let watched = watched();
    let of = watched.iter().find(|(watched, _)| watched == word);
    of.unwrap_or_else(|| panic!("{word} is not watched")).1.clone()
}

/// A writer that keeps the lines with a watched word, and shows warnings and errors: only the log has the cause of an internal
/// error, and a failed test shows what was written.
struct Watcher {
    is_shown: bool,
}

impl Write for Watcher {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        for (word, lines) in watched().iter_mut() {
            if text.contains(word.as_str()) {
                lines.push(text.trim_end().to_owned());
            }
        }
        if self.is_shown {
            eprint!("{text}");
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Watcher {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self { is_shown: self.is_shown }
    }

    fn make_writer_for(&'a self, line: &Metadata<'_>) -> Self {
        Self { is_shown: *line.level() <= Level::WARN }
    }
}
