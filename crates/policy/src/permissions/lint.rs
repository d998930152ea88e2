//! What is wrong with a trust policy or a role's policy, as AWS would evaluate it. Neither AWS nor the linters of templates
//! say any of this: a statement that is never met is valid, and so is a Deny of what the role needs.

use super::{
    Role, TABLE,
    reference::{action_named, actions_matching, matches},
};
use serde_json::Value;

/// Characters that AWS allows for all inline policies of a role together, white space left out.
pub const INLINE_LIMIT: usize = 10_240;
/// Characters of a managed policy.
pub const MANAGED_LIMIT: usize = 6_144;
/// Characters of a trust policy without a raised quota; with it 4,096.
pub const TRUST_LIMIT: usize = 2_048;

/// The actions that a trust policy has a statement for, each with the keys that it must be held by.
const TRUSTED: [(&str, &[&str]); 3] = [
    ("sts:AssumeRole", &["sts:ExternalId", "aws:PrincipalOrgID", "sts:RoleSessionName"]),
    ("sts:TagSession", &["aws:TagKeys"]),
    ("sts:SetSourceIdentity", &["sts:SourceIdentity"]),
];

/// The size of a policy as AWS counts it: without white space.
pub fn size(document: &Value) -> usize {
    // What the text of a string holds, such as the blanks of a description, AWS counts; policies have none.
    document.to_string().chars().filter(|c| !c.is_whitespace()).count()
}

/// The faults of a trust policy, each a sentence that says what to do.
pub fn trust_faults(document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let statements = statements(document);
    for statement in &statements {
        if statement.get("NotAction").is_some() || statement.get("NotPrincipal").is_some() {
            faults.push(
                "NotAction and NotPrincipal admit what nobody listed: name actions and principals"
                    .into(),
            );
        }
        if texts(&statement["Principal"]).iter().any(|principal| principal == "*") {
            faults.push("the principal is anyone: name the hub's role".into());
        }
        let actions = texts(&statement["Action"]);
        if actions.len() > 1 {
            faults.push(format!(
                "{} share a statement: write one for each, because each has condition keys of its own",
                actions.join(" and ")
            ));
        }
        for name in &actions {
            let Some(action) = action_named(name) else {
                faults.push(format!("{name} is not an action that a trust policy of ours allows"));
                continue;
            };
            for key in keys(statement).into_iter().filter(|key| !action.knows(key)) {
                faults.push(format!(
                    "{name} has a condition on {key}, which AWS does not send with it, so the statement never matches: \
                     keep {key} in the statement for sts:AssumeRole"
                ));
            }
        }
    }
    for (action, required) in TRUSTED {
        let found: Vec<&&Value> =
            statements.iter().filter(|s| texts(&s["Action"]).iter().any(|a| a == action)).collect();
        if found.is_empty() {
            faults.push(format!("no statement allows {action}, which every session of ours needs"));
        }
        for statement in found {
            let has = keys(statement);
            for key in required.iter().filter(|key| !has.iter().any(|has| has == *key)) {
                faults.push(format!("{action} is allowed without a condition on {key}: add one"));
            }
        }
    }
    if size(document) > TRUST_LIMIT {
        faults.push(format!(
            "the trust policy has {} characters, and AWS takes {TRUST_LIMIT} unless the quota is raised",
            size(document)
        ));
    }
    faults
}

/// The faults of a member role's policy.
pub fn policy_faults(role: Role, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let size = size(document);
    if size > MANAGED_LIMIT.min(INLINE_LIMIT) {
        faults.push(format!(
            "the policy of {} has {size} characters, and AWS takes {MANAGED_LIMIT} in a managed policy",
            role.name()
        ));
    }
    let needed: Vec<&str> = TABLE
        .iter()
        .filter(|call| call.role == role)
        .flat_map(|call| call.needs)
        .map(|need| need.action)
        .collect();
    for statement in statements(document) {
        for pattern in texts(&statement["Action"]) {
            if actions_matching(&pattern).next().is_none() {
                faults.push(format!("{} names {pattern}, which is no known action", role.name()));
            }
            if statement["Effect"] != "Deny" {
                continue;
            }
            for action in needed.iter().filter(|action| matches(&pattern, action)) {
                faults.push(format!(
                    "{} denies {pattern}, which covers {action}: the role needs it",
                    role.name()
                ));
            }
        }
    }
    faults
}

/// Every action that the policy allows, sorted.
pub fn allowed_actions(document: &Value) -> Vec<String> {
    let mut actions: Vec<String> = statements(document)
        .into_iter()
        .filter(|statement| statement["Effect"] == "Allow")
        .flat_map(|statement| texts(&statement["Action"]))
        .collect();
    actions.sort();
    actions.dedup();
    actions
}

