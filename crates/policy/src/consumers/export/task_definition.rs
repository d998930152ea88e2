//! Commands of the AWS CLI that give a role to an ECS task definition, because no plan does.

use claviger_domain::{code::shell::quoted, consumers::Consumer, ids::Region};

/// What AWS returns about a revision, and does not take for a new one.
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

/// Registers the newest revision of `FAMILY` with the role of this ARN, and deploys it to a service; `None` if no task definition
/// takes such a role. The person replaces `FAMILY`, `CLUSTER` and `SERVICE`.
pub fn task_definition(consumer: &Consumer, role: &str, region: &Region) -> Option<String> {
    let field = match consumer {
        Consumer::EcsTask => "taskRoleArn",
        Consumer::EcsExecution => "executionRoleArn",
        _ => return None,
    };
    let dropped = READ_ONLY.map(|one| format!(".{one}")).join(", ");
    // ECS refuses an empty list of tags, and tags that AWS sets itself.
    let program = format!(
        r#"(.tags // [] | map(select(.key | startswith("aws:") | not))) as $tags | .taskDefinition | del({dropped}) | .{field} = $role | if $tags == [] then . else .tags = $tags end"#
    );
    let (region, role, program) = (quoted(region.as_str()), quoted(role), quoted(&program));
    // The CLI reads this argument twice, so it cannot be a pipe. Without `--query`, it prints the values of variables.
    Some(format!(
        r#"aws ecs register-task-definition --region {region} \
  --query taskDefinition.taskDefinitionArn --output text --cli-input-json "$(
    aws ecs describe-task-definition --region {region} --task-definition FAMILY --include TAGS --output json |
      jq -c --arg role {role} {program}
  )" &&
  aws ecs update-service --region {region} --cluster CLUSTER --service SERVICE \
    --task-definition FAMILY --query service.taskDefinition --output text
"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_revision_has_the_role_and_nothing_that_aws_sets() {
        let region: Region = "eu-west-1".parse().unwrap();
        let role = "arn:aws:iam::441205839201:role/app's";
        let of = |consumer: &Consumer| task_definition(consumer, role, &region);
        let task = of(&Consumer::EcsTask).unwrap();
        let part = r"jq -c --arg role 'arn:aws:iam::441205839201:role/app'\''s' '(.tags";
        assert!(task.contains(part), "{task}");
        assert!(task.contains("| .taskRoleArn = $role |"), "{task}");
        for field in READ_ONLY {
            assert!(task.contains(&format!(".{field}")), "{field} in {task}");
        }
        assert_eq!(task.matches("--region 'eu-west-1'").count(), 3, "{task}");
        assert_eq!(task.matches("--query").count(), 2, "no answer is printed whole: {task}");
        let execution = of(&Consumer::EcsExecution).unwrap();
        assert_eq!(execution, task.replace("taskRoleArn", "executionRoleArn"));
        assert_eq!(of(&Consumer::Ec2), None);
    }
}
