//! A server on a loopback port with the responses that the test sets.

use claviger_domain::{
    facts::Kind,
    grants::{
        Action, GrantId, GrantResource, GrantState, RequestId,
        view::{Candidate, GrantDetail, GrantMay, GrantRow, MyAccess, TrailState},
    },
    ids::ResourceId,
    problem::{Problem, ProblemCode},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};
use time::macros::datetime;
use uuid::Uuid;

pub const ACCOUNT: &str = "441205839201";
pub const US: &str = "us-east-1";
pub const EU: &str = "eu-west-1";

/// In place of a status: the connection stays open without a response.
const NEVER: u16 = 0;

#[derive(Default)]
struct State {
    /// By method and path: status and body, each once and the last one always.
    answers: HashMap<String, VecDeque<(u16, String)>>,
    seen: Vec<(String, Value)>,
    /// By call, the last credential.
    authorizations: HashMap<String, String>,
    is_over: bool,
}

pub struct Console {
    state: Arc<Mutex<State>>,
    home: PathBuf,
    address: std::net::SocketAddr,
}

impl Console {
    pub fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let home = std::env::temp_dir().join(format!("clv-test-{}-{number}", std::process::id()));
        fs::create_dir_all(&home).unwrap();
        let sign_in = json!({"console": format!("http://{address}/"), "token": "x.y.z"});
        fs::write(home.join("sign-in.json"), sign_in.to_string()).unwrap();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.lock().unwrap().is_over {
                    return;
                }
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream.unwrap(), &shared));
            }
        });
        Self { state, home, address }
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    pub fn answers(&self, call: &str, with: &(impl Serialize + ?Sized)) {
        self.answers_with(call, 200, with);
    }

    pub fn answers_with(&self, call: &str, status: u16, with: &(impl Serialize + ?Sized)) {
        let body = serde_json::to_string(with).unwrap();
        self.state.lock().unwrap().answers.insert(call.to_owned(), [(status, body)].into());
    }

    /// One response for each call; the last one stays.
    pub fn answers_in_turn(&self, call: &str, with: &[impl Serialize]) {
        let all = with.iter().map(|one| (200, serde_json::to_string(one).unwrap())).collect();
        self.state.lock().unwrap().answers.insert(call.to_owned(), all);
    }

    pub fn refuses(&self, call: &str, code: ProblemCode) {
        self.answers_with(
            call,
            code.status(),
            &Problem::new(code, "What happened.", "What to do."),
        );
    }

    /// After those that are set for it.
    pub fn then_refuses(&self, call: &str, code: ProblemCode) {
        let problem = Problem::new(code, "What happened.", "What to do.");
        self.then(call, code.status(), serde_json::to_string(&problem).unwrap());
    }

    /// After those that are set for it, no response comes.
    pub fn then_hangs(&self, call: &str) {
        self.then(call, NEVER, String::new());
    }

    pub fn then_answers(&self, call: &str, with: &impl Serialize) {
        self.then(call, 200, serde_json::to_string(with).unwrap());
    }

    fn then(&self, call: &str, status: u16, body: String) {
        let mut state = self.state.lock().unwrap();
        state.answers.entry(call.to_owned()).or_default().push_back((status, body));
    }

    /// The body of the last such call.
    pub fn last(&self, call: &str) -> Value {
        let state = self.state.lock().unwrap();
        state.seen.iter().rfind(|(seen, _)| seen == call).unwrap().1.clone()
    }

    /// The Authorization header of the last such call.
    pub fn authorization(&self, call: &str) -> String {
        self.state.lock().unwrap().authorizations[call].clone()
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn count(&self, call: &str) -> usize {
        self.state.lock().unwrap().seen.iter().filter(|(seen, _)| seen == call).count()
    }

    /// Stops listening.
    pub fn stop(&self) {
        self.state.lock().unwrap().is_over = true;
        // Wakes the listener, which then ends.
        drop(TcpStream::connect(self.address));
        while TcpStream::connect(self.address).is_ok() {
            thread::yield_now();
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let call = first.rsplit_once(' ').unwrap().0.to_owned();
    let mut length = 0;
    let mut authorization = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
        if name.eq_ignore_ascii_case("authorization") {
            value.trim().clone_into(&mut authorization);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let (status, answer) = {
        let mut state = state.lock().unwrap();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        state.seen.push((call.clone(), body));
        state.authorizations.insert(call.clone(), authorization);
        let missing = || (418, json!(format!("the test has no answer to {call}")).to_string());
        match state.answers.get_mut(&call) {
            Some(all) if all.len() > 1 => all.pop_front().unwrap(),
            Some(all) => all[0].clone(),
            None => missing(),
        }
    };
    if status == NEVER {
        // Until the client closes its end.
        let _ = reader.read(&mut [0]);
        return;
    }
    let mut stream = stream;
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(answer.as_bytes());
}

pub fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}-AbCdEf")
}

pub fn resource(region: &str, name: &str) -> GrantResource {
    GrantResource {
        id: ResourceId(Uuid::from_u128(if region == US { 1 } else { 2 })),
        arn: arn(region, name).parse().unwrap(),
        name: name.into(),
        kind: Kind::Secret,
        region: region.parse().unwrap(),
        key: None,
        owner_team: None,
    }
}

pub fn candidate(id: u128, region: &str, name: &str) -> Candidate {
    Candidate {
        id: ResourceId(Uuid::from_u128(id)),
        arn: arn(region, name).parse().unwrap(),
        name: name.into(),
        kind: Kind::Secret,
        account_id: ACCOUNT.parse().unwrap(),
        account_name: "Payments".into(),
        region: region.parse().unwrap(),
    }
}

fn row(grant: i64, action: Action) -> GrantRow {
    let since = datetime!(2026-11-27 18:00 UTC);
    GrantRow {
        id: GrantId(grant),
        request: RequestId(grant),
        requester: "Ben".into(),
        action,
        name: "pay/db".into(),
        more: 0,
        account_id: ACCOUNT.parse().unwrap(),
        account_name: "Payments".into(),
        minutes: 30,
        state: GrantState::Active { since, until: since + time::Duration::minutes(30 + grant) },
        approvals: 1,
        approvals_needed: 1,
        break_glass: false,
        created_at: since,
        waits: None,
    }
}

/// The caller's own access, with these grants active.
pub fn mine(live: &[(i64, Action)]) -> MyAccess {
    MyAccess {
        live: live.iter().map(|(grant, action)| row(*grant, *action)).collect(),
        waiting: Vec::new(),
        past: Vec::new(),
        older: None,
        may_request: true,
        as_of: datetime!(2026-11-27 18:05 UTC),
    }
}

pub fn detail(grant: i64, action: Action, resources: &[GrantResource]) -> GrantDetail {
    GrantDetail {
        row: row(grant, action),
        hash: String::new(),
        purpose: "So.".into(),
        ticket: None,
        incident: None,
        starts_at: None,
        extends: None,
        rule: "Everything".into(),
        steps: Vec::new(),
        resources: resources.to_vec(),
        decided: Vec::new(),
        policies: Vec::new(),
        policy_problem: None,
        sessions: 0,
        denial: None,
        review: None,
        timeline: Vec::new(),
        trail: TrailState::NotRead,
        earlier: (0, 0),
        warnings: Vec::new(),
        running: Vec::new(),
        may: GrantMay::default(),
        approvers: Vec::new(),
        as_of: datetime!(2026-11-27 18:05 UTC),
    }
}
