//! Why a wish about access is not granted, in the person's words.

use super::{InvalidTransition, MAX_RESOURCES, MAX_WORDS, StateWord};
use crate::problem::{Problem, ProblemCode};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no policy permits it: {0}")]
    NotEligible(String),
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
                format!("No policy lets you ask for {name}."),
                "Ask its owner, or your security team for a policy that permits it.".to_owned(),
            ),
            Self::Lost(why) => (
                Forbidden,
                format!("{why}."),
                "Your groups, a policy or the secret's tags have changed since the approval. Ask its owner or your security team."
                    .into(),
            ),
            Self::NoRule(name) => (
                Forbidden,
                format!("No approval rule covers {name}, so nobody could approve it."),
                "Your security team can add a rule.".into(),
            ),
            Self::Duration { minutes, longest } => (
                InvalidInput,
                format!("{minutes} minutes are outside the rule."),
                format!("Ask for between 1 and {longest} minutes."),
            ),
            Self::Start => (
                InvalidInput,
                "The start lies in the past, or more than 30 days ahead.".into(),
                "Leave it empty to begin as soon as it is approved.".into(),
            ),
            Self::Ticket(pattern) => (
                InvalidInput,
                "The rule asks for a ticket.".into(),
                format!("Write one that matches {pattern}."),
            ),
            Self::Purpose => (
                InvalidInput,
                "A request needs a purpose.".into(),
                format!("Say in a sentence what it is for, in at most {MAX_WORDS} characters."),
            ),
            Self::Reason => (
                InvalidInput,
                "This needs a reason.".into(),
                format!("Say in a sentence why, in at most {MAX_WORDS} characters."),
            ),
            Self::Resources => (
                InvalidInput,
                "Nothing is chosen, or too much.".into(),
                format!("Choose between 1 and {MAX_RESOURCES} secrets or parameters."),
            ),
            Self::Gone(name) => (
                Conflict,
                format!("{name} is gone from AWS, or pending deletion."),
                "Take it off the list, or have it restored first.".into(),
            ),
            Self::OwnRequest => (
                Forbidden,
                "Nobody approves their own request.".into(),
                "Another approver has to decide.".into(),
            ),
            Self::NotApprover => (
                Forbidden,
                "You are no approver of this step.".into(),
                "The request names who may decide now.".into(),
            ),
            Self::DecidedAlready => (
                Conflict,
                "You have decided on this request already.".into(),
                "Nothing more is needed from you.".into(),
            ),
            Self::HashChanged => (
                Conflict,
                "The request is not the one that you saw.".into(),
                "Open it again and read it before you decide.".into(),
            ),
            Self::NotHolder => (
                Forbidden,
                "This grant is another person's.".into(),
                "Only its holder can use it; ask for access of your own.".into(),
            ),
            Self::NoBreakGlass => (
                Forbidden,
                "There is no break-glass for this.".into(),
                "Ask in the ordinary way.".into(),
            ),
            Self::ReviewClosed => {
                (Conflict, "The review is closed already.".into(), "Nothing more is needed.".into())
            }
            Self::OwnReview => (
                Forbidden,
                "Nobody reviews their own break-glass.".into(),
                "Somebody else has to close it.".into(),
            ),
            Self::WrongAction => (
                Forbidden,
                "This grant does not allow that.".into(),
                "Ask for a grant with the action that you need.".into(),
            ),
            Self::NotInGrant => (
                Forbidden,
                "This grant does not cover that secret.".into(),
                "Ask for it in a request of its own.".into(),
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
            Self::PolicyTooLarge(name) => (
                InvalidInput,
                format!("A session policy for {name} does not fit."),
                "AWS allows 2,048 characters, and the name is too long for that. Access to it can't be granted here; give it a shorter name."
                    .into(),
            ),
            Self::State(transition) => state_words(transition),
        }
    }
}

fn state_words(transition: InvalidTransition) -> (ProblemCode, String, String) {
    let now = match transition.from {
        StateWord::Requested => "It still waits for its approval.",
        StateWord::Approved => "Its start still lies ahead.",
        StateWord::Claimable => "It has to be claimed first.",
        StateWord::Active => "It is active already.",
        StateWord::Ended => "Its time is over.",
        StateWord::Revoked => "It was revoked.",
        StateWord::GivenBack => "It was given back.",
        StateWord::Denied => "It was denied.",
        StateWord::Expired => "It expired.",
        StateWord::Failed => "It failed.",
    };
    let hint = if matches!(
        transition.from,
        StateWord::Requested | StateWord::Approved | StateWord::Claimable | StateWord::Active
    ) {
        "Look at the grant again in a moment."
    } else {
        "Ask anew if access is still needed."
    };
    (
        ProblemCode::Conflict,
        format!("The grant cannot be {} any more or yet. {now}", transition.wanted),
        hint.into(),
    )
}
