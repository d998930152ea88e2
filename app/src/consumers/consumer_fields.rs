//! The fields of each kind of consumer. The others keep what was typed, hidden.

use crate::ui::line;
use claviger_domain::{
    consumers::{ConsumerKind, RoleForm},
    creation::ShapeFault,
};
use leptos::prelude::*;

/// A text field: name, label, placeholder, and what it means.
type Field = (&'static str, &'static str, &'static str, &'static str);

const FUNCTION: Field = (
    "function",
    "Function",
    "orders",
    "Name or ARN. A plan attaches the role to it. Leave it empty for any function with this role.",
);
const PROVIDER: Field = (
    "provider",
    "OIDC provider",
    "https://oidc.eks.eu-west-1.amazonaws.com/id/…",
    "The cluster's issuer URL, or the ARN of its OIDC provider.",
);
const CLUSTER: Field = (
    "cluster",
    "Cluster",
    "arn:aws:eks:…:cluster/…",
    "ARN. Leave it empty for any cluster of this account.",
);
const NAMESPACE: Field = ("namespace", "Namespace", "shop", "");
const SERVICE_ACCOUNT: Field = ("service_account", "Service account", "api", "");
const PROJECT: Field = ("project", "CodeBuild project", "release", "");
const REPOSITORY: Field = ("repository", "Repository", "acme/shop", "");
const BRANCH: Field = ("branch", "Branch", "main", "");
const ENVIRONMENT: Field =
    ("environment", "Environment", "production", "Instead of a branch: a GitHub environment.");
const OWNER_ID: Field = (
    "owner_id",
    "Owner ID",
    "12345678",
    "Repositories created or renamed since 15 July 2026 send ids. gh api repos/OWNER/NAME shows both.",
);
const REPOSITORY_ID: Field = ("repository_id", "Repository ID", "987654321", "");
const GITLAB_PROJECT: Field = ("project", "Project", "acme/shop", "With its groups.");
const HOST: Field = ("host", "GitLab host", "gitlab.com", "Leave it empty for gitlab.com.");
const PRINCIPAL: Field = (
    "principal",
    "Principal",
    "arn:aws:iam::…:role/…",
    "ARN of a role or user of the other account, or the account's number.",
);
const EXTERNAL_ID: Field = (
    "external_id",
    "External ID",
    "",
    "A shared string. A whole account needs it, or an Organization below.",
);

/// The fields of a kind, in order.
const fn fields_of(kind: ConsumerKind) -> &'static [Field] {
    match kind {
        ConsumerKind::Lambda => &[FUNCTION],
        ConsumerKind::Ec2 | ConsumerKind::EcsTask | ConsumerKind::EcsExecution => &[],
        ConsumerKind::EksIrsa => &[PROVIDER, NAMESPACE, SERVICE_ACCOUNT],
        ConsumerKind::EksPodIdentity => &[CLUSTER, NAMESPACE, SERVICE_ACCOUNT],
        ConsumerKind::CodeBuild => &[PROJECT],
        ConsumerKind::GitHub => &[REPOSITORY, BRANCH, ENVIRONMENT, OWNER_ID, REPOSITORY_ID],
        ConsumerKind::GitLab => &[GITLAB_PROJECT, BRANCH, HOST],
        ConsumerKind::Account => &[PRINCIPAL, EXTERNAL_ID],
    }
}

/// The names of the fields that only some kinds have.
const ALL: [&str; 14] = [
    "function",
    "provider",
    "cluster",
    "namespace",
    "service_account",
    "project",
    "repository",
    "branch",
    "environment",
    "owner_id",
    "repository_id",
    "host",
    "principal",
    "external_id",
];

#[component]
pub(super) fn ConsumerFields(form: RoleForm, faults: Vec<ShapeFault>) -> impl IntoView {
    let fields = form.kind().map_or(&[][..], fields_of);
    let shown = fields
        .iter()
        .map(|(name, label, placeholder, note)| {
            line((name, label), &form.field(name), placeholder, note, &faults)
        })
        .collect_view();
    let hidden = ALL
        .iter()
        .filter(|name| !fields.iter().any(|(own, ..)| own == *name))
        .map(|name| (*name, form.field(name)))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    let choose = form.kind().is_none().then(|| {
        view! { <p class="note">"Choose a consumer and then Show role: the fields of its trust appear here."</p> }
    });
    view! { {choose}{shown}{hidden} }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::VariantArray;

    #[test]
    fn each_field_of_a_kind_is_a_field_of_the_form() {
        for kind in ConsumerKind::VARIANTS {
            for (name, ..) in fields_of(*kind) {
                assert!(ALL.contains(name), "{name}");
                let form = RoleForm::from_url_query(&format!("{name}=typed"));
                assert_eq!(form.field(name), "typed");
            }
        }
    }
}
