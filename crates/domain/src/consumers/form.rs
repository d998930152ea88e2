//! The form of a consumer's role, field by field, as a browser sends it.

use super::{ConsumerKind, RoleExport};
use crate::{
    ids::{AccountId, Arn},
    partition::Partition,
    text_fields::{append, put},
};
use serde::{Deserialize, Serialize};

/// The fields of the form; `consumer` says which of them apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleForm {
    /// Ids of what the role reads besides the resource of the address.
    pub resource: Vec<String>,
    /// A [`ConsumerKind`]; empty before one is chosen.
    pub consumer: String,
    pub role_name: String,
    /// `tag` for ABAC; else by exact ARNs.
    pub mode: String,
    pub tag_key: String,
    /// Staging labels, separated by blanks or commas.
    pub stages: String,
    pub boundary: String,
    /// Of Lambda.
    pub function: String,
    /// Of EC2: an id or an ARN.
    pub instance: String,
    /// Of EKS: the ARN of the OIDC provider or the issuer's URL.
    pub provider: String,
    pub cluster: String,
    pub namespace: String,
    pub service_account: String,
    /// Of `CodeBuild`, or of GitLab with its groups.
    pub project: String,
    /// `owner/name`.
    pub repository: String,
    pub owner_id: String,
    pub repository_id: String,
    pub branch: String,
    pub environment: String,
    /// Of GitLab; `gitlab.com` if empty.
    pub host: String,
    /// An ARN or an account's number.
    pub principal: String,
    pub external_id: String,
    pub organization: String,
    /// One per line. So are the VPCs, endpoints and addresses below.
    pub ou_paths: String,
    pub vpcs: String,
    pub endpoints: String,
    /// Days, such as `2027-01-31`.
    pub from: String,
    pub until: String,
    /// `key=value`.
    pub principal_tag: String,
    pub resource_tag: String,
    pub source_ips: String,
    /// A [`RoleExport`].
    pub export: String,
    /// `yes` to preview the plan that creates and attaches the role.
    pub apply: String,
    /// Why the plan is needed.
    pub reason: String,
}

/// What a role's account is, which its ARNs have to agree with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home<'a> {
    pub(super) account: &'a AccountId,
    pub(super) partition: &'a Partition,
}

impl Home<'_> {
    /// An ARN of this partition.
    pub(super) fn arn(self, text: &str) -> Result<Arn, String> {
        let arn: Arn = text.parse().map_err(|_| format!("{text:?} is not an ARN."))?;
        if arn.partition() != self.partition.as_str() {
            return Err(format!(
                "This ARN is of the partition {}, and the secret is in {}.",
                arn.partition(),
                self.partition
            ));
        }
        Ok(arn)
    }

    /// An ARN of this partition and account.
    pub(super) fn own_arn(self, text: &str) -> Result<Arn, String> {
        let arn = self.arn(text)?;
        if arn.account() == self.account.as_str() {
            return Ok(arn);
        }
        Err(format!(
            "This ARN is of the account {}, and the role is in {}.",
            arn.account(),
            self.account
        ))
    }
}

pub(super) fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

impl RoleForm {
    /// Its text fields by the names that the browser sends.
    const fn fields(&mut self) -> [(&'static str, &mut String); 33] {
        [
            ("consumer", &mut self.consumer),
            ("role_name", &mut self.role_name),
            ("mode", &mut self.mode),
            ("tag_key", &mut self.tag_key),
            ("stages", &mut self.stages),
            ("boundary", &mut self.boundary),
            ("function", &mut self.function),
            ("instance", &mut self.instance),
            ("provider", &mut self.provider),
            ("cluster", &mut self.cluster),
            ("namespace", &mut self.namespace),
            ("service_account", &mut self.service_account),
            ("project", &mut self.project),
            ("repository", &mut self.repository),
            ("owner_id", &mut self.owner_id),
            ("repository_id", &mut self.repository_id),
            ("branch", &mut self.branch),
            ("environment", &mut self.environment),
            ("host", &mut self.host),
            ("principal", &mut self.principal),
            ("external_id", &mut self.external_id),
            ("organization", &mut self.organization),
            ("ou_paths", &mut self.ou_paths),
            ("vpcs", &mut self.vpcs),
            ("endpoints", &mut self.endpoints),
            ("from", &mut self.from),
            ("until", &mut self.until),
            ("principal_tag", &mut self.principal_tag),
            ("resource_tag", &mut self.resource_tag),
            ("source_ips", &mut self.source_ips),
            ("export", &mut self.export),
            ("apply", &mut self.apply),
            ("reason", &mut self.reason),
        ]
    }

    /// The form in a URL's query; other fields are ignored.
    #[must_use]
    pub fn from_url_query(query: &str) -> Self {
        let mut form = Self::default();
        for (field, value) in form_urlencoded::parse(query.as_bytes()) {
            if field == "resource" && !value.is_empty() {
                form.resource.push(value.into_owned());
            } else {
                put(form.fields(), &field, &value);
            }
        }
        form
    }

    /// The URL query of the form, without empty fields.
    #[must_use]
    pub fn to_url_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for id in &self.resource {
            query.append_pair("resource", id);
        }
        append(&mut query, self.clone().fields());
        query.finish()
    }

    /// What was typed into a text field, by the name that the browser sends; empty if there is no such field.
    pub fn field(&self, name: &str) -> String {
        let mut form = self.clone();
        let found = form.fields().into_iter().find(|(own, _)| *own == name);
        found.map(|(_, text)| std::mem::take(text)).unwrap_or_default()
    }

    /// The chosen kind of consumer; `None` before one is chosen.
    pub fn kind(&self) -> Option<ConsumerKind> {
        self.consumer.trim().parse().ok()
    }

    /// Whether the plan that creates and attaches the role is to be previewed.
    pub fn is_applied(&self) -> bool {
        self.apply.trim() == "yes"
    }

    /// The role that is asked for, without how it is shown and whether it is applied.
    #[must_use]
    pub fn role_alone(&self) -> Self {
        let (export, apply, reason) = (String::new(), String::new(), String::new());
        Self { export, apply, reason, ..self.clone() }
    }

    /// The chosen export; JSON if it is none of ours.
    pub fn export(&self) -> RoleExport {
        self.export.trim().parse().unwrap_or_default()
    }
}
