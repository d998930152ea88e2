//! Requests to an emulator as an account's root, for services whose SDK no test has.

use std::fmt::Write as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The smallest archive that Lambda's API takes as code.
const EMPTY_ZIP: &str = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";

/// An account's root at an emulator. By the emulators' rule, an account's number as the key is the account's root, whatever the
/// signature.
#[derive(Debug, Clone)]
pub struct EmulatorRoot {
    /// Such as `http://127.0.0.1:4566`.
    pub url: String,
    pub account: String,
    pub region: String,
}

impl EmulatorRoot {
    /// The body of the response, whatever its status.
    async fn send(&self, service: &str, path: &str, kind: &str, body: &str) -> String {
        let host = self.url.trim_start_matches("http://").trim_end_matches('/');
        let Self { account, region, .. } = self;
        let mut request = String::new();
        let length = body.len();
        let _ = write!(
            request,
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential={account}/20261129/{region}/{service}/aws4_request, \
             SignedHeaders=host, Signature=00\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(host).await.expect("the emulator runs");
        stream.write_all(request.as_bytes()).await.expect("the emulator listens");
        let mut response = Vec::new();
        stream.read_to_end(&mut response).await.expect("the emulator answers");
        let text = String::from_utf8_lossy(&response).into_owned();
        text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }

    /// A call of EventBridge.
    async fn events(&self, operation: &str, body: &serde_json::Value) -> String {
        let kind = format!("application/x-amz-json-1.1\r\nx-amz-target: AWSEvents.{operation}");
        self.send("events", "/", &kind, &body.to_string()).await
    }

    /// Creates a rule of the default event bus with one target.
    pub async fn put_event_rule(&self, name: &str, pattern: &str, target: &str) {
        let made = serde_json::json!({"Name": name, "EventPattern": pattern, "State": "ENABLED"});
        self.events("PutRule", &made).await;
        let role = format!("arn:aws:iam::{}:role/claviger-events", self.account);
        let target = serde_json::json!({"Id": "hub", "Arn": target, "RoleArn": role});
        self.events("PutTargets", &serde_json::json!({"Rule": name, "Targets": [target]})).await;
    }

    /// A call of a Query API, such as `iam` or `ec2`: its action and parameters.
    pub async fn query(&self, service: &str, parameters: &[(&str, &str)]) -> String {
        let encoded = |text: &str| {
            text.bytes().fold(String::new(), |mut found, byte| {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    found.push(char::from(byte));
                } else {
                    let _ = write!(found, "%{byte:02X}");
                }
                found
            })
        };
        let version = match service {
            "cloudformation" => "2010-05-15",
            "ec2" => "2016-11-15",
            _ => "2010-05-08",
        };
        let mut form = format!("Version={version}");
        for (name, value) in parameters {
            let _ = write!(form, "&{name}={}", encoded(value));
        }
        self.send(service, "/", "application/x-www-form-urlencoded; charset=utf-8", &form).await
    }

