//! Resources and requests of tests.

use super::{RoleKey, RoleResource};
use claviger_domain::{
    consumers::{RoleForm, RoleRequest},
    facts::Kind,
    ids::AccountId,
};
use std::collections::BTreeMap;
use time::{OffsetDateTime, macros::datetime};

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);
pub(super) const KEY: &str = "arn:aws:kms:eu-west-1:441205839201:key/0f1e2d3c";

pub(super) fn account() -> AccountId {
    "441205839201".parse().unwrap()
}

pub(super) fn secret() -> RoleResource {
    RoleResource {
        name: "payments/db".into(),
        arn: "arn:aws:secretsmanager:eu-west-1:441205839201:secret:payments/db-Xy12Zz"
            .parse()
            .unwrap(),
        kind: Kind::Secret,
        region: "eu-west-1".parse().unwrap(),
        key: RoleKey::Key(KEY.into()),
        tags: Some(BTreeMap::from([("team".to_owned(), "payments".to_owned())])),
    }
}

pub(super) fn parameter() -> RoleResource {
    RoleResource {
        name: "/payments/url".into(),
        arn: "arn:aws:ssm:eu-west-1:441205839201:parameter/payments/url".parse().unwrap(),
        kind: Kind::Parameter,
        region: "eu-west-1".parse().unwrap(),
        key: RoleKey::Key(KEY.into()),
        tags: Some(BTreeMap::from([("team".to_owned(), "payments".to_owned())])),
    }
}

/// A request, written as the form's query.
pub(super) fn asked(query: &str) -> RoleRequest {
    let form = RoleForm::from_url_query(&format!("role_name=app-reads&{query}"));
    form.read(&account(), &"aws".parse().unwrap(), NOW).unwrap()
}

/// A query of each kind of consumer.
pub(super) const CONSUMERS: [&str; 12] = [
    "consumer=lambda",
    "consumer=lambda&function=orders",
    "consumer=ec2",
    "consumer=ecs-task",
    "consumer=ecs-execution",
    "consumer=eks-irsa&provider=https://oidc.eks.eu-west-1.amazonaws.com/id/0123&namespace=shop&service_account=api",
    "consumer=eks-pod-identity&namespace=shop&service_account=api&cluster=arn:aws:eks:eu-west-1:441205839201:cluster/prod",
    "consumer=codebuild&project=release",
    "consumer=github&repository=acme/shop&branch=main",
    "consumer=github&repository=acme/shop&environment=prod&owner_id=12&repository_id=345",
    "consumer=gitlab&project=acme/apps/shop&branch=main",
    "consumer=account&principal=111122223333&external_id=f3c1-9a",
];
