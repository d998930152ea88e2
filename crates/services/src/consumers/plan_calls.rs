//! What an approver should know before a role is attached.

use claviger_domain::remediation::{FunctionArn, is_consumer_role, role_name};
use claviger_store::StoredPrincipal;

/// The function loses what its role allows, and how it gets the role back. `known` are the account's roles as they were last read.
pub(super) fn attach_warnings(
    function: &FunctionArn,
    before: &str,
    known: Option<&Result<Vec<StoredPrincipal>, String>>,
) -> Vec<String> {
    let old = match known {
        Some(Ok(all)) => all.iter().find(|principal| principal.arn == before),
        _ => None,
    };
    let loses = match old {
        Some(role) if role.policies.is_empty() => {
            format!("Its role {} has no policies.", role_name(before))
        }
        Some(role) => {
            let names: Vec<&str> = role.policies.iter().map(|one| one.name.as_str()).collect();
            format!(
                "The function loses what its role {} allows: {}. Only what this plan shows remains.",
                role_name(before),
                names.join(", ")
            )
        }
        None => format!(
            "The function loses what its role {} allows, which was not read. Only what this plan shows remains.",
            role_name(before)
        ),
    };
    let back = if is_consumer_role(before) {
        "The way back is a plan that attaches the role before.".to_owned()
    } else {
        // The role may pass those of its own path alone.
        format!(
            "The way back, by an administrator of the account: aws lambda update-function-configuration --region {} --function-name {} --role {before}",
            function.region, function.name
        )
    };
    vec![loses, back]
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::accounts::identities::{AttachedPolicy, PolicySource};
    use std::collections::BTreeMap;

    fn function() -> FunctionArn {
        FunctionArn::read("arn:aws:lambda:us-east-1:441205839201:function:orders").unwrap()
    }

    #[test]
    fn what_is_lost_and_the_way_back_are_named() {
        let before = "arn:aws:iam::441205839201:role/service-role/orders";
        let role = StoredPrincipal {
            arn: before.into(),
            policies: vec![AttachedPolicy {
                source: PolicySource::Inline,
                name: "tables".into(),
                document: None,
            }],
            boundary: None,
            tags: BTreeMap::new(),
            takes_session_tags: false,
            trust: None,
        };
        let [loses, back] = &attach_warnings(&function(), before, Some(&Ok(vec![role])))[..] else {
            panic!("two warnings");
        };
        assert!(loses.contains("orders allows: tables."), "{loses}");
        assert!(back.ends_with(&format!("--function-name orders --role {before}")), "{back}");
        let unread = attach_warnings(&function(), before, None);
        assert!(unread[0].contains("which was not read"), "{unread:?}");
        let own = attach_warnings(&function(), "arn:aws:iam::441205839201:role/claviger/a", None);
        assert!(own[1].contains("a plan that attaches"), "{own:?}");
    }
}
