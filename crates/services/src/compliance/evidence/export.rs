//! An evidence pack as a file with all of its findings, piece by piece.

use super::{EvidenceService, files, query_of};
use crate::{
    FileExport, ServiceError,
    compliance::{InForce, findings::titled},
};
use async_trait::async_trait;
use claviger_domain::{
    authz::VisibleAccounts,
    compliance::{
        FindingQuery,
        evidence::{EvidenceFormat, EvidencePack},
    },
    ids::ResourceId,
};

/// Findings read at once.
const CHUNK_ROWS: usize = 500;
/// Findings of which it is noted at once that they come next: each time all are gone through.
const AHEAD: usize = 20_000;

/// A pack on its way out.
pub struct EvidenceExport {
    service: EvidenceService,
    visible: VisibleAccounts,
    policies: Vec<InForce>,
    pack: EvidencePack,
    format: EvidenceFormat,
    has_begun: bool,
    /// The findings after those that are noted; `None` after the last.
    rest: Option<FindingQuery>,
    /// What comes next, the first last.
    noted: Vec<(ResourceId, String)>,
}

impl EvidenceExport {
    pub(super) fn new(
        service: EvidenceService,
        visible: VisibleAccounts,
        policies: Vec<InForce>,
        pack: EvidencePack,
        format: EvidenceFormat,
    ) -> Self {
        let rest = query_of(&pack.controls);
        Self { service, visible, policies, pack, format, has_begun: false, rest, noted: Vec::new() }
    }

    /// Notes what comes next.
    async fn note(&mut self) -> Result<(), ServiceError> {
        let Some(query) = self.rest.take() else { return Ok(()) };
        let found = self
            .service
            .findings
            .next_findings(&self.visible, &query, AHEAD, self.pack.as_of)
            .await?;
        self.rest = found.next.map(|next| query.after(Some(next)));
        self.noted = found.refs;
        self.noted.reverse();
        Ok(())
    }
}

#[async_trait]
impl FileExport for EvidenceExport {
    fn content_type(&self) -> &'static str {
        match self.format {
            EvidenceFormat::Csv => "text/csv; charset=utf-8",
            EvidenceFormat::Ocsf => "application/x-ndjson",
        }
    }

    fn file_name(&self) -> String {
        let ending = match self.format {
            EvidenceFormat::Csv => "csv",
            EvidenceFormat::Ocsf => "ocsf.ndjson",
        };
        let of = format!("evidence-{}", self.pack.framework);
        crate::files::name(&of, self.pack.as_of, self.pack.incomplete.is_none(), ending)
    }

    async fn piece(&mut self) -> Result<Option<String>, ServiceError> {
        if !self.has_begun {
            self.has_begun = true;
            return match self.format {
                EvidenceFormat::Csv => files::csv_start(&self.pack).map(Some),
                EvidenceFormat::Ocsf => Ok(Some(files::ocsf_start(&self.pack))),
            };
        }
        if self.noted.is_empty() {
            self.note().await?;
        }
        if self.noted.is_empty() {
            return Ok(None);
        }
        let mut next = self.noted.split_off(self.noted.len().saturating_sub(CHUNK_ROWS));
        next.reverse();
        let rows =
            self.service.findings.read_findings(&self.visible, &next, self.pack.as_of).await?;
        let mut text = String::new();
        // What was resolved since it was noted is not evidence of a failure any more.
        for row in titled(rows, &self.policies).iter().filter(|row| row.resolved_at.is_none()) {
            match self.format {
                EvidenceFormat::Csv => text.push_str(&files::csv_finding(&self.pack, row)?),
                EvidenceFormat::Ocsf => text.push_str(&files::ocsf_finding(&self.pack, row)),
            }
        }
        Ok(Some(text))
    }
}
