//! EC2 with an instance profile and the AWS Secrets Manager Agent.

use super::{Proof, Recipe, RecipeAction, RecipeId, Subject, base, facts, file, rights};
use crate::consumers::ConsumerKind;

pub(super) fn agent(subject: &Subject) -> Recipe {
    let facts = facts(subject);
    Recipe {
        files: vec![
            file("config.toml", Proof::AgentSettings, include_str!("texts/agent.toml"), &facts),
            file("read.sh", Proof::RunWithStandIn, include_str!("texts/agent.sh"), &facts),
        ],
        cache: "In the agent's memory, for 300 seconds: ttl_seconds, at most 3600, and 0 for none.".to_owned(),
        at_rotation: "The old value until the 300 seconds are over, then the new one. A program that keeps the value itself has to ask again.".to_owned(),
        on_auth_failure: "Ask again with REFRESH=true, which adds refreshNow=true: the agent then asks Secrets Manager at once.".to_owned(),
        traps: vec![
            "Anyone who can read /var/run/awssmatoken and reach the port gets every secret that the role can read: add only the program's user to the group awssmatokenreader.".to_owned(),
            "The instance has to require IMDSv2 with a hop limit of 1, or containers get the role's credentials.".to_owned(),
            "AWS publishes the agent as source code: build a tagged version, and install it with its own script.".to_owned(),
        ],
        rights: rights(subject, &[RecipeAction::DescribeSecret]),
        reader: "The role of the instance profile".to_owned(),
        consumer: Some(ConsumerKind::Ec2),
        ..base(RecipeId::Ec2Agent, subject)
    }
}
