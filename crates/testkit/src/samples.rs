//! Sample facts and an Organization.

use claviger_domain::{
    accounts::{Account, AccountState, Organization, Ou},
    facts::{Detail, ParameterFacts, ParameterType, ResourceFacts, SecretFacts},
    ids::{AccountId, OuId, Region},
};
use std::collections::BTreeMap;
use time::{OffsetDateTime, macros::datetime};

pub const PAYMENTS: &str = "441205839201";
pub const CHECKOUT: &str = "458812704336";
pub const SANDBOX: &str = "561840927734";
pub const CHANGED: OffsetDateTime = datetime!(2026-11-01 9:00 UTC);

pub fn account(id: &str) -> AccountId {
    id.parse().expect("an account id")
}

pub fn region(code: &str) -> Region {
    code.parse().expect("a Region")
}

pub fn ou(id: &str) -> OuId {
    id.parse().expect("a unit's id")
}

/// A secret with an owner tag, named after its account and Region.
pub fn secret(account: &str, region: &str, name: &str) -> ResourceFacts {
    ResourceFacts {
        arn: format!("arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf")
            .parse()
            .expect("an ARN"),
        name: name.into(),
        description: Some(format!("about {name}")),
        tags: Some(BTreeMap::from([("owner".into(), "payments".into())])),
        kms_key_id: None,
        is_aws_managed_key: false,
        created_at: Some(CHANGED),
        changed_at: Some(CHANGED),
        detail: Detail::Secret(SecretFacts::default()),
    }
}

/// The same without an owner tag.
pub fn unowned(account: &str, region: &str, name: &str) -> ResourceFacts {
    let tags = Some(BTreeMap::from([("env".into(), "dev".into())]));
    ResourceFacts { tags, ..secret(account, region, name) }
}

/// The same with changed facts.
pub fn secret_with(
    account: &str,
    region: &str,
    name: &str,
    change: impl FnOnce(&mut SecretFacts),
) -> ResourceFacts {
    let mut facts = secret(account, region, name);
    if let Detail::Secret(detail) = &mut facts.detail {
        change(detail);
    }
    facts
}

pub fn parameter(account: &str, region: &str, name: &str) -> ResourceFacts {
    ResourceFacts {
        arn: format!("arn:aws:ssm:{region}:{account}:parameter{name}").parse().expect("an ARN"),
        name: name.into(),
        description: None,
        tags: Some(BTreeMap::new()),
        kms_key_id: None,
        is_aws_managed_key: false,
        created_at: None,
        changed_at: Some(CHANGED),
        detail: Detail::Parameter(ParameterFacts {
            parameter_type: ParameterType::SecureString,
            tier: Some("Standard".into()),
            version: Some(1),
            data_type: Some("text".into()),
            allowed_pattern: None,
            last_modified_user: None,
            policies: Vec::new(),
        }),
    }
}

/// Workloads with Production below it (two accounts), and a Sandbox (one).
pub fn organization() -> Organization {
    let unit = |id: &str, parent: Option<&str>, name: &str, path: &str| Ou {
        id: ou(id),
        parent: parent.map(ou),
        name: name.into(),
        path: path.into(),
    };
    let member = |id: &str, name: &str, path: &[&str]| Account {
        id: account(id),
        name: name.into(),
        email: format!("{id}@example.com"),
        state: AccountState::Active,
        ou_path: path.iter().map(|id| ou(id)).collect(),
        joined_at: Some(CHANGED),
    };
    Organization {
        id: "o-test".into(),
        management_account: account("204917356680"),
        ous: vec![
            unit("r-test", None, "Root", ""),
            unit("ou-work", Some("r-test"), "Workloads", "Workloads"),
            unit("ou-prod", Some("ou-work"), "Production", "Workloads/Production"),
            unit("ou-sand", Some("r-test"), "Sandbox", "Sandbox"),
        ],
        accounts: vec![
            member(PAYMENTS, "Payments Prod", &["r-test", "ou-work", "ou-prod"]),
            member(CHECKOUT, "Checkout Prod", &["r-test", "ou-work", "ou-prod"]),
            member(SANDBOX, "Research Sandbox", &["r-test", "ou-sand"]),
        ],
    }
}
