//! The calls that read plaintext variables.

use crate::{calls::Failure, member::Member};
use claviger_aws::{AwsGateway, ConsumerOrder, VariableGateway};
use claviger_domain::variables::{VariableContent, WorkloadKind};
use claviger_policy::variables::reading_session;

/// The outcome of one of these calls.
pub async fn reads_variables(
    member: &Member,
    gateway: &AwsGateway,
    action: &str,
) -> Result<(), Failure> {
    let order = ConsumerOrder {
        account: member.account.clone(),
        region: member.region.clone(),
        session_name: "claviger-variables".into(),
        source_identity: "claviger".into(),
        policy: reading_session(&member.account, &member.region),
    };
    let each = gateway.plain_variables(&order).await?;
    assert!(!format!("{each:?}").contains("CANARY"));
    let wanted = match action.split_once(':').unwrap().0 {
        "lambda" => WorkloadKind::Lambda,
        "ecs" => WorkloadKind::Ecs,
        "cloudformation" => WorkloadKind::CloudFormation,
        _ => WorkloadKind::CodeBuild,
    };
    let read = each.into_iter().find(|one| one.kind == wanted).unwrap().read?;
    let [variable] = &read.variables[..] else { panic!("{read:?}") };
    assert_eq!((variable.name.as_str(), variable.content), ("PASSWORD", VariableContent::Plain));
    assert!(read.unreadable.is_empty());
    Ok(())
}
