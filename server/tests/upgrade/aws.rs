//! The part of AWS that the dump's queue needs: the sample Organization, sessions, and the access role's inline policy. It
//! denies everything else, like an AWS in which the new release's roles were not deployed.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use claviger::SystemClock;
use claviger_domain::clock::Clock;
use claviger_testkit::samples::organization;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// On loopback until dropped.
pub struct Aws {
    pub url: String,
    state: Arc<Mutex<Known>>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Known {
    /// Each session, by the number in its key.
    sessions: Vec<Session>,
    /// Accounts without Claviger's roles.
    unreachable: HashSet<String>,
    /// What the access role of an account denies.
    denials: HashMap<String, String>,
}

#[derive(Clone)]
struct Session {
    account: String,
    name: String,
    /// In whole seconds, as `aws:TokenIssueTime`.
    issued: OffsetDateTime,
}

impl Session {
    /// Whether the access role's inline policy denies it.
    fn is_denied(&self, policy: &str) -> bool {
        let policy: Value = serde_json::from_str(policy).unwrap_or_default();
        let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
        statements.iter().any(|statement| {
            let condition = &statement["Condition"];
            let names = condition["StringLike"]["aws:userid"].to_string();
            let before = condition["DateLessThan"]["aws:TokenIssueTime"].as_str();
            names.contains(&format!("*:{}\"", self.name))
                || before
                    .is_some_and(|at| self.issued < OffsetDateTime::parse(at, &Rfc3339).unwrap())
        })
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Aws {
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(Known::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().route("/", post(answer)).with_state(Arc::clone(&state));
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, state, server }
    }

    /// From now on the account has none of Claviger's roles, or has them again.
    pub fn reach(&self, account: &str, reachable: bool) {
        let unreachable = &mut self.state.lock().unwrap().unreachable;
        if reachable {
            unreachable.remove(account);
        } else {
            unreachable.insert(account.to_owned());
        }
    }

    /// A session that Claviger's database does not know: its access key.
    pub fn steal(&self, account: &str, name: &str) -> String {
        let mut known = self.state.lock().unwrap();
        known.issue(account, name);
        format!("ASIAFAKE{}", known.sessions.len() - 1)
    }

    /// The access key of the newest session of a grant.
    pub fn key_of(&self, grant: &str) -> String {
        let name = format!("{grant}-");
        let known = self.state.lock().unwrap();
        let n = known.sessions.iter().rposition(|session| session.name.starts_with(&name));
        format!("ASIAFAKE{}", n.unwrap())
    }

    /// Whether AWS denies what is signed with this key.
    pub fn denies(&self, key: &str) -> bool {
        let known = self.state.lock().unwrap();
        let session =
            &known.sessions[key.strip_prefix("ASIAFAKE").unwrap().parse::<usize>().unwrap()];
        session.is_denied(known.denials.get(&session.account).map_or("", String::as_str))
    }

    /// What the access role of an account denies.
    pub fn denied(&self, account: &str) -> String {
        self.state.lock().unwrap().denials.get(account).cloned().unwrap_or_default()
    }
}

impl Known {
    fn issue(&mut self, account: &str, name: &str) {
        let now = SystemClock.now().replace_nanosecond(0).unwrap();
        self.sessions.push(Session {
            account: account.to_owned(),
            name: name.to_owned(),
            issued: now,
        });
    }
}

async fn answer(
    State(state): State<Arc<Mutex<Known>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut known = state.lock().unwrap();
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let session = session_of(&headers).and_then(|n| known.sessions.get(n).cloned());
    if let Some(target) = target {
        let input = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let operation = target.rsplit('.').next().unwrap_or_default();
        match by_json(&known, operation, &input, session) {
            Ok(answer) => in_json(StatusCode::OK, &answer),
            Err(code) => in_json(StatusCode::BAD_REQUEST, &json!({"__type": code})),
        }
    } else {
        let form = url::form_urlencoded::parse(&body).into_owned().collect();
        match by_query(&mut known, &form, session) {
            Ok(answer) => in_xml(StatusCode::OK, &answer),
            Err((status, code)) => in_xml(
                status,
                &format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
                ),
            ),
        }
    }
}

fn in_json(status: StatusCode, answer: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], answer.to_string())
        .into_response()
}

fn in_xml(status: StatusCode, answer: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/xml")], answer.to_owned()).into_response()
}

