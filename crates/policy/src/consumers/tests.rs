use super::{
    samples::{CONSUMERS, NOW, account, asked, parameter, secret},
    *,
};
use crate::{
    iam::{Context, Decision, Document, Request},
    permissions::reference::action_named,
};
use claviger_domain::VariantArray;
use claviger_domain::consumers::{RoleExport, view::RoleCheck};
use rstest::rstest;
use time::macros::datetime;

fn role(resources: &[RoleResource], query: &str) -> ConsumerRole {
    consumer_role(&account(), resources, &asked(query)).unwrap()
}

fn fault(resources: &[RoleResource], query: &str) -> ShapeFault {
    consumer_role(&account(), resources, &asked(query)).unwrap_err().remove(0)
}

fn asks(resources: &[RoleResource], query: &str) -> Vec<RoleCheck> {
    let request = asked(query);
    let role = consumer_role(&account(), resources, &request).unwrap();
    checks(&role, resources, &request, NOW)
}

/// The actions and condition keys of a policy.
fn used(document: &Value) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for statement in document["Statement"].as_array().unwrap() {
        let keys: Vec<String> = statement["Condition"]
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, keys)| keys.as_object().unwrap().keys().cloned())
            .collect();
        let actions = match &statement["Action"] {
            Value::String(one) => vec![one.clone()],
            many => serde_json::from_value(many.clone()).unwrap(),
        };
        found.extend(actions.into_iter().map(|action| (action, keys.clone())));
    }
    found
}

#[test]
fn each_consumer_reads_exactly_what_it_is_for() {
    for query in CONSUMERS {
        for mode in ["", "&mode=tag&tag_key=team"] {
            let query = format!("{query}{mode}");
            let resources = [secret(), parameter()];
            let found = asks(&resources, &query);
            assert!(found.len() > 10, "{query}");
            for check in found {
                assert_eq!(check.is_as_expected(), Some(true), "{query}: {check:?}");
            }
        }
    }
}

/// Keys of a request that AWS sends for every service, or for callers of one.
const OF_REQUESTS: [&str; 6] = [
    "aws:PrincipalOrgPaths",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceIp",
    "lambda:SourceFunctionArn",
    "aws:ResourceTag/",
];

#[test]
fn every_action_and_key_is_in_the_authorization_reference() {
    for query in CONSUMERS {
        let query = format!(
            "{query}&stages=AWSCURRENT&until=2027-01-31&principal_tag=a=b&resource_tag=team=payments&organization=o-a1b2c3d4e5&ou_paths=o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*&vpcs=vpc-0a1b2c3d&endpoints=vpce-0a1b2c3d"
        );
        let role = role(&[secret()], &query);
        for (action, keys) in used(&role.permission) {
            let known = action_named(&action).unwrap_or_else(|| panic!("{action} is not known"));
            for key in keys {
                let of_requests = OF_REQUESTS.iter().any(|one| key.starts_with(one));
                assert!(of_requests || known.knows(&key), "{action} has no {key}");
            }
            assert!(known.resource.is_some());
        }
    }
}

#[rstest]
#[case("stages=AWSCURRENT", &["Reads the stage AWSPREVIOUS", "Reads without naming a stage"])]
#[case("organization=o-a1b2c3d4e5", &["Reads from outside the Organization"])]
#[case("ou_paths=o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", &["Reads from another OU"])]
#[case("vpcs=vpc-0a1b2c3d", &["Reads from another VPC"])]
#[case("endpoints=vpce-0a1b2c3d", &["Reads through another endpoint"])]
#[case("from=2026-12-01", &["Reads before the first day"])]
#[case("until=2026-12-01", &["Reads after the last day"])]
#[case("principal_tag=stage=prod", &["Reads without the role's tag"])]
#[case("resource_tag=team=payments", &["Reads it under another tag"])]
#[case("source_ips=192.0.2.0/24", &["Reads from an address outside the ranges"])]
fn each_condition_admits_what_meets_it_and_nothing_else(
    #[case] query: &str,
    #[case] refused: &[&str],
) {
    let found = asks(&[secret()], &format!("consumer=ec2&{query}"));
    let answer = |question: &str| {
        let check = found.iter().find(|check| check.question == question);
        check.unwrap_or_else(|| panic!("{question} is not asked")).is_allowed
    };
    assert_eq!(answer("Reads payments/db"), Some(true));
    assert_eq!(answer("Decrypts payments/db through its service"), Some(true));
    for question in refused {
        assert_eq!(answer(question), Some(false), "{question}");
    }
    let role = role(&[secret()], &format!("consumer=ec2&{query}"));
    assert_eq!(role.conditions_in_words.len(), 1, "{:?}", role.conditions_in_words);
}

