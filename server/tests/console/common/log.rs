//! What the process logs while its tests run, at every level of our own crates.

use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tracing_subscriber::{
    EnvFilter, Layer, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Words that tests look for, and the lines that contained them.
static WATCHED: Mutex<Vec<(String, Vec<String>)>> = Mutex::new(Vec::new());

const EVERYTHING_OF_OURS: &str = "off,claviger=trace,claviger_app=trace,claviger_aws=trace,claviger_domain=trace,\
                                  claviger_policy=trace,claviger_services=trace,claviger_store=trace";

fn watched() -> MutexGuard<'static, Vec<(String, Vec<String>)>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the process's subscriber, once. Only the log has the cause of an internal error: a failed test shows warnings.
pub fn start() {
    let shown = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_test_writer()
        .with_filter(tracing_subscriber::filter::LevelFilter::WARN);
    let watched = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Watcher)
        // A line for each span's end as well: it has the span's fields.
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_filter(EnvFilter::new(EVERYTHING_OF_OURS));
    tracing_subscriber::registry().with(shown).with(watched).init();
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

/// A writer that keeps only the lines with a watched word.
struct Watcher;

impl Write for Watcher {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        for (word, lines) in watched().iter_mut() {
            if text.contains(word.as_str()) {
                lines.push(text.trim_end().to_owned());
            }
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
        Self
    }
}
