//! The list of plaintext variables as a file, piece by piece.

use super::VariableService;
use crate::{
    ServiceError,
    files::{self, FileExport, format_timestamp, record},
};
use async_trait::async_trait;
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    variables::{query::VariableQuery, view::VariableRow},
};
use claviger_store::VariableKey;
use time::OffsetDateTime;

/// Rows a piece.
const ROWS: u32 = 1_000;

/// The columns of the file. `part` is a container of a task definition, or `Outputs` of a stack.
const COLUMNS: [&str; 10] = [
    "account",
    "account_name",
    "region",
    "kind",
    "consumer",
    "part",
    "name",
    "sign",
    "first_seen_at",
    "last_seen_at",
];

/// An export that has begun.
pub struct VariableExport {
    service: VariableService,
    visible: VisibleAccounts,
    at: OffsetDateTime,
    /// Whether everything within the filter was read.
    is_whole: bool,
    query: VariableQuery,
    /// Where the next piece begins; `None` after the last.
    next: Option<VariableKey>,
}

impl VariableService {
    /// Begins an export of the variables that a URL's query asks for, as CSV. If a part of them is not known, the file's name
    /// says so.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn export_variables(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<VariableExport, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let query: VariableQuery = url_query.parse()?;
        let (_, gaps) = self.gaps(&visible, &query).await?;
        Ok(VariableExport {
            service: self.clone(),
            visible,
            at: self.clock.now(),
            is_whole: gaps.is_empty(),
            query,
            next: Some(VariableKey::default()),
        })
    }
}

#[async_trait]
impl FileExport for VariableExport {
    fn content_type(&self) -> &'static str {
        "text/csv; charset=utf-8"
    }

    fn file_name(&self) -> String {
        files::name("plaintext-variables", self.at, self.is_whole, "csv")
    }

    async fn piece(&mut self) -> Result<Option<String>, ServiceError> {
        let Some(after) = self.next.take() else { return Ok(None) };
        let variables = &self.service.variables;
        let rows =
            variables.plain_variables_after(&self.visible, &self.query, &after, ROWS).await?;
        if u32::try_from(rows.len()).is_ok_and(|count| count == ROWS) {
            self.next = rows.last().map(VariableKey::of);
        }
        let is_first = after == VariableKey::default();
        let mut text = if is_first { record(COLUMNS.map(str::to_owned))? } else { String::new() };
        for row in rows {
            text.push_str(&line(row)?);
        }
        Ok(Some(text))
    }
}

fn line(row: VariableRow) -> Result<String, ServiceError> {
    record([
        row.account_id.to_string(),
        row.account_name,
        row.region.to_string(),
        row.kind.to_string(),
        row.consumer,
        row.container.unwrap_or_default(),
        row.name,
        row.sign.to_string(),
        format_timestamp(row.first_seen_at),
        format_timestamp(row.last_seen_at),
    ])
}
