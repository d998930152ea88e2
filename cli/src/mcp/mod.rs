//! `clv mcp`: a server of the Model Context Protocol over standard input and output, for an agent that needs secrets in the
//! commands that it runs. The agent never sees a value.

mod dump;
mod needles;
mod process;
mod program;
mod progress;
mod redact;
mod rpc;
mod session;
mod tools;
mod view;

use crate::{api::Api, error::CliError, grants::detail};
use clap::Args;
use claviger_domain::{grants::GrantId, problem::ProblemCode};
use program::Program;
use progress::Progress;
use rpc::{INVALID_PARAMS, Incoming, METHOD_NOT_FOUND, Params, RpcError};
use serde_json::{Value, json};
use session::Session;
use std::{
    collections::{BTreeSet, HashMap},
    io::Write as _,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Stdin},
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    task::{AbortHandle, JoinHandle, JoinSet},
};
use tools::{Call, InvalidCall};

/// The versions of the protocol, newest first.
const VERSIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];
/// The longest message.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// For the responses that are not written yet when the session ends.
const LAST_RESPONSES: Duration = Duration::from_secs(2);
/// Calls of tools at the same time.
const MAX_CALLS: usize = 8;

#[derive(Debug, Args)]
pub(crate) struct Mcp {
    /// Let the agent run this program, exactly as it is written here: a script of yours that does one thing, and no shell,
    /// interpreter or client that can start one. It can send a value wherever it can connect to. Where it is on PATH is
    /// looked up once, when the server starts. Without it, no program is run.
    #[arg(long, value_name = "PROGRAM")]
    allow: Vec<String>,
    /// Let commands use this grant of yours. Without it, they use those that the agent requested in this session.
    #[arg(long, value_name = "GRANT")]
    grant: Vec<GrantId>,
}

/// Answers until standard input ends.
pub(crate) async fn serve(mcp: Mcp) -> Result<(), CliError> {
    let grants: BTreeSet<GrantId> = mcp.grant.into_iter().collect();
    let allowed = mcp.allow.into_iter().map(Program::find).collect::<Result<_, _>>()?;
    let api = Api::signed_in()?;
    check(&api, &grants).await?;
    let session = Arc::new(Session::new(api, allowed, grants));
    let failed = |error| CliError::file("signals", error);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut server = Server::new(session);
    let mut lines = Lines { input: BufReader::new(tokio::io::stdin()), line: Vec::new() };
    let outcome = loop {
        tokio::select! {
            line = lines.next() => match line {
                Ok(Some(Line::Whole(line))) => server.take(&line),
                Ok(Some(Line::TooLong)) => server.answer(rpc::too_long(MAX_MESSAGE_BYTES)),
                Ok(None) => break Ok(()),
                Err(error) => break Err(CliError::file("standard input", error)),
            },
            Some(_) = server.calls.join_next() => {}
            // The client has closed its end of standard output.
            () = server.responses.closed() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
            _ = terminate.recv() => break Ok(()),
        }
    };
    server.stop().await;
    outcome
}

/// Tells the person, not the agent.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "clv: {text}");
}

/// Stops the start if the person named a grant that does not exist, and says which grants commands cannot use.
async fn check(api: &Api, grants: &BTreeSet<GrantId>) -> Result<(), CliError> {
    for grant in grants {
        match detail(api, &grant.to_string()).await {
            Ok(shown) => {
                // What has ended changes no more.
                if shown.row.state.next_at().is_none() {
                    note(&format!("{grant} cannot be used: {}", shown.row.state_label()));
                }
            }
            Err(CliError::Problem(problem)) if problem.code == ProblemCode::NotFound => {
                return Err(CliError::NotFound(format!(
                    "there is no grant {grant} that you can see. Look with `clv grants`"
                )));
            }
            // It may be readable later, and each use reads it again.
            Err(fault) => note(&format!("{grant} cannot be read now: {fault}")),
        }
    }
    Ok(())
}

/// The calls under way, and where responses go.
struct Server {
    session: Arc<Session>,
    calls: JoinSet<()>,
    /// By their id, as JSON.
    running: HashMap<String, AbortHandle>,
    responses: mpsc::UnboundedSender<Value>,
    writer: JoinHandle<()>,
}

impl Server {
    fn new(session: Arc<Session>) -> Self {
        let (responses, mut all) = mpsc::unbounded_channel::<Value>();
        let writer = tokio::spawn(async move {
            let mut out = tokio::io::stdout();
            while let Some(response) = all.recv().await {
                let line = format!("{response}\n");
                if out.write_all(line.as_bytes()).await.is_err() || out.flush().await.is_err() {
                    // The end of the channel tells the main loop.
                    return;
                }
            }
        });
        Self { session, calls: JoinSet::new(), running: HashMap::new(), responses, writer }
    }

    fn answer(&self, response: Value) {
        let _ = self.responses.send(response);
    }

