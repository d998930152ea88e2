//! Changes to the resources of the AWS in memory.

use super::{FakeAws, State, fault};
use async_trait::async_trait;
use claviger_aws::{AwsError, CallOrder, CreationOrder, NewValue, RemediationGateway, SecretValue};
use claviger_domain::{
    creation::{NewDetail, NewResource},
    facts::{Detail, Kind, ParameterFacts, ResourceFacts, SecretFacts, Version},
    remediation::AwsCall,
    scan::RegionScanFault,
};
use secrecy::ExposeSecret;

#[async_trait]
impl RemediationGateway for FakeAws {
    async fn carry_out(&self, order: &CallOrder, call: &AwsCall) -> Result<(), AwsError> {
        let mut state = self.state();
        let is_repeated = state.orders.iter().any(|earlier| earlier.token == order.token);
        state.orders.push(order.clone());
        if let Some(why) = state.refuses_calls {
            return Err(fault(call.operation(order.kind), why));
        }
        if state.loses_calls || (is_repeated && *call == AwsCall::RotateNow) {
            return Ok(());
        }
        // The role's own permission is not checked: the session needs it.
        if matches!(call, AwsCall::UpdateSecret { .. }) && !order.policy.contains("kms:Encrypt") {
            state.leaves_versions = true;
        }
        state.change(order.arn.as_str(), call);
        Ok(())
    }

    async fn create(
        &self,
        order: &CreationOrder,
        new: &NewResource,
        value: &NewValue,
    ) -> Result<String, AwsError> {
        let operation = match new.kind() {
            Kind::Secret => "CreateSecret",
            Kind::Parameter => "PutParameter",
        };
        {
            let mut state = self.state();
            state.creations.push(order.clone());
            if let Some(why) = state.refuses_calls {
                return Err(fault(operation, why));
            }
            if state.loses_calls {
                return Err(fault(operation, RegionScanFault::Unreachable));
            }
        }
        let facts = created(order, new);
        let arn = facts.arn.to_string();
        let hold_text = |text: &str| {
            self.access.hold_text(&arn, text);
            (false, text.as_bytes().to_vec())
        };
        let held = match value {
            NewValue::Given(SecretValue::Text(text)) => hold_text(text.expose_secret()),
            NewValue::Given(SecretValue::Binary(bytes)) => {
                self.access.hold_bytes(&arn, bytes.expose_secret());
                (true, bytes.expose_secret().clone())
            }
            NewValue::Generated { .. } => hold_text("generated"),
        };
        self.state().created_values.push(held);
        self.put(facts);
        Ok(arn)
    }
}

/// What AWS has after the call: the token is the first version's id.
fn created(order: &CreationOrder, new: &NewResource) -> ResourceFacts {
    let detail = match &new.detail {
        NewDetail::Secret { .. } => Detail::Secret(SecretFacts {
            versions: vec![Version { id: order.token.clone(), stages: vec!["AWSCURRENT".into()] }],
            ..SecretFacts::default()
        }),
        NewDetail::Parameter { parameter_type, tier, allowed_pattern, .. } => {
            Detail::Parameter(ParameterFacts {
                parameter_type: *parameter_type,
                tier: Some(tier.to_string()),
                version: Some(1),
                data_type: Some("text".into()),
                allowed_pattern: allowed_pattern.clone(),
                last_modified_user: Some(format!(
                    "arn:aws:sts::{}:assumed-role/claviger-remediation/{}",
                    new.account, order.session_name
                )),
                policies: Vec::new(),
            })
        }
    };
    ResourceFacts {
        arn: new.arn_pattern().replace("??????", "AbCdEf").parse().expect("an ARN"),
        name: new.name.clone(),
        description: new.description.clone(),
        tags: Some(new.tags.clone()),
        kms_key_id: new.key.clone(),
        is_aws_managed_key: false,
        created_at: Some(crate::samples::CHANGED),
        changed_at: Some(crate::samples::CHANGED),
        detail,
    }
}

