//! Events that accounts send about secrets and parameters, as EventBridge puts them into a queue.
//!
//! An event says where to look, not what is there: whatever it claims, AWS is asked. Shapes:
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html>,
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html>,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>.

use crate::{
    facts::Kind,
    ids::{AccountId, Arn, Region},
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The source of events that prove a rule and its target. Anybody with `PutEvents` can send them, so they cause nothing.
pub const TEST_SOURCE: &str = "claviger.test";
/// The field of a test event's detail that says which test it is of.
pub const TEST_TOKEN: &str = "clavigerTest";
const API_CALL: &str = "AWS API Call via CloudTrail";
const SERVICE_EVENT: &str = "AWS Service Event via CloudTrail";

/// Calls that only read. They change nothing that the inventory shows but the day of the last read, which scans find.
const READS: [&str; 6] = [
    "BatchGetSecretValue",
    "GetParameter",
    "GetParameterHistory",
    "GetParameters",
    "GetParametersByPath",
    "GetSecretValue",
];

/// Longer texts of AWS are cut.
const MAX_TEXT_CHARS: usize = 500;

/// Something that happened in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsEvent {
    /// The same for the same event, however often it arrives: CloudTrail's, otherwise EventBridge's.
    pub id: String,
    /// The account and Region that sent it.
    pub account: AccountId,
    pub region: Region,
    pub at: OffsetDateTime,
    pub what: EventContent,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventContent {
    /// Secrets or parameters changed.
    Resources { targets: Vec<EventTarget>, reported: Option<ReportedCall> },
    /// Somebody read values, or tried to: nothing is read again.
    Read(ReportedRead),
    /// A `GuardDuty` finding about credentials.
    Finding(ReportedFinding),
    /// A test of the rules, with the token of a test that Claviger sent.
    Test { token: Option<String> },
    /// Anything else that the rules send: no secret or parameter is read again.
    Other,
}

/// A read of values, as CloudTrail recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedRead {
    /// What the call names; parameters that it names by their path alone are not among them.
    pub targets: Vec<EventTarget>,
    /// The path whose parameters were read.
    pub under: Option<ParameterPath>,
    pub call: ReportedCall,
    /// The ARN of the role whose session made the call.
    pub role: Option<String>,
}

/// Parameters by their path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterPath {
    /// Without a slash at its end.
    pub path: String,
    /// Those of deeper levels too.
    pub is_recursive: bool,
}

/// A finding of `GuardDuty`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedFinding {
    /// The same for all events of one finding, also those of `GuardDuty`'s administrator.
    pub id: String,
    /// Where the credentials are.
    pub account: AccountId,
    pub region: Region,
    /// Such as `CredentialAccess:IAMUser/AnomalousBehavior`.
    pub finding_type: String,
    pub principal: Option<String>,
    /// The secret that the finding names.
    pub secret: Option<EventTarget>,
}

/// A secret or parameter as an event names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventTarget {
    pub kind: Kind,
    /// Where it is: not always where the event comes from.
    pub account: AccountId,
    pub region: Region,
    /// A name, or a secret's ARN.
    pub name: ResourceName,
}

/// How an event names a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceName {
    Name(String),
    Arn(Arn),
}

impl ResourceName {
    /// As AWS takes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Arn(arn) => arn.as_str(),
        }
    }
}

/// What CloudTrail recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedCall {
    /// Such as `PutSecretValue` or `RotationFailed`.
    pub name: String,
    /// Who made the call: the ARN of a user or of a role's session, or a service such as `cloudformation.amazonaws.com`.
    /// `None` for what a service did by itself.
    pub actor: Option<String>,
    pub rotation: Option<RotationReport>,
    /// AWS's message of a failure.
    pub error: Option<String>,
}

/// What a service event reports about a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotationReport {
    Started,
    Succeeded,
    /// With the step that failed, where the message names one.
    Failed(Option<RotationStep>),
    Abandoned,
}

/// A step of a rotation.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum RotationStep {
    CreateSecret,
    SetSecret,
    TestSecret,
    FinishSecret,
}

/// Why a message of the queue is not an event: it goes to the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    #[error("it is not an event of EventBridge: {0}")]
    Envelope(String),
    #[error("its {0} is missing or invalid")]
    Field(&'static str),
}

#[derive(Deserialize)]
struct Envelope {
    id: String,
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    account: String,
    region: String,
    time: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    detail: Value,
}