    fn take(&mut self, line: &[u8]) {
        match rpc::read(line) {
            Incoming::Invalid(response) => self.answer(response),
            Incoming::Response => {}
            Incoming::Notification { method, params } => self.notice(&method, &params),
            Incoming::Request { id, method, params } if method == "tools/call" => {
                self.begin(id, params);
            }
            Incoming::Request { id, method, params } => {
                let outcome = self.ask(&method, &params);
                self.answer(rpc::response(&id, outcome));
            }
        }
    }

    fn ask(&self, method: &str, params: &Params) -> Result<Value, RpcError> {
        match method {
            "initialize" => initialize(params),
            "ping" => Ok(json!({})),
            "tools/list" => Ok(json!({ "tools": tools::definitions(&self.session.names()) })),
            _ => {
                Err(RpcError::new(METHOD_NOT_FOUND, format!("Method not found: {}", short(method))))
            }
        }
    }

    /// A canceled call gets no response, and its command ends.
    fn notice(&mut self, method: &str, params: &Params) {
        if method == "notifications/cancelled"
            && let Some(id) = params.get("requestId")
            && let Some(call) = self.running.remove(&id.to_string())
        {
            call.abort();
        }
    }

    fn begin(&mut self, id: Value, params: Params) {
        let progress = Progress::of(&params, self.responses.clone());
        let call = match read_call(params) {
            Ok(call) => call,
            Err(outcome) => return self.answer(rpc::response(&id, outcome)),
        };
        self.running.retain(|_, call| !call.is_finished());
        if self.running.len() >= MAX_CALLS {
            let text = format!("{MAX_CALLS} calls are under way. Wait for one of them.");
            return self.answer(rpc::response(&id, Ok(failure(&text))));
        }
        let (session, responses) = (Arc::clone(&self.session), self.responses.clone());
        let key = id.to_string();
        let task = self.calls.spawn(async move {
            let result = match session.call(call, &progress).await {
                Ok(result) => success(&result),
                Err(text) => failure(&text),
            };
            let _ = responses.send(rpc::response(&id, Ok(result)));
        });
        self.running.insert(key, task);
    }

    /// Ends all calls with their commands, and writes the responses that there are.
    async fn stop(mut self) {
        self.calls.shutdown().await;
        drop(self.responses);
        // A client that does not read any more holds up nothing.
        let _ = tokio::time::timeout(LAST_RESPONSES, self.writer).await;
    }
}

/// The call; otherwise the outcome: a text for the model, or an error of the protocol.
fn read_call(mut params: Params) -> Result<Call, Result<Value, RpcError>> {
    let wrong = |text: &str| Err(RpcError::new(INVALID_PARAMS, format!("Invalid params: {text}")));
    let Some(Value::String(name)) = params.remove("name") else {
        return Err(wrong("name a tool"));
    };
    let arguments = match params.remove("arguments") {
        None => json!({}),
        Some(arguments @ Value::Object(_)) => arguments,
        Some(_) => return Err(wrong("arguments has to be an object")),
    };
    Call::read(&name, arguments).map_err(|fault| match fault {
        InvalidCall::Arguments(text) => Ok(failure(&text)),
        InvalidCall::UnknownTool => {
            Err(RpcError::new(INVALID_PARAMS, format!("Unknown tool: {}", short(&name))))
        }
    })
}

fn short(name: &str) -> String {
    name.chars().take(100).collect()
}

fn initialize(params: &Params) -> Result<Value, RpcError> {
    let Some(asked) = params.get("protocolVersion").and_then(Value::as_str) else {
        return Err(RpcError::new(INVALID_PARAMS, "Invalid params: name a protocolVersion"));
    };
    // The client ends the session if it does not know the answer.
    let version = VERSIONS.into_iter().find(|known| *known == asked).unwrap_or(VERSIONS[0]);
    Ok(json!({
        "protocolVersion": version,
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "clv", "title": "Claviger", "version": env!("CARGO_PKG_VERSION") },
        "instructions": tools::INSTRUCTIONS,
    }))
}

fn success(result: &Value) -> Value {
    json!({
        "content": [{ "type": "text", "text": result.to_string() }],
        "structuredContent": result,
        "isError": false,
    })
}

fn failure(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "isError": true })
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// Reads lines of a bounded length. A read that is dropped in the middle loses nothing.
struct Lines {
    input: BufReader<Stdin>,
    line: Vec<u8>,
}

impl Lines {
    async fn next(&mut self) -> std::io::Result<Option<Line>> {
        loop {
            let some = self.input.fill_buf().await?;
            if some.is_empty() {
                return Ok(None);
            }
            let end = some.iter().position(|byte| *byte == b'\n');
            let part = &some[..end.unwrap_or(some.len())];
            // Of a line that is too long, one byte more is enough to know it.
            let room = (MAX_MESSAGE_BYTES + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let read = end.map_or(some.len(), |end| end + 1);
            self.input.consume(read);
            if end.is_none() {
                continue;
            }
            let line = std::mem::take(&mut self.line);
            if line.len() > MAX_MESSAGE_BYTES {
                return Ok(Some(Line::TooLong));
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Some(Line::Whole(line)));
            }
        }
    }
}
