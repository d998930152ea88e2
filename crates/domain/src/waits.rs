//! What awaits a decision, and who can decide.

use serde::{Deserialize, Serialize};

/// What waits for a person: the action needed, and who can take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "for", content = "people")]
pub enum Waits {
    /// Those who can decide, by name.
    Approval(Vec<String>),
    /// Those who can close the review of a break-glass, by name.
    Review(Vec<String>),
}

impl std::fmt::Display for Waits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Approval(people) => f.write_str(&who_decides(people)),
            Self::Review(people) => f.write_str(&who_reviews(people)),
        }
    }
}

/// `Ada, Ben or Mira`.
fn one_of(people: &[String]) -> Option<String> {
    match people {
        [] => None,
        [one] => Some(one.clone()),
        [most @ .., last] => Some(format!("{} or {last}", most.join(", "))),
    }
}

/// Who can decide, by name. If nobody can, it says so, because the item would wait forever.
pub fn who_decides(people: &[String]) -> String {
    match one_of(people) {
        None => "Needs approval, but nobody who can approve it has signed in yet.".to_owned(),
        Some(names) => format!("Needs approval by {names}."),
    }
}

/// Who can close the review of a break-glass, by name.
pub fn who_reviews(people: &[String]) -> String {
    match one_of(people) {
        None => {
            "Needs review by another person; nobody who can review it has signed in yet.".into()
        }
        Some(names) => format!("Needs review by {names}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_act_is_named() {
        let people = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let said = |names: &[&str]| who_decides(&people(names));
        assert_eq!(said(&["Ada"]), "Needs approval by Ada.");
        assert_eq!(said(&["Ada", "Ben", "3 more"]), "Needs approval by Ada, Ben or 3 more.");
        assert!(said(&[]).contains("nobody who can approve it has signed in"));
        let review = Waits::Review(people(&["Ada", "Ben"]));
        assert_eq!(review.to_string(), "Needs review by Ada or Ben.");
        assert_eq!(Waits::Approval(Vec::new()).to_string(), said(&[]));
    }
}