/// Reads a message of the queue.
pub fn read_event(body: &str) -> Result<AwsEvent, InvalidEvent> {
    let envelope: Envelope =
        serde_json::from_str(body).map_err(|error| InvalidEvent::Envelope(error.to_string()))?;
    let account: AccountId =
        envelope.account.parse().map_err(|_| InvalidEvent::Field("account"))?;
    let region: Region = envelope.region.parse().map_err(|_| InvalidEvent::Field("Region"))?;
    let detail = &envelope.detail;
    let is_recorded = [API_CALL, SERVICE_EVENT].contains(&envelope.detail_type.as_str());
    let recorded = |field: &str| text(detail, field).filter(|_| is_recorded);
    let at = recorded("eventTime").unwrap_or(&envelope.time);
    let at = OffsetDateTime::parse(at, &Rfc3339).map_err(|_| InvalidEvent::Field("time"))?;
    let id = recorded("eventID").unwrap_or(&envelope.id).to_owned();
    if id.is_empty() || id.len() > 200 {
        return Err(InvalidEvent::Field("id"));
    }
    let at_home = Home { account: &account, region: &region };
    let what = match (envelope.source.as_str(), envelope.detail_type.as_str()) {
        (TEST_SOURCE, _) => EventContent::Test { token: text(detail, TEST_TOKEN).map(cut) },
        ("aws.guardduty", "GuardDuty Finding") => EventContent::Finding(finding(&at_home, detail)?),
        ("aws.secretsmanager", "Secret Label Updated") => {
            let arn = envelope.resources.first().map(String::as_str);
            let arn = arn.ok_or(InvalidEvent::Field("resource"))?;
            found([at_home.secret(arn)], None)?
        }
        ("aws.secretsmanager", SERVICE_EVENT) => {
            let additional = &detail["additionalEventData"];
            let arn = ["SecretId", "secretId"].into_iter().find_map(|name| text(additional, name));
            let arn = arn.ok_or(InvalidEvent::Field("secret"))?;
            found([at_home.secret(arn)], Some(reported(detail)?))?
        }
        ("aws.secretsmanager", API_CALL) => secret_call(&at_home, detail)?,
        ("aws.ssm", "Parameter Store Change") => {
            let name = text(detail, "name").ok_or(InvalidEvent::Field("parameter"))?;
            found([at_home.parameter(name)], None)?
        }
        ("aws.ssm", "Parameter Store Policy Action") => {
            let name = text(detail, "parameter-name").ok_or(InvalidEvent::Field("parameter"))?;
            found([at_home.parameter(name)], None)?
        }
        ("aws.ssm", API_CALL) => parameter_call(&at_home, detail)?,
        _ => EventContent::Other,
    };
    Ok(AwsEvent { id, account, region, at, what })
}

/// Where the event comes from: a name without an ARN is of there.
struct Home<'a> {
    account: &'a AccountId,
    region: &'a Region,
}

impl Home<'_> {
    /// By its ARN or its name. Names that look like half an ARN do not exist.
    fn secret(&self, id: &str) -> Option<EventTarget> {
        if !id.starts_with("arn:") {
            return self.named(Kind::Secret, id);
        }
        let arn: Arn = id.parse().ok().filter(|arn: &Arn| arn.service() == "secretsmanager")?;
        let (account, region) = (arn.account().parse().ok()?, arn.region().parse().ok()?);
        Some(EventTarget { kind: Kind::Secret, account, region, name: ResourceName::Arn(arn) })
    }

    /// By its name, or by its ARN, whose part after `parameter` is the name.
    fn parameter(&self, id: &str) -> Option<EventTarget> {
        if !id.starts_with("arn:") {
            return self.named(Kind::Parameter, id);
        }
        let arn: Arn = id.parse().ok().filter(|arn: &Arn| arn.service() == "ssm")?;
        let path = arn.as_str().splitn(6, ':').nth(5)?.strip_prefix("parameter")?;
        // A name without a slash at its start has none in front of it but the ARN's.
        let name = if path.matches('/').count() > 1 { path } else { path.trim_start_matches('/') };
        let (account, region) = (arn.account().parse().ok()?, arn.region().parse().ok()?);
        (!name.is_empty()).then(|| EventTarget {
            kind: Kind::Parameter,
            account,
            region,
            name: ResourceName::Name(name.to_owned()),
        })
    }

    fn named(&self, kind: Kind, name: &str) -> Option<EventTarget> {
        let is_name = !name.is_empty() && name.len() <= 2_048 && !name.contains(char::is_control);
        is_name.then(|| EventTarget {
            kind,
            account: self.account.clone(),
            region: self.region.clone(),
            name: ResourceName::Name(name.to_owned()),
        })
    }
}

