//! The session that reads the variables of an account and Region.

use crate::permissions::{
    On, Role, TABLE,
    statement::{Bound, allow},
};
use claviger_domain::{
    ids::{AccountId, Region},
    partition::Partition,
};
use serde_json::{Value, json};

/// The calls of the reading.
const CALLS: [(&str, &str); 6] = [
    ("lambda", "ListFunctions"),
    ("ecs", "ListTaskDefinitionFamilies"),
    ("ecs", "DescribeTaskDefinition"),
    ("codebuild", "ListProjects"),
    ("codebuild", "BatchGetProjects"),
    ("cloudformation", "DescribeStacks"),
];

/// The session policy: these calls and no others, with projects of this account and Region only. AWS restricts the others to
/// no resource, or as lists of all stacks to none.
pub fn reading_session(account: &AccountId, region: &Region) -> String {
    let partition = Partition::of_region(region);
    let projects = format!("arn:{partition}:codebuild:{region}:{account}:project/*");
    let calls = TABLE
        .iter()
        .filter(|call| call.role == Role::Consumers)
        .filter(|call| CALLS.contains(&(call.service, call.operation)));
    let statements: Vec<Value> = calls
        .flat_map(|call| call.needs)
        .map(|need| {
            let resource = if need.on == On::Project { projects.as_str() } else { "*" };
            allow(&[need.action], &[resource], need.limits, &Bound::default())
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        iam::{Context, Decision, Document, Request, decide_session},
        permissions::roles::role_policy,
    };

    fn decided(action: &str, resource: &str) -> Decision {
        let role: Document = role_policy(Role::Consumers, &"aws".parse().unwrap()).parse().unwrap();
        let (account, region) = ("441205839201".parse().unwrap(), "us-east-1".parse().unwrap());
        let session: Document = reading_session(&account, &region).parse().unwrap();
        let request =
            Request { action: action.into(), resource: resource.into(), context: Context::new() };
        decide_session(&[role], &session, &request)
    }

    #[test]
    fn the_session_reads_lists_and_nothing_else_of_the_role() {
        let project = "arn:aws:codebuild:us-east-1:441205839201:project/deploy";
        for (action, resource) in [
            ("lambda:ListFunctions", "*"),
            ("ecs:ListTaskDefinitionFamilies", "*"),
            ("ecs:DescribeTaskDefinition", "*"),
            ("codebuild:ListProjects", "*"),
            ("codebuild:BatchGetProjects", project),
            ("cloudformation:DescribeStacks", "*"),
            ("cloudformation:ListStacks", "*"),
        ] {
            assert_eq!(decided(action, resource), Decision::Allowed, "{action}");
        }
        let function = "arn:aws:lambda:us-east-1:441205839201:function:ledger";
        let stack = "arn:aws:cloudformation:us-east-1:441205839201:stack/ledger/1a2b";
        for (action, resource) in [
            ("lambda:GetFunctionConfiguration", function),
            ("lambda:ListTags", function),
            ("lambda:UpdateFunctionConfiguration", function),
            ("codebuild:BatchGetProjects", "arn:aws:codebuild:us-west-2:441205839201:project/a"),
            ("codebuild:StartBuild", project),
            ("cloudformation:GetTemplate", stack),
            ("cloudformation:UpdateStack", stack),
            ("ecs:RunTask", "*"),
            ("secretsmanager:GetSecretValue", "*"),
        ] {
            assert_ne!(decided(action, resource), Decision::Allowed, "{action}");
        }
    }
}
