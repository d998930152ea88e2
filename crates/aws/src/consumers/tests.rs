//! A canary in the environment variables of functions and projects, whose values AWS returns in plain text.

use super::{functions::read, projects};
use crate::{ProjectSource, ProjectUse};

const CANARY: &str = "canary-value-4711";

fn response(environment: &str) -> String {
    format!(
        r#"{{"FunctionName": "orders", "FunctionArn": "arn:aws:lambda:us-east-1:441205839201:function:orders",
            "Role": "arn:aws:iam::441205839201:role/orders", "RevisionId": "r-1", "LastUpdateStatus": "Successful",
            "VpcConfig": {{"SubnetIds": ["subnet-1"], "VpcId": "vpc-1"}}, "Environment": {environment}}}"#
    )
}

#[test]
fn the_names_of_variables_are_kept_and_no_value_is() {
    let text =
        response(&format!(r#"{{"Variables": {{"DB_PASSWORD": "{CANARY}", "STAGE": "prod"}}}}"#));
    let function = read(text.as_bytes()).unwrap();
    assert_eq!(
        function.variables.as_deref(),
        Some(&["DB_PASSWORD".to_owned(), "STAGE".to_owned()][..])
    );
    assert!(!format!("{function:?}").contains(CANARY));
    assert!(function.is_in_vpc);
    assert_eq!(
        (function.role.as_str(), function.revision.as_str()),
        ("arn:aws:iam::441205839201:role/orders", "r-1")
    );
}

#[test]
fn variables_that_lambda_cannot_decrypt_are_unknown_and_not_none() {
    let text = response(&format!(
        r#"{{"Error": {{"ErrorCode": "AccessDeniedException", "Message": "{CANARY}"}}}}"#
    ));
    let function = read(text.as_bytes()).unwrap();
    assert_eq!(function.variables, None);
    assert!(!format!("{function:?}").contains(CANARY));
}

#[test]
fn a_response_that_cannot_be_read_is_not_repeated() {
    let text = response(&format!(r#""{CANARY}""#));
    let error = read(text.as_bytes()).unwrap_err();
    assert!(!format!("{error:?} {error}").contains(CANARY));
}

#[test]
fn a_failed_update_has_its_code_alone_and_the_key_of_the_variables_is_read() {
    let with = |more: &str| {
        let text = response("null").replace("\"VpcConfig\"", &format!("{more}, \"VpcConfig\""));
        read(text.as_bytes()).unwrap()
    };
    let key = "arn:aws:kms:us-east-1:441205839201:key/1";
    let failed = with(&format!(
        r#""LastUpdateStatusReasonCode": "EniLimitExceeded", "LastUpdateStatusReason": "{CANARY}", "KMSKeyArn": "{key}""#
    ));
    assert_eq!(failed.update_reason.as_deref(), Some("EniLimitExceeded"));
    assert_eq!(failed.kms_key.as_deref(), Some(key));
    assert!(!format!("{failed:?}").contains(CANARY));
    let odd = with(&format!(r#""LastUpdateStatusReasonCode": "{CANARY} x", "KMSKeyArn": """#));
    assert_eq!((odd.update_reason, odd.kms_key), (None, None));
}

/// As `CodeBuild` answers, with `null` where there is nothing.
fn project(settings: &str) -> String {
    format!(
        r#"{{"projects": [{{"name": "release", "arn": "arn:aws:codebuild:us-east-1:441205839201:project/release",
            "serviceRole": "arn:aws:iam::441205839201:role/service-role/release",
            "tags": [{{"key": "claviger:attach", "value": "true"}}], {settings}}}], "projectsNotFound": []}}"#
    )
}

#[test]
fn the_names_of_a_projects_variables_are_kept_and_no_value_is() {
    let text = project(&format!(
        r#""source": {{"type": "GITHUB", "location": "https://{CANARY}@github.com/acme/shop", "buildspec": "{CANARY}",
            "auth": {{"type": "CODECONNECTIONS", "resource": "{CANARY}"}}}},
        "secondarySources": [{{"type": "S3", "buildspec": "{CANARY}"}}],
        "artifacts": {{"type": "NO_ARTIFACTS"}}, "secondaryArtifacts": [{{"type": "S3", "location": "builds"}}],
        "environment": {{"image": "aws/codebuild/standard:7.0", "imagePullCredentialsType": "CODEBUILD",
            "environmentVariables": [{{"name": "TOKEN", "value": "{CANARY}", "type": "PLAINTEXT"}},
                {{"name": "DB", "value": "{CANARY}", "type": "SECRETS_MANAGER"}}, {{"name": "STAGE", "value": "{CANARY}"}}]}}"#
    ));
    let found = projects::read(text.as_bytes()).unwrap().unwrap();
    let names: Vec<(&str, &str)> =
        found.variables.iter().map(|one| (one.name.as_str(), one.kind.as_str())).collect();
    assert_eq!(names, [("TOKEN", "PLAINTEXT"), ("DB", "SECRETS_MANAGER"), ("STAGE", "PLAINTEXT")]);
    assert!(!format!("{found:?}").contains(CANARY), "{found:?}");
    let source = |kind: &str, auth: Option<&str>| ProjectSource {
        kind: kind.into(),
        auth: auth.map(ToOwned::to_owned),
    };
    assert_eq!(found.sources, [source("GITHUB", Some("CODECONNECTIONS")), source("S3", None)]);
    assert_eq!((found.artifacts.as_slice(), found.image), (&["S3".to_owned()][..], None));
    assert_eq!(found.role, "arn:aws:iam::441205839201:role/service-role/release");
    assert_eq!(found.tags["claviger:attach"], "true");
    assert!(found.uses.is_empty());
}