/// The number of the session that signed the request.
fn session_of(headers: &HeaderMap) -> Option<usize> {
    let signed = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let key = signed.split("Credential=").nth(1)?.split('/').next()?;
    key.strip_prefix("ASIAFAKE")?.parse().ok()
}

fn by_json(
    known: &Known,
    operation: &str,
    input: &Value,
    session: Option<Session>,
) -> Result<Value, &'static str> {
    let organization = organization();
    let parent = input["ParentId"].as_str().unwrap_or_default();
    let account = |n: &claviger_domain::accounts::Account| json!({"Id": n.id, "Name": n.name, "Email": n.email, "State": "ACTIVE", "Status": "ACTIVE"});
    Ok(match operation {
        "DescribeOrganization" => json!({"Organization": {
            "Id": organization.id, "MasterAccountId": organization.management_account,
        }}),
        "ListRoots" => json!({"Roots": [{"Id": organization.ous[0].id, "Name": "Root"}]}),
        "ListOrganizationalUnitsForParent" => {
            let units = organization
                .ous
                .iter()
                .filter(|unit| unit.parent.as_ref().is_some_and(|above| above.as_str() == parent));
            let units: Vec<Value> =
                units.map(|unit| json!({"Id": unit.id, "Name": unit.name})).collect();
            json!({"OrganizationalUnits": units})
        }
        "ListAccounts" => {
            let all: Vec<Value> = organization.accounts.iter().map(account).collect();
            json!({"Accounts": all})
        }
        "ListAccountsForParent" => {
            let here = organization
                .accounts
                .iter()
                .filter(|one| one.ou_path.last().is_some_and(|ou| ou.as_str() == parent));
            let here: Vec<Value> = here.map(account).collect();
            json!({"Accounts": here})
        }
        "GetSecretValue" => {
            json!({"ARN": input["SecretId"], "Name": "n", "SecretString": "CANARY"})
        }
        "PutSecretValue" => json!({"ARN": input["SecretId"], "Name": "n", "VersionId": "v2"}),
        "RotateSecret" => json!({"ARN": input["SecretId"], "Name": "n", "VersionId": "v3"}),
        "LookupEvents" => json!({"Events": []}),
        // Not an existing secret: a session that is not denied gets "not found".
        "DescribeSecret" if input["SecretId"] == "claviger-probe" => {
            let session = session.ok_or("AccessDeniedException")?;
            let denied = known.denials.get(&session.account).cloned().unwrap_or_default();
            return Err(if session.is_denied(&denied) {
                "AccessDeniedException"
            } else {
                "ResourceNotFoundException"
            });
        }
        _ => return Err("AccessDeniedException"),
    })
}

type Refused = (StatusCode, &'static str);

fn by_query(
    known: &mut Known,
    form: &HashMap<String, String>,
    session: Option<Session>,
) -> Result<String, Refused> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let denied = (StatusCode::FORBIDDEN, "AccessDenied");
    let account = session.map(|session| session.account);
    let action = field("Action");
    let done = |result: &str| {
        format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>")
    };
    Ok(match action {
        "GetCallerIdentity" => done(
            "<Arn>arn:aws:iam::204917356680:user/hub</Arn><UserId>AIDA</UserId><Account>204917356680</Account>",
        ),
        "AssumeRole" => {
            let account = field("RoleArn").split(':').nth(4).ok_or(denied)?;
            if known.unreachable.contains(account) {
                return Err(denied);
            }
            known.issue(account, field("RoleSessionName"));
            done(&format!(
                "<Credentials><AccessKeyId>ASIAFAKE{}</AccessKeyId><SecretAccessKey>fake</SecretAccessKey>\
                 <SessionToken>fake</SessionToken><Expiration>2199-01-01T00:00:00Z</Expiration></Credentials>",
                known.sessions.len() - 1
            ))
        }
        "GetRolePolicy" => {
            let missing = (StatusCode::NOT_FOUND, "NoSuchEntity");
            let text = known.denials.get(&account.ok_or(denied)?).ok_or(missing)?;
            let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            done(&format!(
                "<RoleName>r</RoleName><PolicyName>p</PolicyName><PolicyDocument>{}</PolicyDocument>",
                text.replace('+', "%20")
            ))
        }
        "PutRolePolicy" => {
            known.denials.insert(account.ok_or(denied)?, field("PolicyDocument").to_owned());
            done("")
        }
        "DeleteRolePolicy" => {
            known.denials.remove(&account.ok_or(denied)?);
            done("")
        }
        _ => return Err(denied),
    })
}
