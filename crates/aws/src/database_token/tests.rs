//! Tokens compared with those of botocore 1.43 (`generate_db_auth_token`), for the same moment and credentials.

use super::*;
use aws_credential_types::provider::{self, error::CredentialsError, future};
use std::sync::atomic::{AtomicUsize, Ordering};
use time::{OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-28 12:34:56 UTC);
const KEY: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

const PLAIN: &str = "db.cluster-abcdefghijkl.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=claviger_console\
    &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261128%2Feu-west-1%2Frds-db%2Faws4_request\
    &X-Amz-Date=20261128T123456Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
    &X-Amz-Signature=2ff79596e1db2d15344b6ec733749e3052da606100c0acac821e86c8f5c78add";
const WITH_SESSION: &str = "db.abcdefghijkl.us-gov-west-1.rds.amazonaws.com:6432/?Action=connect&DBUser=ops%2Bteam%2F%C3%A4%20b\
    &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261128%2Fus-gov-west-1%2Frds-db%2Faws4_request\
    &X-Amz-Date=20261128T123456Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=FwoGZXIvYXdzE%2F%2B%3Dtoken\
    &X-Amz-Signature=26add6ef57ab78d7dae1ab79e1d225fa412528a038301e6c2bc29b8e9543de36";

fn user(host: &str, port: u16, user: &str) -> DatabaseUser {
    let region = region_of_endpoint(host).unwrap();
    DatabaseUser { host: host.to_owned(), port, user: user.to_owned(), region }
}

fn credentials(session: Option<&str>, expiry: Option<SystemTime>) -> Credentials {
    Credentials::new(KEY.0, KEY.1, session.map(ToOwned::to_owned), expiry, "test")
}

/// The address, and the parameters in any order.
fn parts(token: &str) -> (String, Vec<String>) {
    let (address, query) = token.split_once('?').unwrap();
    let mut parameters: Vec<String> = query.split('&').map(ToOwned::to_owned).collect();
    parameters.sort();
    (address.to_owned(), parameters)
}

#[test]
fn a_token_is_that_of_botocore() {
    let plain =
        user("db.cluster-abcdefghijkl.eu-west-1.rds.amazonaws.com", 5432, "claviger_console");
    let session = user("db.abcdefghijkl.us-gov-west-1.rds.amazonaws.com", 6432, "ops+team/ä b");
    for (of, with, expected) in
        [(plain, None, PLAIN), (session, Some("FwoGZXIvYXdzE/+=token"), WITH_SESSION)]
    {
        let token = sign_token(&of, credentials(with, None), NOW.into()).unwrap();
        assert_eq!(parts(secrecy::ExposeSecret::expose_secret(&token)), parts(expected));
    }
}

#[test]
fn the_region_is_in_the_name_of_the_endpoint() {
    for (host, region) in [
        ("db.abcdefghijkl.eu-west-1.rds.amazonaws.com", Some("eu-west-1")),
        ("db.cluster-abcdefghijkl.us-gov-west-1.rds.amazonaws.com", Some("us-gov-west-1")),
        ("proxy.proxy-abcdefghijkl.ap-south-2.rds.amazonaws.com", Some("ap-south-2")),
        ("db.cluster-abcdefghijkl.rds.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
        // The writer of a global database: its Region changes with a failover.
        ("db.global-abcdefghijkl.global.rds.amazonaws.com", None),
        ("db.example.com", None),
        ("db.eu-west-1.rds.example.com", None),
        ("db.eu-west-1.rds.amazonaws.com.example.com", None),
        ("db.eu-west-1.rds.evilamazonaws.com", None),
        ("127.0.0.1", None),
    ] {
        let found = region_of_endpoint(host);
        assert_eq!(found.as_ref().map(Region::as_str), region, "{host}");
    }
}

/// Counts how often it is asked, and answers with credentials of another expiry each time.
#[derive(Debug)]
struct Counted {
    asked: Arc<AtomicUsize>,
    expiries: Vec<Option<OffsetDateTime>>,
}

impl ProvideCredentials for Counted {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let at = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer: provider::Result = match self.expiries.get(at) {
            Some(expiry) => Ok(credentials(None, expiry.map(SystemTime::from))),
            None => Err(CredentialsError::not_loaded("no more")),
        };
        future::ProvideCredentials::ready(answer)
    }
}

struct Now(std::sync::Mutex<OffsetDateTime>);

impl Clock for Now {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

#[tokio::test]
async fn credentials_are_asked_for_again_before_they_expire() {
    let asked = Arc::new(AtomicUsize::new(0));
    let in_minutes = |minutes| Some(NOW + time::Duration::minutes(minutes));
    let counted =
        Counted { asked: Arc::clone(&asked), expiries: vec![in_minutes(60), in_minutes(120)] };
    let clock = Arc::new(Now(std::sync::Mutex::new(NOW)));
    let of = user("db.abcdefghijkl.eu-west-1.rds.amazonaws.com", 5432, "claviger");
    let clock_of_tokens: Arc<dyn Clock> = clock.clone();
    let tokens =
        DatabaseTokens::signed_with(SharedCredentialsProvider::new(counted), of, clock_of_tokens);
    let mut seen = Vec::new();
    // Every quarter of an hour a token of that moment; the first credentials serve until six minutes before their end.
    for (minute, asks) in [(0, 1), (15, 1), (30, 1), (53, 1), (55, 2), (110, 2)] {
        *clock.0.lock().unwrap() = NOW + time::Duration::minutes(minute);
        let token = tokens.token().await.unwrap();
        seen.push(secrecy::ExposeSecret::expose_secret(&token).to_owned());
        assert_eq!(asked.load(Ordering::SeqCst), asks, "after {minute} minutes");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 6, "each token differs");
    *clock.0.lock().unwrap() = NOW + time::Duration::minutes(115);
    let fault = tokens.token().await.unwrap_err().to_string();
    assert!(fault.contains("no AWS credentials"), "{fault}");
}
