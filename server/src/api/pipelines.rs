//! The endpoint for pipelines, which have a token of their own and no sign-in.

use super::{Answer, Refused, bearer::token, refuse};
use crate::AppState;
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
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

pub(super) async fn declare(
    State(state): State<AppState>,
    PipelineToken(pipeline): PipelineToken,
    Json(upload): Json<PipelineUpload>,
) -> Answer<Received> {
    let service = state.services.declared_consumers();
    Ok(Json(service.declare_by_pipeline(&pipeline, &upload).await?))
}
