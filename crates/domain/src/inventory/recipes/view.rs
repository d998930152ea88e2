//! What the tab *Use it* shows.

use super::{Recipe, RecipeId, Right, UseForm};
use crate::{creation::ShapeFault, ids::ResourceId, inventory::entitlement::Answer};
use serde::{Deserialize, Serialize};

/// The chosen recipe of a secret or parameter, and the recipes to choose from. No value is read for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseView {
    pub id: ResourceId,
    pub is_secret: bool,
    pub form: UseForm,
    /// What is wrong with a choice, by field.
    pub faults: Vec<ShapeFault>,
    pub menu: Vec<RecipeId>,
    /// `None` if there is no such recipe.
    pub chosen: Option<RecipeId>,
    /// The recipe, or why there is none.
    pub recipe: Result<Recipe, String>,
    /// The staging labels that the secret has.
    pub stages: Vec<String>,
    /// The name of a role for it that may not be there yet.
    pub role_name: String,
    /// The role that the recipe names because none was chosen, unless there is such a role.
    #[serde(default)]
    pub suggested_role: Option<SuggestedRole>,
    /// Some of the account's roles, by ARN; none if the reader may not see who has access there.
    pub roles: Vec<String>,
    pub comparison: Comparison,
}

/// A role that nobody chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestedRole {
    pub arn: String,
    /// Whether the account was read and has no such role; otherwise nothing is known of it.
    pub is_missing: bool,
}

/// The rights that a recipe needs, beside those of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The reader may not see who has access in the account.
    NotShown,
    /// No role was chosen.
    NotAsked,
    /// The role's account was read, and has no such role.
    Missing,
    /// Why nothing can be said of the role.
    NotRead { why: String },
    /// One answer for each right.
    Compared {
        answers: Vec<RightAnswer>,
        /// The ARN as IAM has it, with the role's path. The recipe names this one.
        role: String,
    },
}

/// Whether a role has a right, in its account as that was last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightAnswer {
    pub right: Right,
    pub answer: Answer,
    /// What it depends on, what denies it, or what was not read.
    pub why: Vec<String>,
    /// Whether the AWS managed key gives it to every principal of the account, so that no policy has to: one can only deny it.
    #[serde(default)]
    pub by_managed_key: bool,
}

/// Such as `This role lacks kms:Decrypt.` What is unknown is never said to be there.
pub fn sentence(answers: &[RightAnswer]) -> String {
    let named = |wanted: Answer| -> Vec<String> {
        let found = answers.iter().filter(|one| one.answer == wanted);
        found.map(|one| one.right.action.to_string()).collect()
    };
    let (lacks, unknown, conditional) =
        (named(Answer::Cannot), named(Answer::Unknown), named(Answer::Conditional));
    let mut said = Vec::new();
    if !lacks.is_empty() {
        said.push(format!("This role lacks {}.", lacks.join(" and ")));
    }
    if !unknown.is_empty() {
        said.push(format!("Whether it has {} is unknown.", unknown.join(" and ")));
    }
    if !conditional.is_empty() {
        said.push(format!("It has {} under conditions only.", conditional.join(" and ")));
    }
    if said.is_empty() {
        return "This role has every right that the recipe needs.".to_owned();
    }
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::recipes::{RecipeAction, RightOn};

    #[test]
    fn a_right_that_is_unknown_is_never_said_to_be_there() {
        let answer = |action, answer| RightAnswer {
            right: Right { action, on: RightOn::Resource },
            answer,
            why: Vec::new(),
            by_managed_key: false,
        };
        let read = answer(RecipeAction::GetSecretValue, Answer::Can);
        assert_eq!(
            sentence(std::slice::from_ref(&read)),
            "This role has every right that the recipe needs."
        );
        let lacking = [read.clone(), answer(RecipeAction::Decrypt, Answer::Cannot)];
        assert_eq!(sentence(&lacking), "This role lacks kms:Decrypt.");
        let mixed = [
            answer(RecipeAction::Decrypt, Answer::Unknown),
            answer(RecipeAction::GetSecretValue, Answer::Conditional),
        ];
        assert_eq!(
            sentence(&mixed),
            "Whether it has kms:Decrypt is unknown. It has secretsmanager:GetSecretValue under conditions only."
        );
    }
}
