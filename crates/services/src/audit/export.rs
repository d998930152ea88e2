//! Entries of the audit log as files: the whole filtered list, the newest first, piece by piece.

use super::{ocsf, outcome};
use crate::{
    AuditService, FileExport, ServiceError,
    files::{self, format_timestamp, record},
};
use async_trait::async_trait;
use claviger_domain::audit::{AuditFormat, AuditQuery, view::AuditRow};
use claviger_store::ChainHead;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// Entries read at once.
const EXPORT_CHUNK_ROWS: u16 = 1000;

const COLUMNS: [&str; 13] = [
    "seq",
    "at",
    "actor_subject",
    "actor_name",
    "action",
    "phase",
    "outcome",
    "target",
    "started_by",
    "detail",
    "hash",
    "previous_hash",
    "entry",
];

/// Entries on their way out.
pub struct AuditExport {
    service: AuditService,
    query: AuditQuery,
    format: AuditFormat,
    /// The newest entry when it began.
    head: Option<ChainHead>,
    at: OffsetDateTime,
    step: Step,
    /// Whether any entry was written.
    has_any: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    First,
    Next,
    Over,
}

impl AuditExport {
    pub(super) fn new(
        service: AuditService,
        query: AuditQuery,
        format: AuditFormat,
        head: Option<ChainHead>,
    ) -> Self {
        // The entry about the export itself is newer.
        let query = query.before(head.as_ref().map_or(0, |head| head.seq) + 1);
        let at = service.clock.now();
        Self { service, query, format, head, at, step: Step::First, has_any: false }
    }

    fn start(&self) -> Result<String, ServiceError> {
        Ok(match self.format {
            AuditFormat::Csv => record(COLUMNS.map(ToOwned::to_owned))?,
            AuditFormat::Ocsf => String::new(),
            AuditFormat::Json => format!(
                "{{\"exported_at\":{},\"filter\":{},\"head\":{},\"entries\":[",
                Value::from(format_timestamp(self.at)),
                Value::from(self.query.first_page().to_url_query()),
                self.head
                    .as_ref()
                    .map_or(Value::Null, |head| json!({"seq": head.seq, "hash": head.hash})),
            ),
        })
    }

    fn write(&mut self, text: &mut String, row: &AuditRow) -> Result<(), ServiceError> {
        match self.format {
            AuditFormat::Csv => text.push_str(&line(row)?),
            AuditFormat::Ocsf => {
                text.push_str(&ocsf::event(row).to_string());
                text.push('\n');
            }
            AuditFormat::Json => {
                text.push_str(if self.has_any { ",\n" } else { "\n" });
                // The text as it was hashed: with the hash before it, anybody can verify it.
                let object = json!({"hash": row.hash, "previous": row.previous, "entry": row.body});
                text.push_str(&object.to_string());
            }
        }
        self.has_any = true;
        Ok(())
    }
}

#[async_trait]
impl FileExport for AuditExport {
    fn content_type(&self) -> &'static str {
        match self.format {
            AuditFormat::Csv => "text/csv; charset=utf-8",
            AuditFormat::Json => "application/json",
            AuditFormat::Ocsf => "application/x-ndjson",
        }
    }

    fn file_name(&self) -> String {
        let ending = match self.format {
            AuditFormat::Csv => "csv",
            AuditFormat::Json => "json",
            AuditFormat::Ocsf => "ocsf.ndjson",
        };
        files::name("audit", self.at, true, ending)
    }

    async fn piece(&mut self) -> Result<Option<String>, ServiceError> {
        if self.step == Step::Over {
            return Ok(None);
        }
        let mut text = if self.step == Step::First { self.start()? } else { String::new() };
        let page = self.service.audit.entries(&self.query, EXPORT_CHUNK_ROWS).await?;
        for row in &page.rows {
            self.write(&mut text, row)?;
        }
        if let Some(older) = page.older {
            self.query = self.query.before(older);
            self.step = Step::Next;
        } else {
            self.step = Step::Over;
            if self.format == AuditFormat::Json {
                text.push_str("\n]}\n");
            }
        }
        Ok(Some(text))
    }
}

fn line(row: &AuditRow) -> Result<String, ServiceError> {
    let detail: Vec<String> =
        row.detail.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let (subject, name) = row.who.clone().unwrap_or_else(|| (String::new(), "Claviger".into()));
    record([
        row.seq.to_string(),
        format_timestamp(row.at),
        subject,
        name,
        row.audit_action.to_string(),
        row.phase.to_string(),
        outcome(row).to_owned(),
        row.subject.clone(),
        row.started.map(|seq| seq.to_string()).unwrap_or_default(),
        detail.join("; "),
        row.hash.clone(),
        row.previous.clone(),
        row.body.clone(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::audit::{AuditAction, Phase};
    use std::collections::BTreeMap;
    use time::macros::datetime;

    fn row(action: AuditAction, phase: Phase, succeeded: Option<bool>) -> AuditRow {
        AuditRow {
            seq: 7,
            at: datetime!(2026-11-25 17:00 UTC),
            who: Some(("u-1".into(), "=Tess".into())),
            audit_action: action,
            phase,
            succeeded,
            started: Some(6),
            subject: "G-2190".into(),
            detail: BTreeMap::from([("reason".into(), "So, \"this\"".into())]),
            body: "{\"seq\":7}".into(),
            hash: "ab".into(),
            previous: "cd".into(),
        }
    }

    #[test]
    fn a_line_has_every_column_and_no_formula() {
        let text = line(&row(AuditAction::Approve, Phase::Completed, Some(false))).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let cells = reader.records().next().unwrap().unwrap();
        assert_eq!(cells.len(), COLUMNS.len());
        assert_eq!(&cells[3], "'=Tess");
        assert_eq!(&cells[6], "failed");
        assert_eq!(&cells[9], "reason: So, \"this\"");
    }

    #[test]
    fn an_event_says_what_was_done_to_what_and_how_it_ended() {
        let event = ocsf::event(&row(AuditAction::Revoke, Phase::Done, None));
        assert_eq!(event["class_uid"], 3004);
        assert_eq!(event["type_uid"], 3004 * 100 + 11);
        assert_eq!(event["entity"]["uid"], "G-2190");
        assert_eq!(event["actor"]["user"]["uid"], "u-1");
        assert_eq!(event["status"], "Success");
        let event = ocsf::event(&row(AuditAction::Reveal, Phase::Completed, Some(false)));
        assert_eq!((&event["activity_id"], &event["status_id"]), (&json!(2), &json!(2)));
        let event = ocsf::event(&row(AuditAction::Reveal, Phase::Started, None));
        assert_eq!(event["status_id"], 0);
    }
}
