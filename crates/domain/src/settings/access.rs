//! The access rules, and why a person may request access to a secret.

use crate::ids::ResourceId;
use serde::{Deserialize, Serialize};

/// A Cedar policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CedarPolicy {
    /// Its `@id`, or its number in the file.
    pub id: String,
    /// Whether it forbids.
    pub forbids: bool,
    pub text: String,
}

/// An approval rule in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRuleRow {
    pub name: String,
    pub scope: String,
    pub actions: String,
    /// Kinds and tags that it is limited to.
    pub applies_to: String,
    pub approvers: String,
    pub longest_minutes: u32,
    pub auto_approve_minutes: Option<u32>,
    pub break_glass_minutes: Option<u32>,
    pub ticket: Option<String>,
}

/// A question: may this person request this access?
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessQuestion {
    /// A name, an email address or a subject.
    pub person: String,
    /// A name, an ARN or the console's id.
    pub secret: String,
    /// `read`, `write`, `rotate` or `break-glass`; empty is `read`.
    pub action: String,
}

impl AccessQuestion {
    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.person.trim().is_empty() && self.secret.trim().is_empty()
    }

    /// As the form's own query.
    pub fn to_url_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("person", &self.person);
        query.append_pair("secret", &self.secret);
        query.append_pair("action", &self.action);
        query.finish()
    }
}

/// One condition of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessCondition {
    pub about: String,
    pub is_met: bool,
    pub found: String,
}

/// A step of the approval, with the known people who can decide it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalStep {
    pub name: String,
    pub needs: String,
    pub people: Vec<String>,
    /// Whether fewer known people can decide than are needed.
    pub lacks_people: bool,
}

/// The answer, with every condition that decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessAnswer {
    pub person: String,
    pub secret: String,
    pub secret_id: ResourceId,
    pub account: String,
    pub action: String,
    pub may_request: bool,
    pub conditions: Vec<AccessCondition>,
    /// The Cedar policies that decide: those that forbid, or else those that permit.
    pub policies: Vec<CedarPolicy>,
    /// Policies that could not be evaluated, each with the error. Any of them denies.
    pub errors: Vec<String>,
    /// The approval rule; `None` if no rule applies.
    pub rule: Option<ApprovalRuleRow>,
    pub steps: Vec<ApprovalStep>,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessFinding {
    Answer(Box<AccessAnswer>),
    /// Nothing or more than one thing has this name: what to correct, and the choices.
    Unclear {
        says: String,
        choices: Vec<AccessQuestion>,
    },
}

/// The access rules with the question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRulesView {
    pub policies: Vec<CedarPolicy>,
    pub rules: Vec<ApprovalRuleRow>,
    /// Known people to choose from: name and email address, or subject.
    pub people: Vec<(String, String)>,
    pub question: AccessQuestion,
    /// `None` until something was asked.
    pub finding: Option<AccessFinding>,
}