#[test]
fn a_condition_is_refused_where_its_key_is_absent() {
    for (query, key) in [
        ("vpcs=vpc-0a1b2c3d", "aws:SourceVpc"),
        ("endpoints=vpce-0a1b2c3d", "aws:SourceVpce"),
        ("source_ips=203.0.113.0/24", "aws:SourceIp"),
        ("organization=o-a1b2c3d4e5", "aws:PrincipalOrgID"),
        ("resource_tag=team=payments", "aws:ResourceTag/team"),
    ] {
        let request = asked(&format!("consumer=ec2&{query}"));
        let one = secret();
        let role = consumer_role(&account(), std::slice::from_ref(&one), &request).unwrap();
        let context = check::context(&role, &one, &request, NOW);
        let policy: Document = role.permission.to_string().parse().unwrap();
        let decide = |context: Context| {
            policy.decide(&Request {
                action: "secretsmanager:GetSecretValue".into(),
                resource: one.arn.to_string(),
                context,
            })
        };
        assert_eq!(decide(context.clone()), Decision::Allowed, "{query}");
        assert_eq!(decide(context.without(key)), Decision::ImplicitDeny, "{query}");
    }
}

/// The trust's decision for a caller with these keys.
fn admits(role: &ConsumerRole, action: &str, keys: &[(&str, &str)]) -> bool {
    let trust: Document = role.trust.to_string().parse().unwrap();
    let context =
        keys.iter().fold(Context::new(), |context, (key, value)| context.with(key, *value));
    let request = Request { action: action.into(), resource: "*".into(), context };
    trust.decide(&request) == Decision::Allowed
}

/// No form makes such a trust; one that does is refused before IAM refuses it.
#[test]
fn a_trust_that_admits_every_tenant_is_refused() {
    let mut made = role(&[secret()], CONSUMERS[8]);
    assert_eq!(trust_refusal(&made), None);
    made.trust["Statement"][0]["Condition"] = serde_json::json!({
        "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
    });
    assert!(trust_refusal(&made).unwrap().contains("Since June 2025 IAM refuses"));
}

#[test]
fn a_trust_admits_one_workload() {
    let web = "sts:AssumeRoleWithWebIdentity";
    let github = "token.actions.githubusercontent.com";
    let (aud, sub) = (format!("{github}:aud"), format!("{github}:sub"));
    let named = role(&[secret()], CONSUMERS[8]);
    let by = |role: &ConsumerRole, audience: &str, subject: &str| {
        admits(role, web, &[(&aud, audience), (&sub, subject)])
    };
    let sts = "sts.amazonaws.com";
    assert!(by(&named, sts, "repo:acme/shop:ref:refs/heads/main"));
    assert!(!by(&named, sts, "repo:acme/shop:ref:refs/heads/next"));
    assert!(!by(&named, sts, "repo:acme/shop-2:ref:refs/heads/main"));
    assert!(!by(&named, sts, "repo:acme/shop:pull_request"));
    assert!(!by(&named, "other", "repo:acme/shop:ref:refs/heads/main"));
    assert!(!admits(&named, web, &[(&aud, sts)]));
    let with_ids = role(&[secret()], CONSUMERS[9]);
    assert!(by(&with_ids, sts, "repo:acme@12/shop@345:environment:prod"));
    assert!(!by(&with_ids, sts, "repo:acme@13/shop@345:environment:prod"));
    assert!(!by(&with_ids, sts, "repo:acme/shop:environment:prod"));

    let pods = role(&[secret()], CONSUMERS[6]);
    let pod = |namespace: &str, cluster: &str| {
        let cluster = format!("arn:aws:eks:eu-west-1:441205839201:cluster/{cluster}");
        admits(
            &pods,
            "sts:AssumeRole",
            &[
                ("aws:RequestTag/kubernetes-namespace", namespace),
                ("aws:RequestTag/kubernetes-service-account", "api"),
                ("aws:RequestTag/eks-cluster-arn", &cluster),
            ],
        )
    };
    assert!(pod("shop", "prod") && !pod("other", "prod") && !pod("shop", "test"));

    let build = role(&[secret()], CONSUMERS[7]);
    let project = |name: &str| {
        let arn = format!("arn:aws:codebuild:eu-west-1:441205839201:project/{name}");
        let keys = [("aws:SourceAccount", "441205839201"), ("aws:SourceArn", arn.as_str())];
        admits(&build, "sts:AssumeRole", &keys)
    };
    assert!(project("release") && !project("release-2"));

    let other = role(
        &[secret()],
        "consumer=account&principal=111122223333&external_id=f3c1-9a&organization=o-a1b2c3d4e5",
    );
    let keys = [("sts:ExternalId", "f3c1-9a"), ("aws:PrincipalOrgID", "o-a1b2c3d4e5")];
    assert!(admits(&other, "sts:AssumeRole", &keys));
    assert!(!admits(&other, "sts:AssumeRole", &keys[..1]));
    assert!(!admits(&other, "sts:AssumeRole", &keys[1..]));
    assert!(!other.permission.to_string().contains("PrincipalOrgID"));
}