fn found(
    targets: impl IntoIterator<Item = Option<EventTarget>>,
    reported: Option<ReportedCall>,
) -> Result<EventContent, InvalidEvent> {
    let targets: Option<BTreeSet<EventTarget>> = targets.into_iter().collect();
    let targets = targets.filter(|targets| !targets.is_empty());
    let targets = targets.ok_or(InvalidEvent::Field("resource"))?.into_iter().collect();
    Ok(EventContent::Resources { targets, reported })
}

/// A call of Secrets Manager: the answer has the ARN of a new secret, whose request has a name only.
fn secret_call(home: &Home<'_>, detail: &Value) -> Result<EventContent, InvalidEvent> {
    let reported = reported(detail)?;
    if READS.contains(&reported.name.as_str()) {
        return Ok(read_of_secrets(home, detail, reported));
    }
    if text(detail, "errorCode").is_some() {
        return Ok(EventContent::Other);
    }
    let (asked, answered) = (&detail["requestParameters"], &detail["responseElements"]);
    let id = ["aRN", "arn", "ARN"]
        .into_iter()
        .find_map(|name| text(answered, name))
        .or_else(|| text(asked, "secretId"))
        .or_else(|| text(asked, "name"));
    let id = id.ok_or(InvalidEvent::Field("secret"))?;
    found([home.secret(id)], Some(reported))
}

fn parameter_call(home: &Home<'_>, detail: &Value) -> Result<EventContent, InvalidEvent> {
    let reported = reported(detail)?;
    if READS.contains(&reported.name.as_str()) {
        return Ok(read_of_parameters(home, detail, reported));
    }
    if text(detail, "errorCode").is_some() {
        return Ok(EventContent::Other);
    }
    let asked = &detail["requestParameters"];
    let names: Vec<&str> = match reported.name.as_str() {
        "AddTagsToResource" | "RemoveTagsFromResource" => {
            if text(asked, "resourceType") != Some("Parameter") {
                return Ok(EventContent::Other);
            }
            text(asked, "resourceId").into_iter().collect()
        }
        "DeleteParameters" => {
            asked["names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
        }
        "DeleteParameter"
        | "LabelParameterVersion"
        | "PutParameter"
        | "UnlabelParameterVersion" => text(asked, "name").into_iter().collect(),
        _ => return Ok(EventContent::Other),
    };
    found(names.into_iter().map(|name| home.parameter(name)), Some(reported))
}

fn reported(detail: &Value) -> Result<ReportedCall, InvalidEvent> {
    let name = text(detail, "eventName").filter(|name| name.len() <= 100);
    let name = name.ok_or(InvalidEvent::Field("eventName"))?.to_owned();
    let identity = &detail["userIdentity"];
    let is_service_event = text(detail, "eventType") == Some("AwsServiceEvent");
    let service = text(identity, "invokedBy").filter(|_| !is_service_event);
    let actor = text(identity, "arn").or(service).map(cut);
    let error = text(detail, "errorMessage").map(cut);
    let rotation = match name.as_str() {
        "RotationStarted" => Some(RotationReport::Started),
        "RotationSucceeded" => Some(RotationReport::Succeeded),
        "RotationFailed" | "TestRotationFailed" => {
            Some(RotationReport::Failed(error.as_deref().and_then(step_in)))
        }
        "RotationAbandoned" => Some(RotationReport::Abandoned),
        _ => None,
    };
    Ok(ReportedCall { name, actor, rotation, error })
}

/// The failed step stands in the message's prose only, such as `… during createSecret step`. Two steps in it name none.
fn step_in(message: &str) -> Option<RotationStep> {
    use strum::VariantArray;
    let words: Vec<&str> = message.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let named = RotationStep::VARIANTS.iter().filter(|step| {
        let step = step.to_string();
        words.iter().any(|word| word.eq_ignore_ascii_case(&step))
    });
    let named: Vec<&RotationStep> = named.collect();
    match named.as_slice() {
        [step] => Some(**step),
        _ => None,
    }
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT_CHARS).collect()
}

mod uses;

use uses::{finding, read_of_parameters, read_of_secrets};

#[cfg(test)]
mod tests;
