//! Every spelling that is stored or hashed, or that programs read. A change of one of these snapshots is a migration: rows,
//! audit entries, queued jobs and clients of an earlier release have the old spelling. Renaming a type, a field or a variant in
//! Rust changes none of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod access;
mod inventory;
mod words;

use claviger_domain::{
    authz::Person,
    facts::Kind,
    grants::GrantResource,
    ids::{AccountId, Region, ResourceId},
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::{Debug, Write};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

const AT: OffsetDateTime = datetime!(2026-11-24 12:34:56.789012 UTC);

/// As JSON, and parsed again.
fn json<T: Serialize + DeserializeOwned + PartialEq + Debug>(table: &mut String, value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
    let _ = writeln!(table, "{text}");
}

fn person() -> Person {
    Person { subject: "ada".into(), name: "Ada".into(), email: Some("ada@example.com".into()) }
}

fn account() -> AccountId {
    "441205839201".parse().unwrap()
}

fn region() -> Region {
    "us-east-1".parse().unwrap()
}

fn resource() -> GrantResource {
    GrantResource {
        id: ResourceId(Uuid::from_u128(1)),
        arn: "arn:aws:secretsmanager:us-east-1:441205839201:secret:a-AbCdEf".parse().unwrap(),
        name: "a".into(),
        kind: Kind::Secret,
        region: region(),
        key: Some("alias/own".into()),
        owner_team: Some("payments".into()),
    }
}
