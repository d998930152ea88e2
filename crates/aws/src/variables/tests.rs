//! A canary in the values that Lambda, ECS, `CodeBuild` and CloudFormation return in plain text.

use super::{cloudformation, codebuild, ecs, lambda, reader};
use crate::{AwsError, WorkloadVariables};
use claviger_domain::variables::{OUTPUTS, VariableContent};

const CANARY: &str = "canary-value-4711";

/// What is kept, as text; it has no value.
fn kept(found: &WorkloadVariables) -> Vec<(String, String, VariableContent)> {
    assert!(!format!("{found:?}").contains(CANARY));
    let each = found.variables.iter();
    each.map(|one| {
        let place = one.container.as_ref().map_or_else(String::new, |name| format!("#{name}"));
        (format!("{}{place}", one.consumer), one.name.clone(), one.content)
    })
    .collect()
}

fn row(consumer: &str, name: &str, content: VariableContent) -> (String, String, VariableContent) {
    (consumer.to_owned(), name.to_owned(), content)
}

#[test]
fn of_functions_the_names_are_kept_and_no_value_is() {
    let text = format!(
        r#"{{"Functions": [
            {{"FunctionName": "ledger", "FunctionArn": "arn:aws:lambda:us-east-1:441205839201:function:ledger",
              "Environment": {{"Variables": {{"DB_PASSWORD": "{CANARY}", "DB_SECRET": "arn:aws:secretsmanager:us-east-1:441205839201:secret:db",
                "DATABASE_URL": "postgres://app:{CANARY}@db/app", "EMPTY": ""}}}}}},
            {{"FunctionName": "none", "FunctionArn": "arn:aws:lambda:us-east-1:441205839201:function:none"}},
            {{"FunctionName": "own-key", "FunctionArn": "arn:aws:lambda:us-east-1:441205839201:function:own-key",
              "Environment": {{"Error": {{"ErrorCode": "AccessDeniedException", "Message": "{CANARY}"}}}}}}
        ], "NextMarker": "next"}}"#
    );
    let mut found = WorkloadVariables::default();
    assert_eq!(lambda::page(text.as_bytes(), &mut found).unwrap().as_deref(), Some("next"));
    let arn = "arn:aws:lambda:us-east-1:441205839201:function:ledger";
    assert_eq!(
        kept(&found),
        [
            row(arn, "DATABASE_URL", VariableContent::UrlWithPassword),
            row(arn, "DB_PASSWORD", VariableContent::Plain),
            row(arn, "DB_SECRET", VariableContent::Reference),
            row(arn, "EMPTY", VariableContent::Empty),
        ]
    );
    assert_eq!(
        found.unreadable,
        ["arn:aws:lambda:us-east-1:441205839201:function:own-key"],
        "a function that could not be decrypted is not one without variables"
    );
    let last = lambda::page(br#"{"Functions": [], "NextMarker": null}"#, &mut found);
    assert_eq!(last.unwrap(), None);
}

#[test]
fn of_a_task_definition_the_family_is_the_consumer_and_secrets_are_left_out() {
    let text = format!(
        r#"{{"taskDefinition": {{"taskDefinitionArn": "arn:aws:ecs:us-east-1:441205839201:task-definition/shop:7",
            "containerDefinitions": [
                {{"name": "web", "environment": [{{"name": "API_KEY", "value": "{CANARY}"}}, {{"value": "{CANARY}", "name": "STAGE"}}],
                  "secrets": [{{"name": "DB_PASSWORD", "valueFrom": "arn:aws:ssm:us-east-1:441205839201:parameter/db"}}]}},
                {{"name": "agent"}}
            ]}}}}"#
    );
    let mut found = WorkloadVariables::default();
    ecs::definition(text.as_bytes(), &mut found).unwrap();
    let consumer = "arn:aws:ecs:us-east-1:441205839201:task-definition/shop#web";
    assert_eq!(
        kept(&found),
        [
            row(consumer, "API_KEY", VariableContent::Plain),
            row(consumer, "STAGE", VariableContent::Plain),
        ]
    );
}

