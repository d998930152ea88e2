//! A resource policy as somebody attached it: it is explained or refused.
#![no_main]

use claviger_policy::exposure::{OrganizationMembers, analyse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let own = "111122223333".parse().expect("an account");
    let around = OrganizationMembers { organization: Some("o-ours".into()), accounts: [own].into() };
    let own = "111122223333".parse().expect("an account");
    let now = time::OffsetDateTime::UNIX_EPOCH;
    let arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf";
    if let Ok(exposure) = analyse(text, arn, &own, &around, now) {
        let _ = exposure.explain(text);
    }
});
