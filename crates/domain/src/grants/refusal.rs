//! Why a requested action on access is denied, as people read it.

use super::{GrantStateName, InvalidTransition, MAX_RESOURCES, MAX_SENTENCE_CHARS};
use crate::{
    facts::Kind,
    problem::{Problem, ProblemCode},
};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no policy permits it: {0}")]
    NotEligible(String),
    #[error("access is paused by {by}: {reason}")]
    Paused { by: String, reason: String },
    #[error("no longer eligible: {0}")]
    Lost(String),
    #[error("no approval rule for {0}")]
    NoRule(String),
    #[error("{minutes} minutes are outside the rule")]
    Duration { minutes: u32, longest: u32 },
    #[error("the start lies in the past, or too far ahead")]
    Start,
    #[error("no ticket where the rule wants one like {0}")]
    Ticket(String),
    #[error("no purpose, or too long a one")]
    Purpose,
    #[error("no reason, or too long a one")]
    Reason,
    #[error("nothing chosen, or too much")]
    Resources,
    #[error("{0} is gone from AWS or pending deletion")]
    Gone(String),
    #[error("a request of one's own")]
    OwnRequest,
    #[error("not an approver of this step")]
    NotApprover,
    #[error("decided already by this person")]
    DecidedAlready,
    #[error("the hash is another's")]
    HashChanged,
    #[error("not the holder")]
    NotHolder,
    #[error("no break-glass for this")]
    NoBreakGlass,
    #[error("the review is closed")]
    ReviewClosed,
    #[error("the reviewer held the grant")]
    OwnReview,
    #[error("the grant allows another action")]
    WrongAction,
    #[error("the resource is not in the grant")]
    NotInGrant,
    #[error("the value is empty or too large")]
    Value,
    #[error("a binary value for a parameter")]
    BinaryParameter,
    #[error("not a {0}")]
    OtherKind(Kind),
    #[error("the policy for {0} does not fit into a session")]
    PolicyTooLarge(String),
    #[error(transparent)]
    State(#[from] InvalidTransition),
}

impl Refusal {
    /// What the person reads.
    pub fn into_problem(self) -> Problem {
        let (code, message, hint) = self.words();
        Problem::new(code, message, hint)
    }

