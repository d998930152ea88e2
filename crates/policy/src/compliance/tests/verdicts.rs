//! The table of cases from AWS's documentation and from the tests of other checkers, with the expected results.

use super::*;
use crate::{
    exposure::analyse,
    tag_policy::{Document as TagDocument, EffectiveTagPolicy},
};
use serde_json::{Map, Value};

const TABLE: &str = include_str!("../../../cases/verdicts.json");

struct Table {
    account: String,
    accounts: Vec<String>,
    organization: String,
    arn: String,
}

type CaseResult = Result<(), String>;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

fn days_ago(value: &Value) -> Option<OffsetDateTime> {
    value.as_f64().map(|days| NOW - Duration::seconds_f64(days * 86_400.0))
}

impl Table {
    fn of(table: &Value) -> Self {
        let defaults = &table["defaults"];
        Self {
            account: text(&defaults["account"]),
            accounts: texts(&defaults["accounts"]),
            organization: text(&defaults["org"]),
            arn: text(&defaults["arn"]),
        }
    }

    fn around(&self) -> OrganizationMembers {
        OrganizationMembers {
            organization: Some(self.organization.clone()),
            accounts: self.accounts.iter().map(|id| id.parse().unwrap()).collect(),
        }
    }

    fn location(&self) -> AccountLocation {
        AccountLocation {
            account: self.account.parse().unwrap(),
            account_name: "own".into(),
            units: Vec::new(),
        }
    }

    fn secret(&self) -> ResourceFacts {
        ResourceFacts {
            arn: self.arn.parse().unwrap(),
            name: "app/db".into(),
            description: None,
            tags: Some(BTreeMap::new()),
            kms_key_id: None,
            is_aws_managed_key: false,
            created_at: Some(ago(400)),
            changed_at: Some(ago(1)),
            detail: Detail::Secret(SecretFacts::default()),
        }
    }

    /// A resource policy: whether it is public, shared outside, shared with another account; true is a failure.
    fn exposed(&self, case: &Value) -> CaseResult {
        let policy = match &case["policy"] {
            Value::String(raw) => raw.clone(),
            document => document.to_string(),
        };
        let (resource, location) = (self.secret(), self.location());
        let deep = ResourceDetails {
            of_change: None,
            resource_policy: Reading::Read(Some(policy.clone())),
            versions: Reading::Read(Vec::new()),
            replicas: Reading::Read(Vec::new()),
        };
        let region = "eu-west-1".parse().unwrap();
        let facts = Facts {
            resource: &resource,
            region: &region,
            location: &location,
            deep: Some(&deep),
            used_on: None,
            first_seen_at: ago(400),
            team: None,
        };
        let org_context =
            OrganizationContext { around: self.around(), ..OrganizationContext::default() };
        let shared =
            format!("shared-with-account: {{allowed: {}}}", Value::from(texts(&case["allowed"])));
        let rules = [
            ("public", "public-policy: {}"),
            ("outside", "shared-outside: {}"),
            ("cross", shared.as_str()),
        ];
        for (name, rule) in rules {
            let expected = match &case["expect"][name] {
                Value::Bool(true) => Fail,
                Value::Bool(false) => Pass,
                Value::Null => continue,
                _ => Unknown,
            };
            let outcome = policy_of(rule).evaluate(&facts, &org_context, NOW).unwrap();
            if outcome.verdict != expected {
                return Err(format!("{name}: {expected:?} expected, not {outcome:?}"));
            }
        }
        let analysed = || {
            analyse(&policy, &self.arn, &location.account, &org_context.around, NOW)
                .unwrap()
                .grantees
        };
        if let Value::Bool(reads) = case["reads"] {
            let all = analysed();
            let widest = all.iter().map(|grantee| grantee.location).max();
            let found = all.iter().any(|g| Some(g.location) == widest && g.reads);
            if found != reads {
                return Err(format!("reads: {reads} expected of {all:?}"));
            }
        }
        if let Value::Bool(wide) = case["wide"] {
            let verdict =
                policy_of("wide-grant: {}").evaluate(&facts, &org_context, NOW).unwrap().verdict;
            if (verdict == Fail) != wide {
                return Err(format!("wide: {wide} expected, not {verdict:?}"));
            }
        }
        Ok(())
    }