impl State {
    fn change(&mut self, arn: &str, call: &AwsCall) {
        let found = self.resources.values_mut().flatten().find(|facts| facts.arn.as_str() == arn);
        let facts = found.expect("a resource that is there");
        // LastChangedDate changes with every edit.
        facts.changed_at = facts.changed_at.map(|at| at + time::Duration::seconds(1));
        let secret = match &mut facts.detail {
            Detail::Secret(secret) => secret,
            Detail::Parameter(_) => &mut SecretFacts::default(),
        };
        match call {
            AwsCall::TagResource { tags } => {
                facts.tags.get_or_insert_default().extend(tags.clone());
            }
            AwsCall::RotateSecret { lambda_arn, external, rules, rotate_immediately } => {
                if let Some(external) = external {
                    secret.rotation.external_role_arn = Some(external.role_arn.clone());
                }
                secret.rotation.enabled = Some(true);
                secret.rotation.lambda_arn.clone_from(lambda_arn);
                secret.rotation.rules = Some(rules.clone());
                if *rotate_immediately {
                    rotate(secret);
                }
            }
            AwsCall::RotateNow => rotate(secret),
            AwsCall::UpdateSecret { kms_key_id } => {
                facts.kms_key_id = Some(kms_key_id.clone());
                if let Some(keys) = self.version_keys.get_mut(arn).filter(|_| !self.leaves_versions)
                {
                    let key = self.keys.get(kms_key_id).map(|key| key.arn.clone());
                    *keys = vec![key.unwrap_or_else(|| kms_key_id.clone())];
                }
            }
            AwsCall::PutResourcePolicy { resource_policy } => {
                self.policies.insert(arn.to_owned(), resource_policy.clone());
            }
            AwsCall::DeleteResourcePolicy => {
                self.policies.remove(arn);
            }
            // The time of the request, not the end of the recovery window.
            AwsCall::DeleteSecret { .. } => secret.deleted_at = facts.changed_at,
            AwsCall::RestoreSecret => secret.deleted_at = None,
            AwsCall::ReplicateSecretToRegions { region, .. } => {
                // A replicated secret names its primary Region.
                let own = arn.split(':').nth(3).and_then(|region| region.parse().ok());
                secret.primary_region = own;
                self.replicas.entry(arn.to_owned()).or_default().push(region.clone());
            }
            AwsCall::RemoveRegionsFromReplication { region } => {
                self.replicas.entry(arn.to_owned()).or_default().retain(|r| r != region);
            }
            AwsCall::UpdateSecretVersionStage { stage, move_to, remove_from } => {
                move_stage(secret, stage, move_to.as_deref(), remove_from);
            }
            AwsCall::CancelRotateSecret => secret.rotation.enabled = Some(false),
            AwsCall::UpdateDescription { description } => {
                facts.description = Some(description.clone());
            }
            AwsCall::UntagResource { keys } => {
                facts.tags.get_or_insert_default().retain(|key, _| !keys.contains(key));
            }
            AwsCall::Consumer(_) => panic!("it is no call on a secret"),
        }
    }
}

/// As AWS does: with AWSCURRENT, AWSPREVIOUS goes to the version that loses it. A version without a stage is deprecated.
fn move_stage(secret: &mut SecretFacts, stage: &str, move_to: Option<&str>, remove_from: &str) {
    let mut give = |stage: &str, to: Option<&str>| {
        for version in &mut secret.versions {
            version.stages.retain(|own| own != stage);
            if to == Some(version.id.as_str()) {
                version.stages.push(stage.to_owned());
            }
        }
    };
    give(stage, move_to);
    if stage == "AWSCURRENT" {
        give("AWSPREVIOUS", Some(remove_from));
    }
    secret.versions.retain(|version| !version.stages.is_empty());
}

/// The rotation completes immediately: AWSCURRENT moves to a new version.
fn rotate(secret: &mut SecretFacts) {
    let number = secret.versions.len() + 1;
    secret.versions = vec![Version { id: format!("v{number}"), stages: vec!["AWSCURRENT".into()] }];
}
