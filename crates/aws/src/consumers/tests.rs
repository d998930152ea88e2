//! A canary in a function's environment variables, whose values Lambda returns in plain text.

use super::functions::read;

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