#[test]
fn of_projects_only_plaintext_variables_are_plain() {
    let text = format!(
        r#"{{"projects": [{{"name": "deploy", "arn": "arn:aws:codebuild:us-east-1:441205839201:project/deploy",
            "environment": {{"environmentVariables": [
                {{"name": "NPM_TOKEN", "value": "{CANARY}", "type": "PLAINTEXT"}},
                {{"name": "API_KEY", "value": "{CANARY}"}},
                {{"name": "DB_PASSWORD", "value": "prod/db:password", "type": "SECRETS_MANAGER"}},
                {{"name": "DB_TOKEN", "value": "/prod/db", "type": "PARAMETER_STORE"}}
            ]}}}}, {{"name": "bare", "arn": "arn:aws:codebuild:us-east-1:441205839201:project/bare"}}]}}"#
    );
    let mut found = WorkloadVariables::default();
    let asked = ["deploy", "gone", "bare"].map(str::to_owned);
    let missing = codebuild::batch(text.as_bytes(), &asked, &mut found).unwrap();
    assert_eq!(missing, ["gone"], "a project that AWS did not return is not one without variables");
    let contents: Vec<_> =
        kept(&found).into_iter().map(|(_, name, content)| (name, content)).collect();
    assert_eq!(
        contents,
        [
            ("NPM_TOKEN".to_owned(), VariableContent::Plain),
            ("API_KEY".to_owned(), VariableContent::Plain),
            ("DB_PASSWORD".to_owned(), VariableContent::Reference),
            ("DB_TOKEN".to_owned(), VariableContent::Reference),
        ]
    );
}

/// A response of `DescribeStacks` with these stacks.
fn stacks(members: &str, next: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
          <DescribeStacksResult><Stacks>{members}</Stacks>{next}</DescribeStacksResult>
          <ResponseMetadata><RequestId>1a2b</RequestId></ResponseMetadata>
        </DescribeStacksResponse>"#
    )
}

/// A stack with these parameters and outputs.
fn a_stack(name: &str, status: &str, inner: &str) -> String {
    format!(
        "<member><StackName>{name}</StackName>
         <StackId>arn:aws:cloudformation:us-east-1:441205839201:stack/{name}/1a2b3c4d-0000-1111-2222-333344445555</StackId>
         <StackStatus>{status}</StackStatus><Tags><member><Key>token</Key><Value>{CANARY}</Value></member></Tags>{inner}</member>"
    )
}

#[test]
fn of_stacks_parameters_and_outputs_are_kept_apart() {
    let inner = format!(
        "<Parameters>
           <member><ParameterKey>DatabasePassword</ParameterKey><ParameterValue>{CANARY}</ParameterValue></member>
           <member><ParameterValue>****</ParameterValue><ParameterKey>MasterPassword</ParameterKey></member>
           <member><ParameterKey>ApiToken</ParameterKey><ParameterValue>/prod/token</ParameterValue><ResolvedValue>{CANARY}</ResolvedValue></member>
           <member><ParameterKey>DbSecret</ParameterKey><ParameterValue>{{{{resolve:secretsmanager:db}}}}</ParameterValue></member>
           <member><ParameterKey>Password</ParameterKey><ParameterValue/></member>
           <member><ParameterKey>Stage</ParameterKey></member>
         </Parameters>
         <Outputs><member><OutputKey>DatabaseUrl</OutputKey><OutputValue>postgres://app:{CANARY}@db/app</OutputValue><Description>{CANARY}</Description></member></Outputs>"
    );
    let deleted = format!(
        "<Parameters><member><ParameterKey>Password</ParameterKey><ParameterValue>{CANARY}</ParameterValue></member></Parameters>"
    );
    let members = [
        a_stack("ledger", "UPDATE_COMPLETE", &inner),
        a_stack("gone", "DELETE_COMPLETE", &deleted),
        a_stack("bare", "CREATE_COMPLETE", ""),
    ];
    let text = stacks(&members.concat(), "<NextToken>next</NextToken>");
    let mut found = WorkloadVariables::default();
    assert_eq!(cloudformation::page(text.as_bytes(), &mut found).unwrap().as_deref(), Some("next"));
    let arn = "arn:aws:cloudformation:us-east-1:441205839201:stack/ledger";
    let outputs = format!("{arn}#{OUTPUTS}");
    assert_eq!(
        kept(&found),
        [
            row(arn, "DatabasePassword", VariableContent::Plain),
            row(arn, "MasterPassword", VariableContent::Masked),
            row(arn, "ApiToken", VariableContent::Reference),
            row(arn, "DbSecret", VariableContent::Reference),
            row(arn, "Password", VariableContent::Empty),
            row(arn, "Stage", VariableContent::Empty),
            row(&outputs, "DatabaseUrl", VariableContent::UrlWithPassword),
        ]
    );
    let last = cloudformation::page(stacks("", "").as_bytes(), &mut found);
    assert_eq!(last.unwrap(), None);
}

