//! The session policy of a pre-flight: reads of one function, and of networks, which AWS does not restrict by resource.

use crate::permissions::{
    On, Role, TABLE,
    statement::{Bound, allow},
};
use claviger_domain::remediation::FunctionArn;
use serde_json::json;
use std::collections::BTreeSet;

/// The calls of a pre-flight, by service and operation.
const CALLS: [(&str, &str); 6] = [
    ("lambda", "GetFunctionConfiguration"),
    ("lambda", "GetPolicy"),
    ("ec2", "DescribeRouteTables"),
    ("ec2", "DescribeVpcEndpoints"),
    ("ec2", "DescribeSecurityGroups"),
    ("ec2", "DescribeNetworkAcls"),
];

/// What the session may do, and nothing else.
pub fn session_policy(function: &FunctionArn) -> String {
    let calls = TABLE.iter().filter(|call| {
        call.role == Role::Remediation && CALLS.contains(&(call.service, call.operation))
    });
    let needs: Vec<_> = calls.flat_map(|call| call.needs).collect();
    let actions = |on: On| -> Vec<&str> {
        needs.iter().filter(|need| need.on == on).map(|need| need.action).collect()
    };
    // A version or an alias is a resource of its own.
    let arns: BTreeSet<String> = [function.arn.clone(), function.qualified()].into();
    let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
    let bound = Bound::default();
    json!({
        "Version": "2012-10-17",
        "Statement": [
            allow(&actions(On::RotationFunction), &arns, &[], &bound),
            allow(&actions(On::Anything), &["*"], &[], &bound),
        ],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_reads_its_function_and_no_other() {
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:rotate-db:live";
        let text = session_policy(&FunctionArn::read(arn).unwrap());
        assert!(text.len() <= crate::SESSION_POLICY_LIMIT);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            document["Statement"][0],
            json!({
                "Effect": "Allow",
                "Action": ["lambda:GetFunctionConfiguration", "lambda:GetPolicy"],
                "Resource": [arn.strip_suffix(":live").unwrap(), arn],
            })
        );
        assert_eq!(document["Statement"][1]["Resource"], "*");
        let actions = document["Statement"][1]["Action"].as_array().unwrap();
        assert!(actions.iter().all(|one| one.as_str().unwrap().starts_with("ec2:Describe")));
    }
}
