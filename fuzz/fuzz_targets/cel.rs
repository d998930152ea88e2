//! An expression in CEL: refused, or evaluated to an end.
#![no_main]

use claviger_domain::{authz::AccountLocation, facts::{Detail, ResourceFacts, SecretFacts}};
use claviger_policy::compliance::{Facts, OrganizationContext, read_policies};
use libfuzzer_sys::fuzz_target;
use time::OffsetDateTime;

fuzz_target!(|text: &str| {
    // JSON's texts are YAML's.
    let expression = serde_json::to_string(text).expect("a text");
    let file =
        format!("id: p\ntitle: P\nseverity: low\nrule:\n  cel:\n    expression: {expression}\n");
    let Ok(policies) = read_policies(&file) else { return };
    let facts = ResourceFacts {
        arn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf"
            .parse()
            .expect("an ARN"),
        name: "a".into(),
        description: None,
        tags: Some([("owner".to_owned(), "me".to_owned())].into()),
        kms_key_id: None,
        is_aws_managed_key: false,
        created_at: None,
        changed_at: None,
        detail: Detail::Secret(SecretFacts::default()),
    };
    let region = "us-east-1".parse().expect("a Region");
    let location = AccountLocation {
        account: "111122223333".parse().expect("an account"),
        account_name: "A".into(),
        units: Vec::new(),
    };
    let facts = Facts {
        resource: &facts,
        region: &region,
        location: &location,
        deep: None,
        used_on: None,
        first_seen_at: OffsetDateTime::UNIX_EPOCH,
    };
    for policy in policies {
        let _ = policy.evaluate(&facts, &OrganizationContext::default(), OffsetDateTime::UNIX_EPOCH);
    }
});
