//! What a plan gives the role to: named by the form, read, and checked before the first call.

use super::{MadeRole, ReadWorkload, function, instance, project, step_error::said};
use claviger_domain::{
    consumers::{ConsumerKind, RoleForm},
    creation::ShapeFault,
    partition::Partition,
    remediation::{
        ConsumerCall, FunctionArn, InstanceArn, ProjectArn, instance_profile_arn, role_name,
    },
};
use claviger_gateways::{AwsError, ConsumerGateway, ConsumerOrder};
use claviger_policy::consumers::{function_session, instance_session, project_session};

/// A workload by its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Workload {
    Function(FunctionArn),
    Project(ProjectArn),
    Instance(InstanceArn),
}

impl Workload {
    /// The one that the form names; `None` if it names none.
    pub(super) fn of(
        form: &RoleForm,
        kind: ConsumerKind,
        partition: &Partition,
        made: &MadeRole,
    ) -> Result<Option<Self>, ShapeFault> {
        let Some(first) = made.resources.first() else { return Ok(None) };
        let (region, account) = (&first.region, &made.role.account);
        let named = |service: &str, resource: &str| {
            format!("arn:{partition}:{service}:{region}:{account}:{resource}")
        };
        // Of a function and an instance, the form takes the ARN too.
        let given = |text: &str, service: &str, prefix: &str| {
            let text = text.trim();
            if text.starts_with("arn:") {
                text.to_owned()
            } else {
                named(service, &format!("{prefix}{text}"))
            }
        };
        match kind {
            ConsumerKind::Lambda if !form.function.trim().is_empty() => {
                let arn = given(&form.function, "lambda", "function:");
                function::named(&arn, first).map(|function| Some(Self::Function(function)))
            }
            ConsumerKind::Ec2 if !form.instance.trim().is_empty() => {
                let arn = given(&form.instance, "ec2", "instance/");
                instance::named(&arn, first).map(|instance| Some(Self::Instance(instance)))
            }
            ConsumerKind::CodeBuild => {
                let arn = named("codebuild", &format!("project/{}", form.project.trim()));
                match ProjectArn::read(&arn) {
                    Some(project) => Ok(Some(Self::Project(project))),
                    None => Err(ShapeFault::new("project", "Use the name of a CodeBuild project.")),
                }
            }
            _ => Ok(None),
        }
    }

    /// Asks AWS for it, in a session of `claviger-consumers`. An error says why it cannot get a role.
    pub(super) async fn read(
        &self,
        gateway: &dyn ConsumerGateway,
        order: &(dyn Fn(String) -> ConsumerOrder + Sync),
    ) -> Result<ReadWorkload, ShapeFault> {
        let reader = gateway.consumers_role();
        let refused = |error: AwsError| ShapeFault::new("apply", said(&error, reader));
        match self {
            Self::Function(arn) => {
                let read = gateway.consumer_function(&order(function_session(arn)), arn).await;
                function::usable(arn, read.map_err(refused)?)
            }
            Self::Project(arn) => {
                let read = gateway.consumer_project(&order(project_session(arn)), arn).await;
                project::usable(arn, read.map_err(refused)?)
            }
            Self::Instance(arn) => {
                let read = gateway.consumer_instance(&order(instance_session()), arn).await;
                instance::usable(arn, read.map_err(refused)?)
            }
        }
    }

    /// The call that gives it the role. `before` is what it has.
    pub(super) fn call(&self, role: &str, before: Option<&str>) -> ConsumerCall {
        let role = role.to_owned();
        let had = before.unwrap_or_default().to_owned();
        match self {
            Self::Function(arn) => {
                ConsumerCall::UpdateFunctionRole { function: arn.arn.clone(), before: had, role }
            }
            Self::Project(arn) => {
                ConsumerCall::UpdateProjectRole { project: arn.arn.clone(), before: had, role }
            }
            Self::Instance(arn) => {
                let partition = role.split(':').nth(1).unwrap_or("aws");
                let profile = instance_profile_arn(partition, &arn.account, role_name(&role));
                let instance = arn.arn.clone();
                match before {
                    None => ConsumerCall::AssociateInstanceProfile { instance, profile, role },
                    Some(_) => ConsumerCall::ReplaceInstanceProfile {
                        instance,
                        before: had,
                        profile,
                        role,
                    },
                }
            }
        }
    }
}