    /// A rule over facts.
    fn evaluated(&self, case: &Value) -> CaseResult {
        if let Some(keys) = case["expect_keys"].as_object() {
            return merged(case, keys);
        }
        let facts = case["facts"].as_object().ok_or("no facts")?;
        let (resource, deep, used_on) = self.facts(facts)?;
        let region = "eu-west-1".parse().unwrap();
        let location = self.location();
        let scanned = facts.get("swept").map_or_else(|| vec!["eu-west-1".to_owned()], texts);
        let effective = if case["effective"].is_object() {
            Some(EffectiveTagPolicy::read(&case["effective"].to_string()))
        } else if case["levels"].is_array() {
            Some(levels(case))
        } else {
            None
        };
        let org_context = OrganizationContext {
            around: self.around(),
            tag_policies: match effective {
                None => TagPolicies::Unread,
                Some(Ok(policy)) => TagPolicies::Known(policy),
                Some(Err(fault)) => TagPolicies::Unreadable(fault.to_string()),
            },
            regions: scanned.iter().map(|region| region.parse().unwrap()).collect(),
            ..OrganizationContext::default()
        };
        let evaluated = Facts {
            resource: &resource,
            region: &region,
            location: &location,
            deep: deep.as_ref(),
            used_on,
            first_seen_at: ago(400),
            team: owner_tag(&resource),
        };
        let outcome =
            policy_of(&text(&case["rule"])).evaluate(&evaluated, &org_context, NOW).unwrap();
        let expected: CheckResult = text(&case["expect"])
            .parse()
            .map_err(|error: claviger_domain::InvalidChoice| error.to_string())?;
        if outcome.verdict == expected {
            Ok(())
        } else {
            Err(format!("{expected:?} expected, not {outcome:?}"))
        }
    }

    fn facts(
        &self,
        facts: &Map<String, Value>,
    ) -> Result<(ResourceFacts, Option<ResourceDetails>, Option<Date>), String> {
        let known = [
            "rotation",
            "primary_region",
            "deleted_days",
            "created_days",
            "used_days",
            "changed_days",
            "versions",
            "unread",
            "replicas",
            "swept",
            "kms",
            "kms_is_aws_managed",
            "parameter",
            "name",
            "tags",
            "owning_service",
            "type",
        ];
        if let Some(other) = facts.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(format!("{other} is a fact that the test does not know"));
        }
        let fact = |name: &str| facts.get(name).unwrap_or(&Value::Null);
        let mut resource = self.secret();
        let versions: Vec<DatedVersion> = match fact("versions") {
            Value::Array(all) => all.iter().map(version).collect(),
            _ => vec![version(&serde_json::json!({"stages": ["AWSCURRENT"], "days": 1}))],
        };
        let mut secret = SecretFacts {
            deleted_at: days_ago(fact("deleted_days")),
            owning_service: fact("owning_service").as_str().map(Into::into),
            primary_region: fact("primary_region").as_str().map(|region| region.parse().unwrap()),
            rotation: rotation(fact("rotation")),
            versions: versions
                .iter()
                .map(|one| Version { id: one.id.clone(), stages: one.stages.clone() })
                .collect(),
            ..SecretFacts::default()
        };
        secret.secret_type = fact("type").as_str().map(Into::into);
        let parameter = fact("parameter");
        if parameter.is_object() {
            resource.arn =
                format!("arn:aws:ssm:eu-west-1:{}:parameter/a", self.account).parse().unwrap();
            resource.detail = Detail::Parameter(ParameterFacts {
                parameter_type: text(&parameter["type"])
                    .parse()
                    .map_err(|error: claviger_domain::InvalidChoice| error.to_string())?,
                tier: parameter["tier"].as_str().map(Into::into),
                version: Some(1),
                data_type: None,
                allowed_pattern: None,
                last_modified_user: None,
                policies: texts(&parameter["policies"]),
            });
        } else {
            resource.detail = Detail::Secret(secret);
        }
        if let Some(name) = fact("name").as_str() {
            resource.name = name.into();
        }
        if let Some(tags) = fact("tags").as_object() {
            resource.tags =
                Some(tags.iter().map(|(key, value)| (key.clone(), text(value))).collect());
        }
        resource.kms_key_id = fact("kms").as_str().map(Into::into);
        resource.is_aws_managed_key = fact("kms_is_aws_managed") == &Value::Bool(true);
        resource.created_at = days_ago(fact("created_days")).or(resource.created_at);
        resource.changed_at = days_ago(fact("changed_days")).or(resource.changed_at);
        let deep = (fact("unread") != &Value::Bool(true)).then(|| ResourceDetails {
            of_change: resource.changed_at,
            resource_policy: Reading::Read(None),
            versions: Reading::Read(versions),
            replicas: Reading::Read(replicas(fact("replicas"))),
        });
        Ok((resource, deep, days_ago(fact("used_days")).map(OffsetDateTime::date)))
    }
}