#[test]
fn the_value_of_a_parameter_is_looked_at_without_its_escapes() {
    for (value, expected) in [
        ("p&amp;ss", VariableContent::Plain),
        ("&#42;&#42;", VariableContent::Masked),
        ("postgres://app:a&amp;b&#64;c@db/app", VariableContent::UrlWithPassword),
        ("postgres:&#47;&#47;app:a@db/app", VariableContent::UrlWithPassword),
        ("postgres://app:&lt;password&gt;@db/app", VariableContent::Plain),
        (
            "{&quot;url&quot;:&quot;https://example.com:8443&quot;,&quot;mail&quot;:&quot;a@example.com&quot;}",
            VariableContent::Plain,
        ),
        ("&#123;{resolve:ssm-secure:db}}", VariableContent::Reference),
        ("&#32;", VariableContent::Empty),
    ] {
        let inner = format!(
            "<Parameters><member><ParameterKey>Name</ParameterKey><ParameterValue>{value}</ParameterValue></member></Parameters>"
        );
        let text = stacks(&a_stack("ledger", "CREATE_COMPLETE", &inner), "");
        let mut found = WorkloadVariables::default();
        cloudformation::page(text.as_bytes(), &mut found).unwrap();
        assert_eq!(found.variables[0].content, expected, "{value}");
    }
}

#[test]
fn a_list_of_stacks_that_is_not_whole_is_not_a_shorter_one() {
    let inner = "<Parameters><member><ParameterKey>Password</ParameterKey><ParameterValue>a</ParameterValue></member></Parameters>";
    let whole = stacks(&a_stack("ledger", "CREATE_COMPLETE", inner), "");
    let mut found = WorkloadVariables::default();
    assert!(cloudformation::page(whole.as_bytes(), &mut found).is_ok());
    let without_id = format!("<member>{inner}</member>");
    for broken in [
        whole[..whole.len() - 30].to_owned(),
        whole.replace(">a<", "><![CDATA[a]]><"),
        whole.replace(">a<", ">a<!-- b -->c<"),
        whole.replace(">a<", ">&nothing;<"),
        whole.replace("Stacks>", "Other>"),
        stacks(&without_id, ""),
        String::new(),
    ] {
        let error = cloudformation::page(broken.as_bytes(), &mut found).unwrap_err();
        assert_eq!(error.detail, "the response cannot be read", "{broken}");
    }
}

#[test]
fn a_batch_without_a_list_is_not_an_empty_one() {
    let mut found = WorkloadVariables::default();
    let asked = ["deploy".to_owned()];
    assert!(codebuild::batch(br#"{"projectsNotFound": []}"#, &asked, &mut found).is_err());
}

#[test]
fn a_family_that_is_gone_ends_nothing_and_one_that_is_still_listed_is_unreadable() {
    assert!(ecs::is_of_the_family(&AwsError::refused("DescribeTaskDefinition", "ClientException")));
    for other in ["ThrottlingException", "AccessDeniedException", "ServerException"] {
        assert!(!ecs::is_of_the_family(&AwsError::refused("DescribeTaskDefinition", other)));
    }
    let missing = ["gone", "shop"].map(str::to_owned).to_vec();
    let listed = ["shop", "ledger"].map(str::to_owned);
    assert_eq!(ecs::still_listed(missing, &listed), ["shop"]);
}

#[test]
fn a_response_that_cannot_be_read_is_not_repeated() {
    let mut found = WorkloadVariables::default();
    let text = format!(
        r#"{{"Functions": "{CANARY}", "projects": "{CANARY}", "taskDefinition": "{CANARY}"}}"#
    );
    let inner = format!(
        "<Parameters><member><ParameterValue>&{CANARY};</ParameterValue></member></Parameters>"
    );
    let xml = stacks(&a_stack("ledger", "CREATE_COMPLETE", &inner), "");
    let errors = [
        cloudformation::page(xml.as_bytes(), &mut found).map(drop),
        lambda::page(text.as_bytes(), &mut found).map(drop),
        ecs::definition(text.as_bytes(), &mut found),
        codebuild::batch(text.as_bytes(), &[], &mut found).map(drop),
    ];
    for error in errors {
        let error = error.unwrap_err();
        assert!(!format!("{error:?} {error}").contains(CANARY));
    }
}

#[test]
fn a_page_that_is_returned_again_ends_the_reading() {
    let next = |before: Option<&str>, next: &str| {
        reader::following("ListFunctions", before, Some(next.to_owned()))
    };
    assert_eq!(next(None, "a").unwrap().as_deref(), Some("a"));
    assert_eq!(next(Some("a"), "b").unwrap().as_deref(), Some("b"));
    assert_eq!(next(Some("a"), "").unwrap(), None);
    assert!(next(Some("a"), "a").is_err());
}
