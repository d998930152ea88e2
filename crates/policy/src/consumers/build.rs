//! What `CodeBuild` needs of a project's role besides the values: logs, and the image if the role pulls it. The boundary leaves both.

use claviger_domain::ids::{AccountId, Region};
use serde_json::{Value, json};

/// The name of the inline policy with it.
pub const BUILD_POLICY: &str = "run-builds";

/// What builds of one project need. Nothing of it means more in a policy than it says: no wildcard, no policy variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildNeeds {
    /// Of the project.
    region: Region,
    /// `None` if builds write no logs to `CloudWatch`.
    log_group: Option<String>,
    /// The ARN of the repository whose image the role pulls.
    repository: Option<String>,
}

impl BuildNeeds {
    /// Of a project, by its log group and the image that its role pulls. An error says which text cannot stand in a policy, as a part
    /// of a sentence.
    pub fn read(
        partition: &str,
        region: &str,
        log_group: Option<&str>,
        image: Option<&str>,
    ) -> Result<Self, String> {
        let Ok(region) = region.parse::<Region>() else {
            return Err(format!("{region:?} is not a Region"));
        };
        if let Some(name) = log_group.filter(|name| !is_of(name, is_in_log_group)) {
            return Err(format!(
                "its log group {name:?} has other characters than letters, digits and _ . / # -"
            ));
        }
        let repository = match image {
            Some(image) => image_repository(partition, image)?,
            None => None,
        };
        Ok(Self { region, log_group: log_group.map(ToOwned::to_owned), repository })
    }

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
/// of another registry. An error says what of the image cannot stand in a policy.
fn image_repository(partition: &str, image: &str) -> Result<Option<String>, String> {
    let Some((host, rest)) = image.split_once('/') else { return Ok(None) };
    let labels: Vec<&str> = host.split('.').collect();
    let [account, "dkr", "ecr" | "ecr-fips", region, _, ..] = labels.as_slice() else {
        return Ok(None);
    };
    let wrong = |what: &str| Err(format!("its image {image:?} names {what}"));
    let Ok(account) = account.parse::<AccountId>() else {
        return wrong("an account that is not 12 digits");
    };
    let Ok(region) = region.parse::<Region>() else {
        return wrong("a Region that is not one");
    };
    let name = rest.split(['@', ':']).next().unwrap_or_default();
    if !is_of(name, is_in_repository) {
        return wrong(
            "a repository with other characters than lowercase letters, digits and . _ / -",
        );
    }
    Ok(Some(format!("arn:{partition}:ecr:{region}:{account}:repository/{name}")))
}

fn is_of(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(allowed)
}

fn is_in_log_group(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_./#-".contains(c)
}

fn is_in_repository(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || "._/-".contains(c)
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
        let image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/build:1";
        BuildNeeds::read("aws", "eu-west-1", Some("/aws/codebuild/release"), Some(image)).unwrap()
    }

    #[test]
    fn images_of_ecr_have_a_repository_and_others_none() {
        let arn = "arn:aws:ecr:eu-west-1:111122223333:repository/team/build";
        assert_eq!(needs().repository.as_deref(), Some(arn));
        let digest = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/build@sha256:00";
        assert_eq!(image_repository("aws", digest).unwrap().as_deref(), Some(arn));
        let china = "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/build";
        assert_eq!(
            image_repository("aws-cn", china).unwrap().as_deref(),
            Some("arn:aws-cn:ecr:cn-north-1:111122223333:repository/build")
        );
        for other in ["aws/codebuild/standard:7.0", "docker.io/library/rust", "build", "a.b/c"] {
            assert_eq!(image_repository("aws", other), Ok(None), "{other}");
        }
    }

    #[test]
    fn what_means_more_in_a_policy_is_refused() {
        const HOST: &str = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
        let images = [
            (format!("{}/build", HOST.replace("111122223333", "*")), "12 digits"),
            (format!("{}/build", HOST.replace("111122223333", "11112222333")), "12 digits"),
            (format!("{}/build", HOST.replace("111122223333", "11112222333?")), "12 digits"),
            (format!("{}/build", HOST.replace("eu-west-1", "*")), "a Region"),
            (format!("{}/build", HOST.replace("eu-west-1", "eu-west-?")), "a Region"),
            (format!("{HOST}/*"), "a repository"),
            (format!("{HOST}/team/b?:1"), "a repository"),
            (format!("{HOST}/${{aws:username}}"), "a repository"),
            (format!("{HOST}/Build"), "a repository"),
            (format!("{HOST}/:1"), "a repository"),
        ];
        for (image, part) in images {
            let refused = BuildNeeds::read("aws", "eu-west-1", None, Some(&image)).unwrap_err();
            assert!(refused.starts_with("its image ") && refused.contains(part), "{refused}");
        }
        for group in ["*", "/aws/codebuild/*", "a?", "${aws:username}", "a:b", "a b", "é", ""] {
            let refused = BuildNeeds::read("aws", "eu-west-1", Some(group), None).unwrap_err();
            assert!(refused.starts_with("its log group "), "{refused}");
        }
        assert!(BuildNeeds::read("aws", "eu-west-1", Some("A/b_c.d#e-1"), None).is_ok());
        assert!(BuildNeeds::read("aws", "*", None, None).is_err());
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
