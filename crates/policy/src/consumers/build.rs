//! What `CodeBuild` needs of a project's role besides the values: logs, and the image if the role pulls it. The boundary leaves both.

use serde_json::{Value, json};

/// The name of the inline policy with it.
pub const BUILD_POLICY: &str = "run-builds";

/// What builds of one project need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildNeeds {
    /// Of the project.
    pub region: String,
    /// `None` if builds write no logs to `CloudWatch`.
    pub log_group: Option<String>,
    /// The ARN of the repository whose image the role pulls.
    pub repository: Option<String>,
}

impl BuildNeeds {
    /// What each statement does; empty if builds need nothing.
    pub fn in_words(&self) -> Vec<String> {
        let logs = self.log_group.iter().map(|name| format!("Writes logs of builds to {name}."));
        let image = self.repository.iter().map(|arn| format!("Pulls images of {arn}."));
        logs.chain(image).collect()
    }
}

/// The inline policy; `None` if builds need nothing.
pub fn build_policy(partition: &str, account: &str, needs: &BuildNeeds) -> Option<Value> {
    let mut statements = Vec::new();
    if let Some(name) = &needs.log_group {
        let group = format!("arn:{partition}:logs:{}:{account}:log-group:{name}", needs.region);
        statements.push(json!({
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [group.clone(), format!("{group}:*")],
        }));
    }
    if let Some(repository) = &needs.repository {
        statements.push(json!({
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Resource": repository,
        }));
        // It has no resource.
        statements.push(
            json!({"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}),
        );
    }
    let is_needed = !statements.is_empty();
    is_needed.then(|| json!({"Version": "2012-10-17", "Statement": statements}))
}

/// The ARN of the repository of an image in ECR, such as `111122223333.dkr.ecr.eu-west-1.amazonaws.com/build:1`; `None` for an image
/// of another registry.
pub fn image_repository(partition: &str, image: &str) -> Option<String> {
    let (host, rest) = image.split_once('/')?;
    let labels: Vec<&str> = host.split('.').collect();
    let [account, "dkr", "ecr" | "ecr-fips", region, _, ..] = labels.as_slice() else {
        return None;
    };
    let name = rest.split(['@', ':']).next().filter(|name| !name.is_empty())?;
    Some(format!("arn:{partition}:ecr:{region}:{account}:repository/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        iam::{Context, Decision, Document, Request, decide},
        permissions::{boundary::boundary_document, roles::Variables},
    };

    const ACCOUNT: &str = "441205839201";

    fn needs() -> BuildNeeds {
        BuildNeeds {
            region: "eu-west-1".into(),
            log_group: Some("/aws/codebuild/release".into()),
            repository: image_repository(
                "aws",
                "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/build:1",
            ),
        }
    }

    #[test]
    fn images_of_ecr_have_a_repository_and_others_none() {
        let arn = "arn:aws:ecr:eu-west-1:111122223333:repository/team/build";
        assert_eq!(needs().repository.as_deref(), Some(arn));
        let digest = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/build@sha256:00";
        assert_eq!(image_repository("aws", digest).as_deref(), Some(arn));
        let china = "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/build";
        assert_eq!(
            image_repository("aws-cn", china).as_deref(),
            Some("arn:aws-cn:ecr:cn-north-1:111122223333:repository/build")
        );
        for other in ["aws/codebuild/standard:7.0", "docker.io/library/rust", "build", "a.b/c"] {
            assert_eq!(image_repository("aws", other), None, "{other}");
        }
    }

    /// Allowed by the policy and left by the boundary; another group and another repository are not.
    #[test]
    fn builds_write_their_logs_and_pull_their_image() {
        let read = |document: Value| document.to_string().parse::<Document>().unwrap();
        let policy = read(build_policy("aws", ACCOUNT, &needs()).unwrap());
        let boundary = read(boundary_document(&Variables::of(&"aws".parse().unwrap())));
        let allowed = |action: &str, resource: &str| {
            let context = Context::new()
                .with("aws:PrincipalAccount", ACCOUNT)
                .with("aws:ResourceAccount", ACCOUNT);
            let request = Request { action: action.into(), resource: resource.into(), context };
            [&policy, &boundary]
                .into_iter()
                .all(|one| decide(std::slice::from_ref(one), &request) == Decision::Allowed)
        };
        let group = "arn:aws:logs:eu-west-1:441205839201:log-group:/aws/codebuild/release";
        assert!(allowed("logs:CreateLogGroup", group));
        assert!(allowed("logs:PutLogEvents", &format!("{group}:log-stream:1")));
        assert!(!allowed("logs:PutLogEvents", &group.replace("release", "other")));
        let repository = "arn:aws:ecr:eu-west-1:111122223333:repository/team/build";
        assert!(allowed("ecr:BatchGetImage", repository));
        assert!(!allowed("ecr:BatchGetImage", &repository.replace("build", "other")));
        assert!(allowed("ecr:GetAuthorizationToken", "*"));
        assert_eq!(needs().in_words().len(), 2);
        let nothing = BuildNeeds { log_group: None, repository: None, ..needs() };
        assert_eq!(build_policy("aws", ACCOUNT, &nothing), None);
        assert!(nothing.in_words().is_empty());
    }
}
