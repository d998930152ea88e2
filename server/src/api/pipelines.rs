//! The endpoint for pipelines, which have a token of their own and no sign-in.

use super::{Answer, Refused, bearer::token, refuse};
use crate::AppState;
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use claviger_domain::{
    consumers::{
        found::{PipelineRefusal, PipelineUpload, Received},
        pipeline::Pipeline,
    },
    error_line::ErrorLine,
    problem::{Problem, ProblemCode},
};
use claviger_services::ServiceError;
use std::time::Duration;

/// The pipeline of a request. What is wrong with a token is for the log alone: strangers can send any.
pub(super) struct PipelineToken(Pipeline);

impl FromRequestParts<AppState> for PipelineToken {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Some(token) = token(parts) else { return Err(refuse(not_accepted())) };
        let found = state.oidc.validate_pipeline(token, state.clock.now()).await;
        let pipeline = found.map_err(|error| {
            tracing::info!(error = %ErrorLine(&error), "a pipeline's token was refused");
            refuse(match error.status() {
                StatusCode::UNAUTHORIZED => not_accepted(),
                _ => Problem::new(
                    ProblemCode::Unavailable,
                    "The keys of the token's issuer can't be read right now.",
                    "Try again in a minute; the log of Claviger has the reason.",
                ),
            })
        })?;
        if pipeline.repository().is_none() {
            let claims = pipeline.claims();
            tracing::info!(
                pipeline.issuer = claims.issuer,
                pipeline.repository = claims.repository,
                "a pipeline that the setting pipelines does not list was refused"
            );
            // Before its body is read.
            let refusal = ServiceError::from(PipelineRefusal::NotListed);
            return Err(Refused::from(refusal).into_response());
        }
        if let Err(wait) = state.oidc.count_upload(&pipeline) {
            tracing::warn!(
                pipeline.repository = pipeline.repository(),
                "a repository uploads too often"
            );
            return Err(too_many(wait));
        }
        Ok(Self(pipeline))
    }
}

fn not_accepted() -> Problem {
    Problem::new(
        ProblemCode::SignInNeeded,
        "The pipeline's token is not accepted.",
        "Its audience has to be the address of this console, and its issuer one that Claviger's operators have set; the log of Claviger has the reason.",
    )
}

fn too_many(wait: Duration) -> Response {
    let seconds = wait.as_secs() + 1;
    let problem = Problem::new(
        ProblemCode::Unavailable,
        "This repository has uploaded too often in the last hour.",
        format!("Nothing was changed. Try again in {seconds} seconds."),
    );
    let headers = [(header::RETRY_AFTER, HeaderValue::from(seconds))];
    (StatusCode::TOO_MANY_REQUESTS, headers, Json(problem)).into_response()
}

pub(super) async fn declare(
    State(state): State<AppState>,
    PipelineToken(pipeline): PipelineToken,
    Json(upload): Json<PipelineUpload>,
) -> Answer<Received> {
    let service = state.services.declared_consumers();
    Ok(Json(service.declare_by_pipeline(&pipeline, &upload).await?))
}