#[test]
fn what_a_project_uses_its_role_for_is_read() {
    let text = project(
        r#""secondarySources": null, "vpcConfig": {"vpcId": "vpc-1"}, "cache": {"type": "S3", "location": "builds/cache"},
        "encryptionKey": "arn:aws:kms:us-east-1:441205839201:key/1", "buildBatchConfig": {"serviceRole": "x"},
        "logsConfig": {"cloudWatchLogs": {"status": "DISABLED"}, "s3Logs": {"status": "ENABLED", "location": "builds/logs"}},
        "environment": {"image": "registry.example.com/build:1", "imagePullCredentialsType": "SERVICE_ROLE",
            "registryCredential": {"credential": "x", "credentialProvider": "SECRETS_MANAGER"}}"#,
    );
    let found = projects::read(text.as_bytes()).unwrap().unwrap();
    let uses: Vec<ProjectUse> = found.uses.into_iter().collect();
    let all = [
        ProjectUse::Vpc,
        ProjectUse::Cache,
        ProjectUse::StoredLogs,
        ProjectUse::RegistryCredential,
        ProjectUse::Batches,
    ];
    assert_eq!(uses, all);
    assert_eq!(found.log_group, None);
    assert_eq!(found.image.as_deref(), Some("registry.example.com/build:1"));
    assert_eq!(found.encryption_key.as_deref(), Some("arn:aws:kms:us-east-1:441205839201:key/1"));
    // AWS's own key and nothing else.
    let text = project(
        r#""vpcConfig": {}, "cache": {"type": "NO_CACHE"}, "encryptionKey": "arn:aws:kms:us-east-1:441205839201:alias/aws/s3",
        "logsConfig": {"cloudWatchLogs": {"status": "ENABLED", "groupName": "builds"}, "s3Logs": {"status": "DISABLED"}}"#,
    );
    let found = projects::read(text.as_bytes()).unwrap().unwrap();
    assert_eq!((found.encryption_key, found.uses.len()), (None, 0));
    assert_eq!(found.log_group.as_deref(), Some("builds"));
    let plain = projects::read(project(r#""cache": null"#).as_bytes()).unwrap().unwrap();
    assert_eq!(plain.log_group.as_deref(), Some("/aws/codebuild/release"));
}

#[test]
fn a_project_that_is_not_there_is_none_and_nonsense_is_not_repeated() {
    let none = br#"{"projects": [], "projectsNotFound": ["release"]}"#;
    assert_eq!(projects::read(none).unwrap(), None);
    let error = projects::read(project(&format!(r#""tags": "{CANARY}""#)).as_bytes()).unwrap_err();
    assert!(!format!("{error:?} {error}").contains(CANARY));
}
