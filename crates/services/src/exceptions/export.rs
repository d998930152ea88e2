//! The list of exceptions as a file, page by page.

use super::{ExceptionService, titled};
use crate::{
    ServiceError,
    compliance::InForce,
    files::{self, FileExport, format_timestamp, record},
};
use async_trait::async_trait;
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    exceptions::{
        EXCEPTION_ROWS, ExceptionQuery,
        view::{ExceptionNote, ExceptionRow},
    },
};
use time::OffsetDateTime;

/// The columns of the file.
const COLUMNS: [&str; 16] = [
    "exception",
    "policy",
    "policy_title",
    "scope",
    "state",
    "findings",
    "reason",
    "owner",
    "requested_at",
    "expires_at",
    "decided_by",
    "decided_at",
    "reviewed_by",
    "reviewed_at",
    "review_due_at",
    "ended_at",
];

/// An export that has begun.
pub struct ExceptionExport {
    service: ExceptionService,
    visible: VisibleAccounts,
    policies: Vec<InForce>,
    at: OffsetDateTime,
    /// The next page; `None` after the last.
    next: Option<ExceptionQuery>,
}

impl ExceptionService {
    /// Begins an export of the exceptions that a URL's query asks for, as CSV.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn export_exceptions(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<ExceptionExport, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let query: ExceptionQuery = url_query.parse()?;
        Ok(ExceptionExport {
            service: self.clone(),
            visible,
            policies: self.policy_service.in_force().await?,
            at: self.clock.now(),
            next: Some(query.at(0)),
        })
    }
}

#[async_trait]
impl FileExport for ExceptionExport {
    fn content_type(&self) -> &'static str {
        "text/csv; charset=utf-8"
    }

    fn file_name(&self) -> String {
        files::name("exceptions", self.at, true, "csv")
    }

    async fn piece(&mut self) -> Result<Option<String>, ServiceError> {
        let Some(query) = self.next.take() else { return Ok(None) };
        let exceptions = &self.service.exceptions;
        let mut rows = exceptions.list_exceptions(&self.visible, &query, self.at).await?;
        self.service.count_waiting(&mut rows, &self.visible).await?;
        if u32::try_from(rows.len()).is_ok_and(|count| count == EXCEPTION_ROWS) {
            self.next = Some(query.at(query.page + 1));
        }
        let mut text =
            if query.page == 0 { record(COLUMNS.map(str::to_owned))? } else { String::new() };
        for row in rows {
            text.push_str(&line(titled(row, &self.policies))?);
        }
        Ok(Some(text))
    }
}

fn line(row: ExceptionRow) -> Result<String, ServiceError> {
    let time = |at: Option<OffsetDateTime>| at.map(format_timestamp).unwrap_or_default();
    let note = |note: &Option<ExceptionNote>| {
        let by = note.as_ref().map(|note| note.by.name.clone()).unwrap_or_default();
        (by, time(note.as_ref().map(|note| note.at)))
    };
    let ((decided_by, decided_at), (reviewed_by, reviewed_at)) =
        (note(&row.decision), note(&row.review));
    record([
        row.id.to_string(),
        row.policy.unwrap_or_default(),
        row.policy_title.unwrap_or_default(),
        row.target_name,
        row.state.to_string(),
        row.findings.to_string(),
        row.reason,
        row.owner.name,
        format_timestamp(row.created_at),
        format_timestamp(row.ends_at),
        decided_by,
        decided_at,
        reviewed_by,
        reviewed_at,
        time(row.review_at),
        note(&row.ending).1,
    ])
}
