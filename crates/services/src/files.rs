//! What files that leave the console have in common.

use crate::ServiceError;
use async_trait::async_trait;
use claviger_store::StoreError;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A file on its way out, piece by piece. A fault means that it is not whole.
#[async_trait]
pub trait FileExport: Send + 'static {
    fn content_type(&self) -> &'static str;

    /// Such as `claviger-findings-2026-11-25T172205Z.csv`.
    fn file_name(&self) -> String;

    /// The next piece; `None` after the last.
    async fn piece(&mut self) -> Result<Option<String>, ServiceError>;
}

/// A file of numbers that are not whole yet says so in its name: the formats have no room for it.
pub(crate) fn name(of: &str, at: OffsetDateTime, is_whole: bool, ending: &str) -> String {
    let at = format_timestamp(at.replace_nanosecond(0).unwrap_or(at)).replace(':', "");
    let part = if is_whole { "" } else { "-incomplete" };
    format!("claviger-{of}-{at}{part}.{ending}")
}

/// As RFC 3339 writes it.
pub(crate) fn format_timestamp(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// A line of comma-separated values.
pub(crate) fn record<const N: usize>(cells: [String; N]) -> Result<String, ServiceError> {
    let unwritable = |error: String| StoreError::Unwritable(error);
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer
        .write_record(cells.map(escape_formula))
        .map_err(|error| unwritable(error.to_string()))?;
    let bytes = writer.into_inner().map_err(|error| unwritable(error.to_string()))?;
    Ok(String::from_utf8(bytes).map_err(|error| unwritable(error.to_string()))?)
}

/// A spreadsheet computes what begins like a formula; names of secrets are anybody's own.
fn escape_formula(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
