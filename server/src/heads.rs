//! Heads of the audit log: published on a schedule, and compared when the log is verified.

use crate::{StartError, settings::Settings};
use claviger_domain::{clock::Clock, error_line::ErrorLine};
use claviger_services::{ChainHead, ServiceError, Services};
use regex::Regex;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// Where and how often this replica publishes heads.
pub(crate) struct Publisher {
    services: Services,
    clock: Arc<dyn Clock>,
    interval: std::time::Duration,
    file: Option<PathBuf>,
    has_webhook: bool,
    last: Option<ChainHead>,
}

/// Why a head was not published.
#[derive(Debug, thiserror::Error)]
enum PublishError {
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    Time(#[from] time::error::Format),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("{}: {error}", file.display())]
    File { file: PathBuf, error: std::io::Error },
}

/// A line of the file.
#[derive(Serialize)]
struct Line<'a> {
    at: String,
    seq: i64,
    head: &'a str,
}

impl Publisher {
    /// Tests the file, so that a path that is not writable is reported at startup.
    pub(crate) fn new(
        settings: &Settings,
        services: Services,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        if let Some(file) = &settings.audit_head_file {
            appended(file).map_err(|error| {
                StartError::Settings(format!(
                    "audit_head_file: {} cannot be written ({error})",
                    file.display()
                ))
            })?;
        }
        Ok(Self {
            services,
            clock,
            interval: std::time::Duration::from_mins(settings.audit_head_minutes.into()),
            file: settings.audit_head_file.clone(),
            has_webhook: settings.event_webhook_url.is_some(),
            last: None,
        })
    }

    /// Publishes at startup and then once in each interval, until the server ends.
    pub(crate) async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.publish().await {
                tracing::warn!(
                    error = %ErrorLine(&error),
                    "the head of the audit log cannot be published"
                );
            }
            tokio::select! {
                () = tokio::time::sleep(self.interval) => {}
                _ = shutdown.wait_for(|shutdown| *shutdown) => return,
            }
        }
    }

    async fn publish(&mut self) -> Result<(), PublishError> {
        if let Some(last) = &self.last
            && !self.services.audit().audit_has(last).await?
        {
            tracing::error!(
                audit.seq = last.seq, audit.head = %last.hash,
                "an entry of the audit log that was published is no longer there: entries were removed or rewritten"
            );
            self.services.audit().announce_cut(last).await?;
            // Told once; from here on what is there now is followed.
            self.last = None;
        }
        let Some(head) = self.services.audit().audit_head().await? else {
            return Ok(());
        };
        if self.last.as_ref() == Some(&head) {
            return Ok(());
        }
        tracing::info!(audit.seq = head.seq, audit.head = %head.hash, "audit head");
        if let Some(file) = &self.file {
            let at = self.clock.now().format(&Rfc3339)?;
            let line = Line { at, seq: head.seq, head: &head.hash };
            let text = serde_json::to_string(&line)?;
            appended(file)
                .and_then(|mut file| file.write_all(format!("{text}\n").as_bytes()))
                .map_err(|error| PublishError::File { file: file.clone(), error })?;
        }
        if self.has_webhook {
            // A few seconds less, in case another replica's clock is ahead.
            let interval = time::Duration::try_from(self.interval).unwrap_or(time::Duration::HOUR)
                - time::Duration::seconds(30);
            self.services.audit().announce_head(&head, interval).await?;
        } else if self.file.is_some() {
            self.services.audit().note_head(&head).await?;
        }
        self.last = Some(head);
        Ok(())
    }
}

fn appended(file: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(file)
}

/// Parses the heads in a file: lines of `audit_head_file`, of the server's log (text or JSON), or bodies of the event
/// webhook. Lines without a head are ignored.
pub(crate) fn read_heads(text: &str) -> Result<BTreeMap<i64, Vec<String>>, String> {
    // `seq` and `head`, in this order, each before a number and 64 hexadecimal digits.
    let pattern = Regex::new(r#"seq\\?"?\s*[=:]\s*\\?"?([0-9]{1,18})\b.{0,80}?head\\?"?\s*[=:]\s*\\?"?([0-9a-fA-F]{64})\b"#)
        .map_err(|error| error.to_string())?;
    let mut heads: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        for found in pattern.captures_iter(line) {
            let (_, [seq, head]) = found.extract();
            let seq = seq.parse().map_err(|_| format!("{seq} is not the number of an entry"))?;
            let known = heads.entry(seq).or_default();
            let head = head.to_lowercase();
            if !known.contains(&head) {
                known.push(head);
            }
        }
    }
    Ok(heads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_wherever_they_were_published() {
        let (a, b, c, d) = ("a1".repeat(32), "b2".repeat(32), "c3".repeat(32), "d4".repeat(32));
        let text = format!(
            "{{\"at\":\"2026-11-26T12:00:00Z\",\"seq\":1,\"head\":\"{a}\"}}\n\
             2026-11-26T12:00:00Z  INFO claviger::heads: audit head audit.seq=2 audit.head={b}\n\
             2026-11-26T12:00:00Z  INFO claviger::serve: serving address=127.0.0.1:8080\n\
             {{\"fields\":{{\"message\":\"audit head\",\"audit.seq\":3,\"audit.head\":\"{c}\"}}}}\n\
             {{\"type\":\"audit-head\",\"data\":{{\"title\":\"Audit log head\",\"text\":\"seq=4 head={d}\"}}}}\n"
        );
        let heads = read_heads(&text).unwrap();
        assert_eq!(heads.len(), 4);
        for (seq, head) in [(1, a), (2, b), (3, c), (4, d)] {
            assert_eq!(heads[&seq], [head]);
        }
    }

    #[test]
    fn two_heads_of_one_entry_are_both_kept() {
        let text = format!("seq=1 head={}\nseq=1 head={}", "a1".repeat(32), "b2".repeat(32));
        assert_eq!(read_heads(&text).unwrap()[&1].len(), 2);
        assert!(read_heads("nothing here").unwrap().is_empty());
    }
}
