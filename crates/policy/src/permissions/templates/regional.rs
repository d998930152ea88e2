//! The stack set that brings the rules of `events.yaml` to every account and Region.

use super::{parameters::stack_set, yaml::indented};
use std::fmt::Write;

/// `infra/cloudformation/events-stack-set.yaml`, with `events.yaml`, which people write, in it. Its parameters are passed on.
pub(super) fn events_stack_set(template: &str) -> String {
    let own = parameters(template);
    let mut text = String::from(
        r#"# Rendered from events.yaml by `cargo xtask infra`. Change that file, not this one.
AWSTemplateFormatVersion: "2010-09-09"
Description: A service-managed stack set with the rules that send events to Claviger, for the accounts of the given OUs in the given Regions. The management account is not among them and needs a stack of events.yaml in each Region.

Parameters:
"#,
    );
    for parameter in &stack_set("rules", "it no longer sends events").parameters {
        text.push_str(&parameter.yaml());
    }
    text.push_str(
        r#"  Regions:
    Type: CommaDelimitedList
    Description: "The Regions in which secrets can be, and that of IAM's events (us-east-1, us-gov-west-1 or cn-north-1). Each must be enabled in every account."
"#,
    );
    text.push_str(own);
    text.push_str(
        r"
Resources:
  Events:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: claviger-events
      Description: Rules that send events to Claviger
      PermissionModel: SERVICE_MANAGED
      CallAs: !Ref CallAs
      Capabilities:
        - CAPABILITY_NAMED_IAM
      # New accounts of the OUs get the rules by themselves.
      AutoDeployment:
        Enabled: true
        RetainStacksOnAccountRemoval: !Ref RetainStacksOnAccountRemoval
      OperationPreferences:
        ConcurrencyMode: SOFT_FAILURE_TOLERANCE
        MaxConcurrentPercentage: !Ref MaxConcurrentPercentage
        FailureTolerancePercentage: !Ref FailureTolerancePercentage
        RegionConcurrencyType: PARALLEL
      ManagedExecution:
        Active: true
      StackInstancesGroup:
        - DeploymentTargets:
            OrganizationalUnitIds: !Ref OrganizationalUnitIds
          Regions: !Ref Regions
      Parameters:
",
    );
    for name in names(own) {
        let _ =
            writeln!(text, "        - ParameterKey: {name}\n          ParameterValue: !Ref {name}");
    }
    text.push_str("      TemplateBody: |\n");
    text.push_str(&indented(template, 8));
    text.push_str(
        "\nOutputs:\n  StackSetId:\n    Description: Id of the stack set\n    Value: !Ref Events\n",
    );
    text
}

/// The entries of a template's section `Parameters`, as they are written; empty if it has none.
fn parameters(template: &str) -> &str {
    let start = template.find("\nParameters:\n").map(|at| at + "\nParameters:\n".len());
    let section = start.map_or("", |start| &template[start..]);
    section.find("\n\n").map_or("", |end| &section[..=end])
}

fn names(parameters: &str) -> impl Iterator<Item = &str> {
    parameters.lines().filter_map(|line| {
        let name = line.strip_prefix("  ")?.strip_suffix(':')?;
        (!name.starts_with([' ', '#'])).then_some(name)
    })
}
