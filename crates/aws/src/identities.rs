//! Roles and users with their identity policies.

use crate::{AwsError, Identities, MemberRole, error::FromSdk as _, member_roles::Expected};
use aws_sdk_iam::{
    Client,
    types::{
        AttachedPermissionsBoundary, AttachedPolicy as Attached, GroupDetail, ManagedPolicyDetail,
        PolicyDetail, RoleDetail, Tag, UserDetail,
    },
};
use claviger_domain::accounts::identities::{AttachedPolicy, Identity, PolicySource};
use std::{borrow::Cow, collections::BTreeMap};

const OPERATION: &str = "GetAccountAuthorizationDetails";

/// A marker that AWS repeats would cause an endless loop.
const MAX_PAGES: u32 = 1_000;

#[derive(Default)]
struct Details {
    users: Vec<UserDetail>,
    groups: Vec<GroupDetail>,
    roles: Vec<RoleDetail>,
    /// The default version's document, by ARN.
    managed: BTreeMap<String, String>,
}

pub(crate) async fn read(client: &Client, expected: &Expected<'_>) -> Result<Identities, AwsError> {
    let mut details = Details::default();
    let mut marker = None;
    for _ in 0..MAX_PAGES {
        let answer = client
            .get_account_authorization_details()
            .max_items(1000)
            .set_marker(marker)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        marker = answer.marker().filter(|_| answer.is_truncated()).map(ToOwned::to_owned);
        details.managed.extend(answer.policies().iter().filter_map(managed));
        details.users.extend(answer.user_detail_list.unwrap_or_default());
        details.groups.extend(answer.group_detail_list.unwrap_or_default());
        details.roles.extend(answer.role_detail_list.unwrap_or_default());
        if marker.is_none() {
            return Ok(Identities {
                own_roles: details.own_roles(expected),
                identities: details.identities(),
            });
        }
    }
    Err(AwsError::nonsense(OPERATION, "the list does not end"))
}

impl Details {
    fn identities(&self) -> Vec<Identity> {
        let roles = self.roles.iter().map(|role| Identity {
            principal: role.arn().unwrap_or_default().to_owned(),
            policies: self.policies(
                role.role_policy_list(),
                role.attached_managed_policies(),
                None,
            ),
            boundary: self.boundary(role.permissions_boundary()),
            tags: tags(role.tags()),
            trust: role.assume_role_policy_document().map(plain),
        });
        let users = self.users.iter().map(|user| {
            let mut policies =
                self.policies(user.user_policy_list(), user.attached_managed_policies(), None);
            for name in user.group_list() {
                let group =
                    self.groups.iter().find(|group| group.group_name() == Some(name.as_str()));
                match group {
                    Some(group) => policies.extend(self.policies(
                        group.group_policy_list(),
                        group.attached_managed_policies(),
                        Some(name),
                    )),
                    // Its policies are not known.
                    None => policies.push(AttachedPolicy {
                        source: PolicySource::Group(name.clone()),
                        name: "*".to_owned(),
                        document: None,
                    }),
                }
            }
            Identity {
                principal: user.arn().unwrap_or_default().to_owned(),
                policies,
                boundary: self.boundary(user.permissions_boundary()),
                tags: tags(user.tags()),
                trust: None,
            }
        });
        roles.chain(users).collect()
    }

    fn own_roles(&self, expected: &Expected<'_>) -> Vec<MemberRole> {
        let found = self.roles.iter().filter_map(|role| {
            let trust = role.assume_role_policy_document().map(plain);
            expected.find(role, trust.as_deref())
        });
        found.collect()
    }

    fn boundary(&self, boundary: Option<&AttachedPermissionsBoundary>) -> Option<AttachedPolicy> {
        let arn = boundary?.permissions_boundary_arn()?;
        Some(self.attached(arn, PolicySource::Managed))
    }

    fn attached(&self, arn: &str, source: PolicySource) -> AttachedPolicy {
        AttachedPolicy {
            source,
            name: arn.rsplit('/').next().unwrap_or_default().to_owned(),
            document: self.managed.get(arn).cloned(),
        }
    }

    fn policies(
        &self,
        own: &[PolicyDetail],
        attached: &[Attached],
        group: Option<&String>,
    ) -> Vec<AttachedPolicy> {
        let source =
            |usual: PolicySource| group.map_or(usual, |name| PolicySource::Group(name.clone()));
        let own = own.iter().map(|policy| AttachedPolicy {
            source: source(PolicySource::Inline),
            name: policy.policy_name().unwrap_or_default().to_owned(),
            document: policy.policy_document().map(plain),
        });
        let attached = attached.iter().map(|policy| {
            self.attached(policy.policy_arn().unwrap_or_default(), source(PolicySource::Managed))
        });
        own.chain(attached).collect()
    }
}

fn tags(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

fn managed(policy: &ManagedPolicyDetail) -> Option<(String, String)> {
    let version = policy.policy_version_list().iter().find(|one| one.is_default_version())?;
    Some((policy.arn()?.to_owned(), plain(version.document()?)))
}

/// IAM's documents are percent-encoded.
fn plain(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), Cow::into_owned)
}