    #[expect(clippy::too_many_lines, reason = "one sentence after the other, nothing else")]
    fn words(self) -> (ProblemCode, String, String) {
        use ProblemCode::{Conflict, Forbidden, InvalidInput};
        match self {
            Self::NotEligible(name) => (
                Forbidden,
                format!("No policy allows you to request {name}."),
                "Ask the owner or your security team for a policy that permits it.".to_owned(),
            ),
            Self::Paused { by, reason } => (
                Conflict,
                format!("Access is paused by {by}: {reason}"),
                "Wait until a security admin of the whole Organization resumes it.".into(),
            ),
            Self::Lost(why) => (
                Forbidden,
                format!("{why}."),
                "Your groups, a policy or the secret's tags changed since the approval. Ask the owner or your security team."
                    .into(),
            ),
            Self::NoRule(name) => (
                Forbidden,
                format!("No approval rule covers {name}."),
                "Your security team can add a rule.".into(),
            ),
            Self::Duration { minutes, longest } => (
                InvalidInput,
                format!("{minutes} minutes is outside the allowed duration."),
                format!("Request between 1 and {longest} minutes."),
            ),
            Self::Start => (
                InvalidInput,
                "The start is in the past, or more than 30 days ahead.".into(),
                "Leave it empty to start on approval.".into(),
            ),
            Self::Ticket(pattern) => (
                InvalidInput,
                "The rule requires a ticket.".into(),
                format!("Enter one that matches {pattern}."),
            ),
            Self::Purpose => (
                InvalidInput,
                "Enter a purpose.".into(),
                format!("Describe what it is for in at most {MAX_SENTENCE_CHARS} characters."),
            ),
            Self::Reason => (
                InvalidInput,
                "Enter a reason.".into(),
                format!("Give the reason in at most {MAX_SENTENCE_CHARS} characters."),
            ),
            Self::Resources => (
                InvalidInput,
                "No secret selected, or too many.".into(),
                format!("Select between 1 and {MAX_RESOURCES} secrets or parameters."),
            ),
            Self::Gone(name) => (
                Conflict,
                format!("{name} is deleted from AWS, or pending deletion."),
                "Remove it from the list, or have it restored first.".into(),
            ),
            Self::OwnRequest => (
                Forbidden,
                "You can't approve your own request.".into(),
                "Another approver must decide.".into(),
            ),
            Self::NotApprover => (
                Forbidden,
                "You are not an approver of this step.".into(),
                "The request shows who can decide now.".into(),
            ),
            Self::DecidedAlready => (
                Conflict,
                "You already decided on this request.".into(),
                "No action needed from you.".into(),
            ),
            Self::HashChanged => (
                Conflict,
                "The request changed since you opened it.".into(),
                "Reload the page and review it before you decide.".into(),
            ),
            Self::NotHolder => (
                Forbidden,
                "This grant belongs to another person.".into(),
                "Only the requester can use this grant. Request your own access.".into(),
            ),
            Self::NoBreakGlass => (
                Forbidden,
                "Break-glass access is not available for this.".into(),
                "Request access instead.".into(),
            ),
            Self::ReviewClosed => {
                (Conflict, "The review is already closed.".into(), "No action needed.".into())
            }
            Self::OwnReview => (
                Forbidden,
                "You can't review your own break-glass access.".into(),
                "Another person must close the review.".into(),
            ),
            Self::WrongAction => (
                Forbidden,
                "This grant doesn't allow this action.".into(),
                "Request a grant with the action you need.".into(),
            ),
            Self::NotInGrant => (
                Forbidden,
                "This grant doesn't cover this secret.".into(),
                "Submit a separate request for it.".into(),
            ),
            Self::Value => (
                InvalidInput,
                "The new value is empty or too large.".into(),
                "A secret holds up to 65,536 bytes, a standard parameter 4,096.".into(),
            ),
            Self::BinaryParameter => (
                InvalidInput,
                "A parameter can't hold a binary value.".into(),
                "Parameter Store holds text only. Write the value as text, such as base64.".into(),
            ),
            Self::OtherKind(kind) => (
                InvalidInput,
                format!("This is no {kind}."),
                match kind {
                    Kind::Secret => "Only secrets have keys and versions to compare.".into(),
                    Kind::Parameter => "Only parameters have these settings.".into(),
                },
            ),
            Self::PolicyTooLarge(name) => (
                InvalidInput,
                format!("A session policy for {name} does not fit."),
                "AWS allows 2,048 characters, and the name is too long for that. Access to it can't be granted here; give it a shorter name."
                    .into(),
            ),
            Self::State(transition) => state_label(transition),
        }
    }
}

fn state_label(transition: InvalidTransition) -> (ProblemCode, String, String) {
    let now = match transition.from {
        GrantStateName::Requested => "It is pending approval.",
        GrantStateName::Approved => "It starts later.",
        GrantStateName::Claimable => "Start access first.",
        GrantStateName::Active => "It is already active.",
        GrantStateName::Ended => "It has expired.",
        GrantStateName::Revoked => "It was revoked.",
        GrantStateName::GivenBack => "It was ended early or withdrawn.",
        GrantStateName::Denied => "It was denied.",
        GrantStateName::Expired => "It expired.",
        GrantStateName::Failed => "It failed.",
    };
    let hint = match transition.from {
        GrantStateName::Requested => "Wait until it is approved.",
        GrantStateName::Approved => "Wait until its start time.",
        GrantStateName::Claimable => "Then try again.",
        GrantStateName::Active => "Reload the grant to see its state.",
        _ => "Submit a new request if access is still needed.",
    };
    (
        ProblemCode::Conflict,
        format!("The grant can't be {} now. {now}", transition.wanted),
        hint.into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_grant_waits_for_is_said() {
        for (from, says) in [
            (GrantStateName::Requested, "It is pending approval. Wait until it is approved."),
            (GrantStateName::Approved, "It starts later. Wait until its start time."),
            (GrantStateName::Claimable, "Start access first. Then try again."),
            (GrantStateName::Denied, "It was denied. Submit a new request"),
        ] {
            let (code, message, hint) = state_label(InvalidTransition { from, wanted: "started" });
            assert_eq!(code, ProblemCode::Conflict);
            assert!(format!("{message} {hint}").contains(says), "{message} {hint}");
        }
    }
}
