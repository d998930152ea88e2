//! The first-run checklist. Every state is computed from facts; what is unknown is not done.

use crate::accounts::roles::Snippet;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How far a step of the setup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetupState {
    Done,
    ToDo,
    /// The facts are missing.
    Unknown,
}

/// A step of the setup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupStep {
    pub title: String,
    pub state: SetupState,
    /// The facts.
    pub found: String,
    /// What to do if it is not done.
    pub to_do: String,
    /// A path of the console, with the text of its link.
    pub link: Option<(String, String)>,
    /// What deploys what is missing.
    pub snippets: Vec<Snippet>,
}

/// The checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupView {
    pub steps: Vec<SetupStep>,
    /// Who dismissed it, and when.
    pub dismissed: Option<(String, OffsetDateTime)>,
    pub may_dismiss: bool,
    pub as_of: OffsetDateTime,
}

impl SetupView {
    /// How many steps are done.
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.state == SetupState::Done).count()
    }

    /// Whether the overview still shows it.
    pub fn is_open(&self) -> bool {
        self.dismissed.is_none() && self.done() < self.steps.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(states: &[SetupState], dismissed: bool) -> SetupView {
        let step = |state: &SetupState| SetupStep {
            title: String::new(),
            state: *state,
            found: String::new(),
            to_do: String::new(),
            link: None,
            snippets: Vec::new(),
        };
        let at = OffsetDateTime::UNIX_EPOCH;
        SetupView {
            steps: states.iter().map(step).collect(),
            dismissed: dismissed.then(|| ("Ada".to_owned(), at)),
            may_dismiss: true,
            as_of: at,
        }
    }

    #[test]
    fn what_is_unknown_is_not_done() {
        use SetupState::{Done, ToDo, Unknown};
        assert!(!view(&[Done, Done], false).is_open());
        assert!(view(&[Done, Unknown], false).is_open());
        assert!(view(&[Done, ToDo], false).is_open());
        assert!(!view(&[ToDo], true).is_open());
        assert_eq!(view(&[Done, Unknown, ToDo], false).done(), 1);
    }
}
