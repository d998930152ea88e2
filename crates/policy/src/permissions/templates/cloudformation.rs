//! The roles as a CloudFormation template, and the stack set that brings it to every account.

use super::{
    MemberRole, ROLE_TAG, TEMPLATE_VERSION, VERSION_TAG, parameters,
    yaml::{block, indented, scalar},
};
use crate::permissions::{
    Role,
    boundary::boundary_document,
    roles::{Variables, trust_document},
};
use claviger_domain::remediation::BOUNDARY_POLICY;
use serde_json::json;
use std::fmt::Write;

const HEAD: &str = "# Rendered from the table of permissions by `cargo xtask infra`. Change the table, not this file.\n";

/// The pseudo parameters and parameters that stand for values.
pub(super) fn variables() -> Variables {
    Variables {
        partition: "${AWS::Partition}".into(),
        dns_suffix: "${AWS::URLSuffix}".into(),
        account: "${AWS::AccountId}".into(),
        principal_account: "${aws:PrincipalAccount}".into(),
        role_name: |role| format!("${{{}RoleName}}", super::title(role)),
    }
}

/// `infra/cloudformation/member-roles.yaml`.
pub(super) fn member_roles(members: &[MemberRole]) -> String {
    let mut text = format!(
        "{HEAD}AWSTemplateFormatVersion: \"2010-09-09\"\n\
         Description: Roles that Claviger assumes in this account. Roles are global, so deploy it to one Region only.\n\n\
         Metadata:\n  ClavigerTemplateVersion: {TEMPLATE_VERSION}\n"
    );
    text.push_str(&parameters::section(&parameters::member_roles(members)));
    text.push_str("\nConditions:\n");
    for title in members.iter().map(MemberRole::title) {
        let _ = writeln!(text, "  Create{title}: !Equals [!Ref Create{title}Role, \"true\"]");
    }
    text.push_str("  HasPermissionsBoundary: !Not [!Equals [!Ref PermissionsBoundaryPolicy, \"\"]]\n\nResources:\n");
    for member in members {
        role(&mut text, member);
        if member.role == Role::Iam {
            boundary(&mut text, member);
        }
    }
    let _ = writeln!(
        text,
        "\nOutputs:\n  TemplateVersion:\n    Description: Version of the roles, also their tag {VERSION_TAG}\n    Value: \"{TEMPLATE_VERSION}\""
    );
    for member in members {
        let (title, key) = (member.title(), member.role.key());
        let _ = writeln!(
            text,
            "  {title}RoleArn:\n    Condition: Create{title}\n    Description: ARN of the {key} role\n    Value: !GetAtt {title}Role.Arn"
        );
    }
    text
}

fn role(text: &mut String, member: &MemberRole) {
    let (title, role) = (member.title(), member.role);
    let trust = trust_document("${HubPrincipalArn}", "${ExternalId}", "${OrganizationId}");
    let _ = write!(
        text,
        r#"  {title}Role:
    Type: AWS::IAM::Role
    Condition: Create{title}
    Properties:
      RoleName: !Ref {title}RoleName
      Description: {description}
      MaxSessionDuration: 3600
      PermissionsBoundary: !If
        - HasPermissionsBoundary
        - !Sub "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/${{PermissionsBoundaryPolicy}}"
        - !Ref AWS::NoValue
      AssumeRolePolicyDocument:
{trust}      Policies:
        - PolicyName: {name}
          PolicyDocument:
{policy}      Tags:
        - Key: {ROLE_TAG}
          Value: {key}
        - Key: {VERSION_TAG}
          Value: "{TEMPLATE_VERSION}"
"#,
        description = scalar(&json!(role.description())),
        trust = block(&trust, 8),
        name = role.name(),
        policy = block(&member.policy, 12),
        key = role.key(),
    );
}

/// The boundary of the roles that this role creates: there with it, and not without it.
fn boundary(text: &mut String, member: &MemberRole) {
    let _ = write!(
        text,
        r"  ConsumerBoundary:
    Type: AWS::IAM::ManagedPolicy
    Condition: Create{title}
    Properties:
      ManagedPolicyName: {BOUNDARY_POLICY}
      Description: What a role that Claviger creates for a consumer can do at most
      PolicyDocument:
{policy}",
        title = member.title(),
        policy = block(&boundary_document(&variables()), 8),
    );
}

/// `infra/cloudformation/stack-set.yaml`, with the other template in it: nothing has to be put in a bucket first.
pub(super) fn stack_set(members: &[MemberRole], template: &str) -> String {
    let own = parameters::stack_set("roles", "Claviger can no longer enter it");
    let mut groups = vec![own];
    groups.extend(parameters::member_roles(members));
    let mut text = format!(
        "{HEAD}AWSTemplateFormatVersion: \"2010-09-09\"\n\
         Description: A service-managed stack set with the roles that Claviger assumes, for the accounts of the given OUs. The management account is not among them and needs a stack of member-roles.yaml.\n\n\
         Metadata:\n  ClavigerTemplateVersion: {TEMPLATE_VERSION}\n"
    );
    text.push_str(&parameters::section(&groups));
    text.push_str(
        r"
Resources:
  MemberRoles:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: claviger-member-roles
      Description: Roles that Claviger assumes
      PermissionModel: SERVICE_MANAGED
      CallAs: !Ref CallAs
      Capabilities:
        - CAPABILITY_NAMED_IAM
      # New accounts of the OUs get the roles by themselves.
      AutoDeployment:
        Enabled: true
        RetainStacksOnAccountRemoval: !Ref RetainStacksOnAccountRemoval
      # The defaults, one account at a time and stopping at the first failure, take hours for 300 accounts, and one account
      # whose control policies refuse the roles keeps them from all that follow.
      OperationPreferences:
        ConcurrencyMode: SOFT_FAILURE_TOLERANCE
        MaxConcurrentPercentage: !Ref MaxConcurrentPercentage
        FailureTolerancePercentage: !Ref FailureTolerancePercentage
        RegionConcurrencyType: PARALLEL
      ManagedExecution:
        Active: true
      # Roles are global: one Region, that of this stack.
      StackInstancesGroup:
        - DeploymentTargets:
            OrganizationalUnitIds: !Ref OrganizationalUnitIds
          Regions:
            - !Ref AWS::Region
      Parameters:
",
    );
    for parameter in groups[1..].iter().flat_map(|group| &group.parameters) {
        let name = &parameter.name;
        let _ =
            writeln!(text, "        - ParameterKey: {name}\n          ParameterValue: !Ref {name}");
    }
    text.push_str("      TemplateBody: |\n");
    text.push_str(&indented(template, 8));
    let _ = writeln!(
        text,
        "\nOutputs:\n  TemplateVersion:\n    Description: Version of the roles, also their tag {VERSION_TAG}\n    Value: \"{TEMPLATE_VERSION}\"\n  StackSetId:\n    Description: Id of the stack set\n    Value: !Ref MemberRoles"
    );
    text
}

/// The template without the tags of short forms, which plain readers of YAML refuse.
#[cfg(test)]
pub(super) fn untagged(text: &str) -> String {
    ["!Sub ", "!Ref ", "!Equals ", "!GetAtt ", "!Not "]
        .iter()
        .fold(text.to_owned(), |text, tag| text.replace(tag, ""))
        .replace("!If\n", "\n")
}
