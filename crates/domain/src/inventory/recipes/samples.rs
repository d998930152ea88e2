//! Resources that every recipe is written for, by the tests and by the example that `cargo xtask test --only recipes` runs.

use super::{Subject, SubjectKind};
use crate::ids::{AccountId, Arn, Region};

/// The account of the samples.
const ACCOUNT: &str = "441205839201";

fn subject(name: &str, arn: &str, kind: SubjectKind) -> Subject {
    // The texts below are valid; the tests would say so if one were not.
    let arn: Arn = arn.parse().unwrap_or_else(|_| unreachable!("{arn} is an ARN"));
    let region: Region =
        arn.region().parse().unwrap_or_else(|_| unreachable!("{arn} has a Region"));
    let account: AccountId =
        ACCOUNT.parse().unwrap_or_else(|_| unreachable!("an account's number"));
    Subject {
        name: name.to_owned(),
        arn,
        account,
        region,
        kind,
        has_own_key: false,
        key_arn: None,
        json_key: None,
        stage: None,
        role: None,
    }
}

/// A secret with a plain text.
pub fn secret() -> Subject {
    subject(
        "payments/api-token",
        "arn:aws:secretsmanager:eu-west-1:441205839201:secret:payments/api-token-AbCdEf",
        SubjectKind::Secret,
    )
}

/// One key of a JSON secret.
pub fn secret_with_key() -> Subject {
    let mut subject = subject(
        "payments/db",
        "arn:aws:secretsmanager:eu-west-1:441205839201:secret:payments/db-GhIjKl",
        SubjectKind::Secret,
    );
    subject.json_key = Some("password".to_owned());
    subject
}

/// The previous version of one key whose name has what languages treat specially.
pub fn secret_with_stage() -> Subject {
    let mut subject = secret_with_key();
    subject.json_key = Some("it's a \"key\" of ${x}.y".to_owned());
    subject.stage = Some("AWSPREVIOUS".to_owned());
    subject
}

/// A secret under a customer managed key.
pub fn secret_under_own_key() -> Subject {
    let mut subject = secret_with_key();
    subject.has_own_key = true;
    subject.key_arn = Some(
        "arn:aws:kms:eu-west-1:441205839201:key/0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0".to_owned(),
    );
    subject
}

/// A `SecureString` parameter.
pub fn parameter() -> Subject {
    subject(
        "/payments/url",
        "arn:aws:ssm:eu-west-1:441205839201:parameter/payments/url",
        SubjectKind::Parameter { is_encrypted: true, is_advanced: false, is_list: false },
    )
}

/// One key of a JSON parameter.
pub fn parameter_with_key() -> Subject {
    let mut subject = subject(
        "/payments/settings",
        "arn:aws:ssm:eu-west-1:441205839201:parameter/payments/settings",
        SubjectKind::Parameter { is_encrypted: true, is_advanced: true, is_list: false },
    );
    subject.json_key = Some("password".to_owned());
    subject
}

/// A parameter in plain text.
pub fn plain_parameter() -> Subject {
    subject(
        "/payments/level",
        "arn:aws:ssm:eu-west-1:441205839201:parameter/payments/level",
        SubjectKind::Parameter { is_encrypted: false, is_advanced: false, is_list: false },
    )
}

pub fn in_govcloud() -> Subject {
    let mut subject = subject(
        "payments/db",
        "arn:aws-us-gov:secretsmanager:us-gov-west-1:441205839201:secret:payments/db-GhIjKl",
        SubjectKind::Secret,
    );
    subject.json_key = Some("password".to_owned());
    subject
}

pub fn in_china() -> Subject {
    let mut subject = subject(
        "payments/db",
        "arn:aws-cn:secretsmanager:cn-north-1:441205839201:secret:payments/db-GhIjKl",
        SubjectKind::Secret,
    );
    subject.json_key = Some("password".to_owned());
    subject
}

/// Every sample with the folder that it is written into.
pub fn all() -> Vec<(&'static str, Subject)> {
    vec![
        ("secret", secret()),
        ("secret-key", secret_with_key()),
        ("secret-stage", secret_with_stage()),
        ("secret-own-key", secret_under_own_key()),
        ("parameter", parameter()),
        ("parameter-key", parameter_with_key()),
        ("parameter-plain", plain_parameter()),
        ("govcloud", in_govcloud()),
        ("china", in_china()),
    ]
}