fn statements(document: &Value) -> Vec<&Value> {
    match &document["Statement"] {
        Value::Array(all) => all.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// The strings of a value: itself, or those of a list or an object.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(all) => all.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn keys(statement: &Value) -> Vec<&str> {
    let operators = statement.get("Condition").and_then(Value::as_object);
    operators
        .into_iter()
        .flat_map(|operators| operators.values().filter_map(Value::as_object))
        .flat_map(|keys| keys.keys().map(String::as_str))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::roles::{Variables, role_document, trust_policy};
    use serde_json::json;

    fn ours() -> Value {
        serde_json::from_str(&trust_policy()).unwrap()
    }

    fn faults(edit: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut document = ours();
        edit(&mut document);
        trust_faults(&document)
    }

    #[test]
    fn our_trust_policy_has_no_fault() {
        assert_eq!(trust_faults(&ours()), Vec::<String>::new());
    }

    /// A file that was once copied from a blog: both actions in one statement, and the external id for all of them.
    #[test]
    fn a_broken_trust_policy_is_named() {
        let text = include_str!("fixtures/trust-with-an-external-id-for-tags.json");
        let faults = trust_faults(&serde_json::from_str(text).unwrap());
        let found = |part: &str| faults.iter().any(|fault| fault.contains(part));
        assert!(found("sts:TagSession has a condition on sts:ExternalId"), "{faults:?}");
        assert!(found("never matches"), "{faults:?}");
        assert!(found("sts:AssumeRole and sts:SetSourceIdentity share a statement"), "{faults:?}");
        assert!(found("without a condition on aws:PrincipalOrgID"), "{faults:?}");
    }

    #[test]
    fn each_fault_is_found_by_itself() {
        // The keys of AssumeRole, in the other statements, by any operator.
        for at in [1, 2] {
            for (operator, key) in [
                ("StringEquals", "sts:ExternalId"),
                ("StringLikeIfExists", "sts:ExternalId"),
                ("Null", "sts:ExternalId"),
                ("StringLike", "sts:RoleSessionName"),
            ] {
                let faults =
                    faults(|d| d["Statement"][at]["Condition"][operator] = json!({key: "x"}));
                assert!(
                    faults.iter().any(|f| f.contains(key) && f.contains("never matches")),
                    "{operator} {key}: {faults:?}"
                );
            }
        }
        for at in 0..3 {
            let missing = faults(|d| {
                d["Statement"].as_array_mut().unwrap().remove(at);
            });
            assert_eq!(missing.len(), 1, "{missing:?}");
            let open = faults(|d| {
                d["Statement"][at].as_object_mut().unwrap().remove("Condition");
            });
            assert_eq!(open.len(), TRUSTED[at].1.len(), "{open:?}");
            assert_eq!(faults(|d| d["Statement"][at]["Principal"] = json!("*")).len(), 1);
            assert_eq!(faults(|d| d["Statement"][at]["Principal"] = json!({"AWS": "*"})).len(), 1);
        }
        let long = faults(|d| d["Statement"][0]["Principal"] = json!({"AWS": "x".repeat(2_000)}));
        assert!(long.iter().any(|fault| fault.contains("2048")), "{long:?}");
        assert!(!faults(|d| d["Statement"][0]["NotAction"] = json!("s3:*")).is_empty());
        assert!(!trust_faults(&json!({})).is_empty());
    }

    #[test]
    fn a_deny_of_what_the_role_needs_is_named() {
        let variables = Variables::of(&"aws".parse().unwrap());
        for role in Role::in_use() {
            let document = role_document(role, &variables);
            assert_eq!(policy_faults(role, &document), Vec::<String>::new());
        }
        let mut document = role_document(Role::Inventory, &variables);
        document["Statement"].as_array_mut().unwrap().push(json!({
            "Effect": "Deny", "Action": "secretsmanager:Describe*", "Resource": "*",
        }));
        let faults = policy_faults(Role::Inventory, &document);
        assert!(faults[0].contains("covers secretsmanager:DescribeSecret"), "{faults:?}");
        let unknown = json!({"Statement": {"Effect": "Allow", "Action": "ssm:ReadAll"}});
        assert_eq!(policy_faults(Role::Access, &unknown).len(), 1);
        let long = json!({"Statement": {"Effect": "Allow", "Sid": "x".repeat(MANAGED_LIMIT)}});
        assert!(policy_faults(Role::Access, &long)[0].contains("6144"));
    }
}
