//! Roles and instance profiles of Claviger's path in IAM.

use crate::{
    AwsError, ConsumerState, ExistingProfile, ExistingRole, error::FromSdk as _,
    inline_policy::inline_policy,
};
use aws_sdk_iam::{
    Client,
    operation::{
        get_instance_profile::GetInstanceProfileError, get_policy::GetPolicyError,
        get_role::GetRoleError, list_attached_role_policies::ListAttachedRolePoliciesError,
    },
    types::Tag,
};
use claviger_domain::remediation::{ConsumerCall, ROLE_MARK, ROLE_PATH, role_name};

/// Whether there is this managed policy.
pub(super) async fn has_policy(iam: &Client, arn: &str) -> Result<bool, AwsError> {
    match iam.get_policy().policy_arn(arn).send().await {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetPolicyError::is_no_such_entity_exception) =>
        {
            Ok(false)
        }
        Err(error) => Err(AwsError::of("GetPolicy", &error)),
    }
}

/// What IAM has of what the call changes.
pub(super) async fn state(iam: &Client, call: &ConsumerCall) -> Result<ConsumerState, AwsError> {
    let role = role_name(call.role());
    match call {
        ConsumerCall::CreateRole { .. } => Ok(ConsumerState::Role(existing(iam, role).await?)),
        ConsumerCall::PutRolePolicy { name, .. } => {
            Ok(ConsumerState::Policy(inline_policy(iam, role, name).await?))
        }
        ConsumerCall::AttachRolePolicy { .. } => {
            Ok(ConsumerState::Attached(attached(iam, role).await?))
        }
        ConsumerCall::CreateInstanceProfile { profile, .. }
        | ConsumerCall::AddRoleToInstanceProfile { profile, .. } => {
            Ok(ConsumerState::Profile(existing_profile(iam, role_name(profile)).await?))
        }
        ConsumerCall::UpdateFunctionRole { .. }
        | ConsumerCall::UpdateProjectRole { .. }
        | ConsumerCall::AssociateInstanceProfile { .. }
        | ConsumerCall::ReplaceInstanceProfile { .. } => {
            Err(AwsError::nonsense(call.operation(), "is no call of IAM"))
        }
    }
}

async fn existing(iam: &Client, name: &str) -> Result<Option<ExistingRole>, AwsError> {
    let found = match iam.get_role().role_name(name).send().await {
        Ok(found) => found.role,
        Err(error)
            if error.as_service_error().is_some_and(GetRoleError::is_no_such_entity_exception) =>
        {
            None
        }
        Err(error) => return Err(AwsError::of("GetRole", &error)),
    };
    Ok(found.map(|role| ExistingRole {
        arn: role.arn().to_owned(),
        boundary: role
            .permissions_boundary()
            .and_then(|boundary| boundary.permissions_boundary_arn())
            .map(ToOwned::to_owned),
        tags: role
            .tags()
            .iter()
            .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
            .collect(),
    }))
}

async fn existing_profile(iam: &Client, name: &str) -> Result<Option<ExistingProfile>, AwsError> {
    let found = match iam.get_instance_profile().instance_profile_name(name).send().await {
        Ok(found) => found.instance_profile,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetInstanceProfileError::is_no_such_entity_exception) =>
        {
            None
        }
        Err(error) => return Err(AwsError::of("GetInstanceProfile", &error)),
    };
    Ok(found.map(|profile| ExistingProfile {
        arn: profile.arn().to_owned(),
        roles: profile.roles().iter().map(|role| role.arn().to_owned()).collect(),
    }))
}

/// A role has 20 at most, which is one page.
async fn attached(iam: &Client, role: &str) -> Result<Vec<String>, AwsError> {
    match iam.list_attached_role_policies().role_name(role).send().await {
        Ok(found) => Ok(found
            .attached_policies()
            .iter()
            .filter_map(|policy| policy.policy_arn().map(ToOwned::to_owned))
            .collect()),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(ListAttachedRolePoliciesError::is_no_such_entity_exception) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(AwsError::of("ListAttachedRolePolicies", &error)),
    }
}

/// Makes a call of IAM. A created role gets the mark.
pub(super) async fn write(iam: &Client, call: &ConsumerCall, mark: &str) -> Result<(), AwsError> {
    let role = role_name(call.role());
    match call {
        ConsumerCall::CreateRole { trust, boundary, tags, .. } => {
            let own = (ROLE_MARK.to_owned(), mark.to_owned());
            let tags = tags.iter().map(|(key, value)| (key.clone(), value.clone())).chain([own]);
            let tags: Result<Vec<Tag>, _> =
                tags.map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
            let tags = tags.map_err(|error| AwsError::nonsense("CreateRole", error.to_string()))?;
            iam.create_role()
                .role_name(role)
                .path(ROLE_PATH)
                .assume_role_policy_document(trust)
                .permissions_boundary(boundary)
                .set_tags(Some(tags))
                .send()
                .await
                .map_err(|error| AwsError::of("CreateRole", &error))?;
        }
        ConsumerCall::PutRolePolicy { name, document, .. } => {
            iam.put_role_policy()
                .role_name(role)
                .policy_name(name)
                .policy_document(document)
                .send()
                .await
                .map_err(|error| AwsError::of("PutRolePolicy", &error))?;
        }
        ConsumerCall::AttachRolePolicy { policy, .. } => {
            iam.attach_role_policy()
                .role_name(role)
                .policy_arn(policy)
                .send()
                .await
                .map_err(|error| AwsError::of("AttachRolePolicy", &error))?;
        }
        ConsumerCall::CreateInstanceProfile { profile, .. } => {
            iam.create_instance_profile()
                .instance_profile_name(role_name(profile))
                .path(ROLE_PATH)
                .send()
                .await
                .map_err(|error| AwsError::of("CreateInstanceProfile", &error))?;
        }
        ConsumerCall::AddRoleToInstanceProfile { profile, .. } => {
            iam.add_role_to_instance_profile()
                .instance_profile_name(role_name(profile))
                .role_name(role)
                .send()
                .await
                .map_err(|error| AwsError::of("AddRoleToInstanceProfile", &error))?;
        }
        ConsumerCall::UpdateFunctionRole { .. }
        | ConsumerCall::UpdateProjectRole { .. }
        | ConsumerCall::AssociateInstanceProfile { .. }
        | ConsumerCall::ReplaceInstanceProfile { .. } => {
            return Err(AwsError::nonsense(call.operation(), "is no call of IAM"));
        }
    }
    Ok(())
}
