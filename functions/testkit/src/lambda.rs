//! Secrets Manager and Lambda's Runtime API over HTTP, for a function that runs as a process.

use crate::MemorySecrets;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use rotation_steps::{Event, Secrets as _, SecretsError, Step};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};

/// Longer than any step of a test.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a function answers: the error's text.
type Outcome = Result<(), String>;

#[derive(Clone)]
struct Api {
    secrets: MemorySecrets,
    events: Arc<Mutex<mpsc::Receiver<Value>>>,
    outcomes: mpsc::Sender<Outcome>,
}

/// A function's process. It ends with this.
pub struct Lambda {
    process: Child,
    events: mpsc::Sender<Value>,
    outcomes: mpsc::Receiver<Outcome>,
}

impl Lambda {
    /// Starts a function over the secrets in memory, with more variables for its environment.
    pub async fn start(
        program: &str,
        secrets: MemorySecrets,
        environment: &[(&str, &str)],
    ) -> std::io::Result<Self> {
        let (events, received) = mpsc::channel(1);
        let (answered, outcomes) = mpsc::channel(1);
        let api = Api { secrets, events: Arc::new(Mutex::new(received)), outcomes: answered };
        let router = Router::new()
            .route("/", post(secrets_manager))
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(responded))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .with_state(api);
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        let process = Command::new(program)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "rotation")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_ENDPOINT_URL", format!("http://{address}"))
            // What an HTTP client or the SDK would write of its requests must not appear all the same.
            .env("RUST_LOG", "trace")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self { process, events, outcomes })
    }

    /// Sends a step, and returns the function's answer.
    pub async fn invoke(&mut self, step: Step, version: &str) -> Outcome {
        let event = json!({"SecretId": crate::SECRET, "ClientRequestToken": version, "Step": step.to_string()});
        let gone = || "the function has ended".to_owned();
        self.events.send(event).await.map_err(|_| gone())?;
        let answered = tokio::time::timeout(PATIENCE, self.outcomes.recv()).await;
        answered.map_err(|_| "the function does not answer".to_owned())?.ok_or_else(gone)?
    }

    /// Whether the function has ended by itself.
    pub fn has_ended(&mut self) -> std::io::Result<bool> {
        Ok(self.process.try_wait()?.is_some())
    }

    /// Ends the function, and returns what it logged.
    pub fn logs(mut self) -> std::io::Result<String> {
        self.process.kill()?;
        let (mut errors, mut output) = (String::new(), String::new());
        let (stderr, stdout) = (self.process.stderr.take(), self.process.stdout.take());
        stderr.map(|mut it| std::io::Read::read_to_string(&mut it, &mut errors)).transpose()?;
        stdout.map(|mut it| std::io::Read::read_to_string(&mut it, &mut output)).transpose()?;
        Ok(errors + &output)
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn next(State(api): State<Api>) -> Response {
    let Some(event) = api.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:111122223333:function:rotation",
        ),
    ];
    (headers, Json(event)).into_response()
}

async fn responded(State(api): State<Api>, Path(_): Path<String>) -> StatusCode {
    let _ = api.outcomes.send(Ok(())).await;
    StatusCode::ACCEPTED
}

async fn failed(State(api): State<Api>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    // Neither this nor AWS's protocol says application/json.
    let error: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = error["errorMessage"].as_str().unwrap_or_default();
    let _ = api.outcomes.send(Err(text.to_owned())).await;
    StatusCode::ACCEPTED
}

async fn secrets_manager(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let target = headers.get("x-amz-target").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let text = |member: &str| body[member].as_str().unwrap_or_default();
    let secret = text("SecretId");
    let answer = match target.strip_prefix("secretsmanager.").unwrap_or_default() {
        "DescribeSecret" => api.secrets.describe(secret).await.map(|it| {
            json!({"ARN": secret, "RotationEnabled": it.is_rotation_enabled, "VersionIdsToStages": it.stages})
        }),
        "GetSecretValue" => {
            let value = api.secrets.value(secret, body["VersionId"].as_str(), text("VersionStage"));
            value.await.and_then(|value| match value {
                Some(value) => Ok(json!({"ARN": secret, "SecretString": secrecy::ExposeSecret::expose_secret(&value)})),
                None => Err(SecretsError::Failed {
                    call: "GetSecretValue",
                    code: "ResourceNotFoundException".into(),
                    hint: "",
                }),
            })
        }
        "PutSecretValue" => {
            let event = Event {
                secret_id: secret.into(),
                client_request_token: text("ClientRequestToken").into(),
                step: Step::Create,
                rotation_token: None,
            };
            let value = text("SecretString").to_owned().into();
            api.secrets.put_pending(&event, &value).await.map(|()| json!({"ARN": secret}))
        }
        "UpdateSecretVersionStage" => {
            let (from, to) = (text("RemoveFromVersionId"), text("MoveToVersionId"));
            api.secrets.move_current(secret, from, to).await.map(|()| json!({"ARN": secret}))
        }
        other => Err(SecretsError::Failed { call: "other", code: other.into(), hint: "" }),
    };
    match answer {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => {
            let code = match error {
                SecretsError::Exists => "ResourceExistsException".into(),
                SecretsError::Failed { code, .. } => code,
            };
            (StatusCode::BAD_REQUEST, Json(json!({"__type": code}))).into_response()
        }
    }
}
