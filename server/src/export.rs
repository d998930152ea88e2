//! Lists as files, streamed while they are read.

use crate::{AppState, api::Refused, auth::Signed};
use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use claviger_domain::{
    audit::AuditFormat,
    code::SourceFile,
    compliance::{ExportFormat, evidence::EvidenceFormat},
    error_line::ErrorLine,
};
use claviger_services::{FileExport, InventoryFormat, ServiceError};
use futures::stream;

/// The findings that match the query.
pub(crate) async fn findings(
    State(state): State<AppState>,
    Signed(caller): Signed,
    Path(format): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let Ok(format) = format.parse::<ExportFormat>() else {
        return Ok(unknown_format("Findings are exported as csv, json, asff or ocsf."));
    };
    let query = query.unwrap_or_default();
    Ok(streamed(state.services.compliance().export_findings(&caller, format, &query).await?)
        .await?)
}

/// The exceptions that match the query, as CSV.
pub(crate) async fn exceptions(
    State(state): State<AppState>,
    Signed(caller): Signed,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    Ok(streamed(state.services.exceptions().export_exceptions(&caller, &query).await?).await?)
}

/// The plaintext variables that match the query, as CSV.
pub(crate) async fn variables(
    State(state): State<AppState>,
    Signed(caller): Signed,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    Ok(streamed(state.services.variables().export_variables(&caller, &query).await?).await?)
}

/// The inventory that matches the query. `progress` names the export for requests about its progress.
pub(crate) async fn inventory(
    State(state): State<AppState>,
    Signed(caller): Signed,
    Path(format): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let Ok(format) = format.parse::<InventoryFormat>() else {
        return Ok(unknown_format("The inventory is exported as csv or json."));
    };
    let query = query.unwrap_or_default();
    let (query, token) = match query.rsplit_once("progress=") {
        Some((query, token)) => (query.trim_end_matches('&').to_owned(), Some(token.to_owned())),
        None => (query, None),
    };
    let export = state
        .services
        .inventory()
        .export_inventory(&caller, format, &query, token.as_deref())
        .await?;
    Ok(streamed(export).await?)
}

/// The entries of the audit log that match the query. A form posts it, because the export itself is an entry.
pub(crate) async fn audit(
    State(state): State<AppState>,
    Signed(caller): Signed,
    Path(format): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let Ok(format) = format.parse::<AuditFormat>() else {
        return Ok(unknown_format("The audit log is exported as csv, json or ocsf."));
    };
    let query = query.unwrap_or_default();
    Ok(streamed(state.services.audit().export_audit(&caller, format, &query).await?).await?)
}

/// The evidence pack of a framework. A form posts it, because the export is an entry of the audit log.
pub(crate) async fn evidence(
    State(state): State<AppState>,
    Signed(caller): Signed,
    Path((framework, format)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let Ok(format) = format.parse::<EvidenceFormat>() else {
        return Ok(unknown_format("An evidence pack is exported as csv or ocsf."));
    };
    let export = state.services.evidence().export_evidence(&caller, &framework, format).await?;
    Ok(streamed(export).await?)
}

/// The CloudFormation template by which AWS's function rotates a secret, as the URL's query describes it. It has no value, and
/// nothing that the page does not show.
pub(crate) async fn hosted_rotation(
    State(state): State<AppState>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    let file = state.services.hosted_rotations().hosted_file(&caller, &id, &query).await?;
    Ok(source(file, "application/yaml"))
}

/// A file of secrets as code, as the URL's query describes it. It has no value, and nothing that the page does not show.
pub(crate) async fn code(
    State(state): State<AppState>,
    Signed(caller): Signed,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    let file = state.services.code_exports().code_file(&caller, &query).await?;
    Ok(source(file, "text/plain; charset=utf-8"))
}

#[derive(serde::Deserialize)]
pub(crate) struct Named {
    #[serde(default)]
    file: String,
}

/// A file of a team's vault, as the URL's query describes it. `file` names it.
pub(crate) async fn vault(
    State(state): State<AppState>,
    Signed(caller): Signed,
    Query(named): Query<Named>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    let mut file = state.services.code_exports().vault_file(&caller, &query, &named.file).await?;
    // The header takes no folder.
    file.name = file.name.rsplit('/').next().map(str::to_owned).unwrap_or_default();
    Ok(source(file, "text/plain; charset=utf-8"))
}

fn source(file: SourceFile, kind: &'static str) -> Response {
    attachment(file.text.into_response(), kind, &file.name)
}

/// A response that a browser saves under this name.
fn attachment(mut response: Response, kind: &'static str, name: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn unknown_format(known: &'static str) -> Response {
    (StatusCode::NOT_FOUND, known).into_response()
}

/// A file that ends early is incomplete.
async fn streamed(mut export: impl FileExport) -> Result<Response, ServiceError> {
    let (kind, name) = (export.content_type(), export.file_name());
    // The first chunk is read before the response starts.
    let first = export.piece().await?;
    let rest = stream::try_unfold((first, export), |(next, mut export)| async move {
        let Some(piece) = next else { return Ok(None) };
        let next = export.piece().await.inspect_err(|error| {
            tracing::error!(error = %ErrorLine(&error), "an export ended early");
        })?;
        Ok::<_, ServiceError>(Some((Bytes::from(piece), (next, export))))
    });
    Ok(attachment(Body::from_stream(rest).into_response(), kind, &name))
}