fn policy_of(rule: &str) -> Policy {
    policy(rule)
}

fn version(value: &Value) -> DatedVersion {
    DatedVersion {
        id: value["id"].as_str().unwrap_or("v").into(),
        stages: texts(&value["stages"]),
        created_at: days_ago(&value["days"]),
        key_ids: Vec::new(),
    }
}

fn rotation(value: &Value) -> Rotation {
    let rules = &value["rules"];
    Rotation {
        enabled: value["enabled"].as_bool(),
        lambda_arn: None,
        external_role_arn: None,
        rules: rules.is_object().then(|| RotationRules {
            automatically_after_days: rules["days"].as_i64(),
            duration: rules["duration"].as_str().map(Into::into),
            schedule_expression: rules["schedule"].as_str().map(Into::into),
        }),
        last_rotated_at: days_ago(&value["last_days"]),
        next_rotation_at: days_ago(&value["next_days_ago"]),
    }
}

fn replicas(value: &Value) -> Vec<ReplicaStatus> {
    let all = value.as_object().into_iter().flatten();
    all.map(|(region, status)| ReplicaStatus {
        region: region.parse().unwrap(),
        status: text(status),
        message: None,
        kms_key_id: None,
    })
    .collect()
}

fn levels(case: &Value) -> Result<EffectiveTagPolicy, crate::tag_policy::TagPolicyFault> {
    let levels: Result<Vec<Vec<TagDocument>>, _> = case["levels"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|level| {
            let all = level.as_array().into_iter().flatten();
            all.map(|document| TagDocument::read(&document.to_string())).collect()
        })
        .collect();
    levels.map(|levels| EffectiveTagPolicy::merge(&levels))
}

/// Merged tag policies: the capitalization of each key, its values and where it is enforced.
fn merged(case: &Value, expected: &Map<String, Value>) -> CaseResult {
    let effective = levels(case).map_err(|fault| fault.to_string())?;
    let found: Map<String, Value> = effective
        .keys
        .iter()
        .map(|(key, rule)| {
            let values: Vec<&String> = rule.values.iter().flatten().collect();
            (key.clone(), serde_json::json!([rule.tag_key, values, rule.enforced_for]))
        })
        .collect();
    if found == *expected { Ok(()) } else { Err(format!("{expected:?} expected, not {found:?}")) }
}

#[test]
#[expect(clippy::print_stdout, reason = "how many came out is what is asked for")]
fn cases_of_the_table_come_out_as_it_says() {
    let whole: Value = serde_json::from_str(TABLE).unwrap();
    let table = Table::of(&whole);
    let (policies, rules) =
        (whole["policies"].as_array().unwrap(), whole["rules"].as_array().unwrap());
    let came = policies
        .iter()
        .map(|case| (case, table.exposed(case)))
        .chain(rules.iter().map(|case| (case, table.evaluated(case))));
    let faults: Vec<String> = came
        .filter_map(|(case, came)| {
            came.err()
                .map(|fault| format!("{} ({}): {fault}", text(&case["name"]), text(&case["src"])))
        })
        .collect();
    let all = policies.len() + rules.len();
    println!("{} of {all}", all - faults.len());
    assert!(faults.is_empty(), "{} of {all}:\n{}", all - faults.len(), faults.join("\n"));
    assert!(all >= 221, "cases were taken out of the table: {all}");
}
