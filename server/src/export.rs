//! Lists as files, streamed as they are read.

use crate::{AppState, api::Refused, auth::Signed};
use axum::{
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use claviger_domain::governance::ExportFormat;
use futures::stream;

/// The findings that the query asks for. A file that breaks off was not read whole.
pub(crate) async fn findings(
    State(state): State<AppState>,
    Signed(caller): Signed,
    Path(format): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let Ok(format) = format.parse::<ExportFormat>() else {
        let known = "Findings are exported as csv, json, asff or ocsf.";
        return Ok((StatusCode::NOT_FOUND, known).into_response());
    };
    let query = query.unwrap_or_default();
    let mut export = state.services.export_findings(&caller, format, &query).await?;
    let (kind, name) = (export.content_type(), export.file_name());
    // The first piece is read before anything is promised.
    let first = export.piece().await?;
    let rest = stream::try_unfold((first, export), |(next, mut export)| async move {
        let Some(piece) = next else { return Ok(None) };
        let next = export.piece().await.inspect_err(|error| {
            tracing::error!(error = %error, "an export breaks off");
        })?;
        Ok::<_, claviger_services::ServiceError>(Some((Bytes::from(piece), (next, export))))
    });
    let mut response = Body::from_stream(rest).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