#[test]
fn decrypting_is_allowed_only_for_a_customer_managed_key() {
    let managed = RoleResource { key: RoleKey::NotNeeded, ..secret() };
    assert!(!role(&[managed], "consumer=ec2").permission.to_string().contains("kms:"));
    let arn = secret().arn;
    let key = RoleKey::named("alias/payments", &arn, &"eu-west-1".parse().unwrap());
    let unread = role(&[RoleResource { key, ..secret() }], "consumer=ec2");
    let text = unread.permission.to_string();
    assert!(text.contains("alias/payments") && text.contains("441205839201:key/*"), "{text}");
    assert!(unread.warnings.iter().any(|one| one.contains("KMS was not read")));
}

#[test]
fn dates_that_are_ahead_are_said_and_evaluated() {
    let said = |query: &str| {
        let wanted = asked(&format!("consumer=ec2&{query}")).conditions;
        (dates_in_words(&wanted, NOW), time_within(&wanted, NOW))
    };
    let tomorrow = datetime!(2026-11-30 0:00 UTC);
    assert_eq!(said("from=2026-11-30"), (Some("only from 2026-11-30 (UTC)".into()), tomorrow));
    let until = Some("only until the end of 2026-11-29 (UTC)".to_owned());
    assert_eq!(said("until=2026-11-29"), (until.clone(), NOW));
    assert_eq!(said("from=2026-11-28&until=2026-11-29"), (until, NOW));
    let both = "only from 2026-11-30 until the end of 2026-12-31 (UTC)".to_owned();
    assert_eq!(said("from=2026-11-30&until=2026-12-31"), (Some(both), tomorrow));
    assert_eq!(said("from=2026-11-28"), (None, NOW));
}

#[test]
fn what_cannot_be_a_role_names_its_field() {
    let many: Vec<RoleResource> = (0..150)
        .map(|n| RoleResource {
            arn: format!(
                "arn:aws:secretsmanager:eu-west-1:441205839201:secret:payments/db{n}-Xy12Zz"
            )
            .parse()
            .unwrap(),
            ..secret()
        })
        .collect();
    let found = fault(&many, "consumer=ec2");
    assert_eq!(found.field, "resource");
    assert!(found.reason.contains("10240"), "{}", found.reason);
    assert!(consumer_role(&account(), &many, &asked("consumer=ec2&mode=tag&tag_key=team")).is_ok());
    assert_eq!(fault(&[parameter()], "consumer=ec2&stages=AWSCURRENT").field, "stages");
    assert_eq!(fault(&[secret()], "consumer=ec2&mode=tag&tag_key=owner").field, "tag_key");
    let unread = RoleResource { tags: None, ..secret() };
    assert_eq!(fault(&[unread], "consumer=ec2&mode=tag&tag_key=team").field, "tag_key");
    let other = BTreeMap::from([("team".to_owned(), "risk".to_owned())]);
    let other = RoleResource { tags: Some(other), ..secret() };
    assert_eq!(fault(&[secret(), other], "consumer=ec2&mode=tag&tag_key=team").field, "tag_key");
    let query = "consumer=ec2&mode=tag&tag_key=team&principal_tag=team=risk";
    assert_eq!(fault(&[secret()], query).field, "principal_tag");
    let query = "consumer=ec2&mode=tag&tag_key=team&resource_tag=team=payments";
    assert_eq!(fault(&[secret()], query).field, "resource_tag");
    let path = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*";
    let paths = vec![path; 60].join("%0A");
    let query =
        format!("consumer=account&principal=111122223333&external_id=f3c1&ou_paths={paths}");
    assert_eq!(fault(&[secret()], &query).field, "consumer");
}

#[test]
fn exports_hold_the_same_documents() {
    let all = "consumer=ec2&mode=tag&tag_key=team&boundary=arn:aws:iam::441205839201:policy/edge";
    let role = role(&[secret()], all);
    for format in RoleExport::VARIANTS {
        for file in export(&role, *format) {
            insta::assert_snapshot!(file.name.replace('.', "-"), file.text);
        }
    }
    let json = export(&role, RoleExport::Json);
    assert_eq!(serde_json::from_str::<Value>(&json[0].text).unwrap(), role.permission);
    let template = &export(&role, RoleExport::CloudFormation)[0].text;
    let template: Value = serde_json::from_str(template).unwrap();
    let properties = &template["Resources"]["Role"]["Properties"];
    assert_eq!(properties["AssumeRolePolicyDocument"], role.trust);
    assert_eq!(properties["Policies"][0]["PolicyDocument"], role.permission);
    assert!(export(&role, RoleExport::Terraform)[0].text.contains("$${aws:PrincipalTag/team}"));
}