    /// Creates a role for a service, with one inline policy.
    pub async fn create_role(&self, name: &str, service: &str, policy: &str) {
        let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        }]});
        let trust = trust.to_string();
        let create =
            [("Action", "CreateRole"), ("RoleName", name), ("AssumeRolePolicyDocument", &trust)];
        self.query("iam", &create).await;
        self.put_role_policy(name, "own", policy).await;
    }

    pub async fn put_role_policy(&self, role: &str, name: &str, document: &str) {
        let put = [
            ("Action", "PutRolePolicy"),
            ("RoleName", role),
            ("PolicyName", name),
            ("PolicyDocument", document),
        ];
        let answer = self.query("iam", &put).await;
        assert!(!answer.contains("<Error>"), "{answer}");
    }

    /// Creates a function, with a value in its environment; returns its ARN.
    pub async fn create_function(&self, name: &str, role: &str, value: &str) -> String {
        let body = serde_json::json!({
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": role,
            "Code": {"ZipFile": EMPTY_ZIP},
            "Environment": {"Variables": {"PASSWORD": value}},
        });
        let path = "/2015-03-31/functions";
        let answer = self.send("lambda", path, "application/json", &body.to_string()).await;
        let arn = format!("arn:aws:lambda:{}:{}:function:{name}", self.region, self.account);
        assert!(answer.contains(&arn), "{answer}");
        arn
    }

    /// Registers a task definition of ECS with one container, with a value in its environment.
    pub async fn register_task(&self, family: &str, value: &str) {
        let container = serde_json::json!({
            "name": "web",
            "image": "example",
            "environment": [{"name": "PASSWORD", "value": value}],
        });
        let body = serde_json::json!({"family": family, "containerDefinitions": [container]});
        let target = "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition";
        let kind = format!("application/x-amz-json-1.1\r\nx-amz-target: {target}");
        let answer = self.send("ecs", "/", &kind, &body.to_string()).await;
        assert!(answer.contains(family), "the task definition was not registered");
    }

    /// Creates a stack with one parameter that has a value, and a resource that is nothing.
    pub async fn create_stack(&self, name: &str, value: &str) {
        let template = serde_json::json!({
            "Parameters": {"PASSWORD": {"Type": "String"}},
            "Resources": {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
        });
        let template = template.to_string();
        let create = [
            ("Action", "CreateStack"),
            ("StackName", name),
            ("TemplateBody", &template),
            ("Parameters.member.1.ParameterKey", "PASSWORD"),
            ("Parameters.member.1.ParameterValue", value),
        ];
        let answer = self.query("cloudformation", &create).await;
        assert!(answer.contains("<StackId>"), "{answer}");
    }

    /// Sets a tag of a function.
    pub async fn tag_function(&self, arn: &str, (key, value): (&str, &str)) {
        let body = serde_json::json!({"Tags": {key: value}});
        let path = format!("/2017-03-31/tags/{}", arn.replace(':', "%3A"));
        let answer = self.send("lambda", &path, "application/json", &body.to_string()).await;
        assert!(!answer.contains("Exception"), "{answer}");
    }

    /// A call of `CodeBuild`.
    async fn builds(&self, operation: &str, body: &serde_json::Value) -> String {
        let kind = "application/x-amz-json-1.1";
        let kind = format!("{kind}\r\nx-amz-target: CodeBuild_20161006.{operation}");
        self.send("codebuild", "/", &kind, &body.to_string()).await
    }

    /// Creates a `CodeBuild` project, with a value in its environment; returns its ARN.
    pub async fn create_project(
        &self,
        name: &str,
        role: &str,
        value: &str,
        tags: &[(&str, &str)],
    ) -> String {
        let tags: Vec<_> = tags
            .iter()
            .map(|(key, value)| serde_json::json!({"key": key, "value": value}))
            .collect();
        let project = serde_json::json!({
            "name": name,
            "serviceRole": role,
            "source": {"type": "NO_SOURCE", "buildspec": format!("version: 0.2 # {value}")},
            "artifacts": {"type": "NO_ARTIFACTS"},
            "environment": {
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [
                    {"name": "PASSWORD", "value": value, "type": "PLAINTEXT"},
                ],
            },
            "tags": tags,
        });
        let answer = self.builds("CreateProject", &project).await;
        let arn = format!("arn:aws:codebuild:{}:{}:project/{name}", self.region, self.account);
        assert!(answer.contains(&arn), "{answer}");
        arn
    }

    pub async fn delete_project(&self, name: &str) {
        self.builds("DeleteProject", &serde_json::json!({"name": name})).await;
    }

    /// What `CodeBuild` has of a project, as JSON with its values.
    pub async fn project(&self, name: &str) -> String {
        self.builds("BatchGetProjects", &serde_json::json!({"names": [name]})).await
    }

    /// Creates an instance with a tag; returns its id.
    pub async fn create_instance(&self, (key, value): (&str, &str)) -> String {
        let run = [
            ("Action", "RunInstances"),
            ("ImageId", "ami-0a1b2c3d"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("TagSpecification.1.ResourceType", "instance"),
            ("TagSpecification.1.Tag.1.Key", key),
            ("TagSpecification.1.Tag.1.Value", value),
        ];
        let answer = self.query("ec2", &run).await;
        element(&answer, "instanceId").unwrap_or_else(|| panic!("no instance in {answer}"))
    }

    /// Takes an instance's profile away, and gives it this one, which is created; returns the id of the association.
    pub async fn exchange_profile(&self, instance: &str, profile: Option<&str>) -> Option<String> {
        let describe = [
            ("Action", "DescribeIamInstanceProfileAssociations"),
            ("Filter.1.Name", "instance-id"),
            ("Filter.1.Value.1", instance),
            ("Filter.2.Name", "state"),
            ("Filter.2.Value.1", "associated"),
        ];
        let answer = self.query("ec2", &describe).await;
        if let Some(id) = element(&answer, "associationId") {
            let end = [("Action", "DisassociateIamInstanceProfile"), ("AssociationId", &id)];
            self.query("ec2", &end).await;
        }
        let profile = profile?;
        let create = [("Action", "CreateInstanceProfile"), ("InstanceProfileName", profile)];
        self.query("iam", &create).await;
        let associate = [
            ("Action", "AssociateIamInstanceProfile"),
            ("InstanceId", instance),
            ("IamInstanceProfile.Name", profile),
        ];
        let answer = self.query("ec2", &associate).await;
        element(&answer, "associationId")
    }

    /// Lets Secrets Manager invoke a function for the secrets of this account.
    pub async fn admit_secrets_manager(&self, function: &str) {
        let body = serde_json::json!({
            "StatementId": "rotation",
            "Action": "lambda:InvokeFunction",
            "Principal": "secretsmanager.amazonaws.com",
            "SourceAccount": self.account,
        });
        let path = format!("/2015-03-31/functions/{function}/policy");
        let answer = self.send("lambda", &path, "application/json", &body.to_string()).await;
        assert!(answer.contains("secretsmanager.amazonaws.com"), "{answer}");
    }
}

/// The text of the first element of this name.
fn element(answer: &str, name: &str) -> Option<String> {
    let (_, rest) = answer.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(text, _)| text.to_owned())
}
