//! The fields of each kind of consumer. The form has each field once, for all kinds; `style/consumers.css` shows those of the
//! chosen kind, so that choosing needs no script and no request. A browser without `:has` shows those of the kind that was sent.

use crate::ui::fault_of;
use claviger_domain::{
    VariantArray,
    consumers::{ConsumerKind, RoleForm},
    creation::ShapeFault,
};
use leptos::prelude::*;

/// A text field: name, label, placeholder, and what it means. Fields of one name are one field of the form: label and meaning are
/// those of the chosen kind, and a placeholder is shown if all its kinds have the same.
type Field = (&'static str, &'static str, &'static str, &'static str);

const FUNCTION: Field = (
    "function",
    "Function",
    "orders",
    "Name or ARN. A plan attaches the role to it. Leave it empty for any function with this role.",
);
const INSTANCE: Field = (
    "instance",
    "Instance",
    "i-0a1b2c3d4e5f60718",
    "ID or ARN. A plan gives it the instance profile. Leave it empty to create the role and its instance profile alone.",
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
const PROJECT: Field = (
    "project",
    "CodeBuild project",
    "",
    "Name, such as release. A plan attaches the role to it, if the project exists already.",
);
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
const GITLAB_PROJECT: Field = ("project", "Project", "", "With its groups, such as acme/shop.");
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
        ConsumerKind::Ec2 => &[INSTANCE],
        ConsumerKind::EcsTask | ConsumerKind::EcsExecution => &[],
        ConsumerKind::EksIrsa => &[PROVIDER, NAMESPACE, SERVICE_ACCOUNT],
        ConsumerKind::EksPodIdentity => &[CLUSTER, NAMESPACE, SERVICE_ACCOUNT],
        ConsumerKind::CodeBuild => &[PROJECT],
        ConsumerKind::GitHub => &[REPOSITORY, BRANCH, ENVIRONMENT, OWNER_ID, REPOSITORY_ID],
        ConsumerKind::GitLab => &[GITLAB_PROJECT, BRANCH, HOST],
        ConsumerKind::Account => &[PRINCIPAL, EXTERNAL_ID],
    }
}

/// The names of the fields that only some kinds have, in the order of the page.
const ALL: [&str; 15] = [
    "function",
    "instance",
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

/// The kinds that have a field, each with its texts.
fn variants(name: &str) -> Vec<(ConsumerKind, Field)> {
    let mut found = Vec::new();
    for kind in ConsumerKind::VARIANTS {
        let own = fields_of(*kind).iter().filter(|field| field.0 == name);
        found.extend(own.map(|field| (*kind, *field)));
    }
    found
}

/// Each different text with its kinds, separated by blanks.
fn by_kind(
    variants: &[(ConsumerKind, Field)],
    text: impl Fn(&Field) -> &'static str,
) -> Vec<(&'static str, String)> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for (kind, field) in variants {
        let own = text(field);
        if let Some((_, kinds)) = found.iter_mut().find(|(other, _)| *other == own) {
            kinds.push(' ');
            kinds.push_str(&kind.to_string());
        } else {
            found.push((own, kind.to_string()));
        }
    }
    found
}

fn field_of(name: &'static str, value: String, faults: &[ShapeFault]) -> AnyView {
    let variants = variants(name);
    let kinds = by_kind(&variants, |_| name).into_iter().next().map(|(_, kinds)| kinds);
    let labels = by_kind(&variants, |field| field.1)
        .into_iter()
        .map(|(label, kinds)| view! { <span data-kinds=kinds>{label}</span> })
        .collect_view();
    let placeholder = match by_kind(&variants, |field| field.2).as_slice() {
        [(one, _)] if !one.is_empty() => Some(*one),
        _ => None,
    };
    let notes = by_kind(&variants, |field| field.3)
        .into_iter()
        .filter(|(note, _)| !note.is_empty())
        .map(|(note, kinds)| view! { <small data-kinds=kinds>{note}</small> })
        .collect_view();
    view! {
        <label class="field" data-kinds=kinds>
            {labels}
            <input name=name class="mono" value=value placeholder=placeholder autocomplete="off" spellcheck="false" />
            {notes}
            {fault_of(faults, name)}
        </label>
    }
    .into_any()
}

#[component]
pub(super) fn ConsumerFields(form: RoleForm, faults: Vec<ShapeFault>) -> impl IntoView {
    ALL.into_iter().map(|name| field_of(name, form.field(name), &faults)).collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: &str = include_str!("../../../style/consumers.css");

    #[test]
    fn each_field_of_a_kind_is_a_field_of_the_form() {
        for kind in ConsumerKind::VARIANTS {
            for (name, ..) in fields_of(*kind) {
                let form = RoleForm::from_url_query(&format!("{name}=typed"));
                assert_eq!(form.field(name), "typed");
            }
        }
    }

    #[test]
    fn each_field_is_on_the_page_in_the_order_of_its_kinds() {
        for kind in ConsumerKind::VARIANTS {
            let at = |name: &str| ALL.iter().position(|one| *one == name).unwrap();
            let order: Vec<usize> = fields_of(*kind).iter().map(|field| at(field.0)).collect();
            assert!(order.is_sorted(), "{kind}: {order:?}");
        }
        for name in ALL {
            assert!(!variants(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn texts_that_differ_are_each_of_their_kinds() {
        let labels = by_kind(&variants("project"), |field| field.1);
        assert_eq!(
            labels,
            [("CodeBuild project", "codebuild".to_owned()), ("Project", "gitlab".to_owned())]
        );
        let labels = by_kind(&variants("branch"), |field| field.1);
        assert_eq!(labels, [("Branch", "github gitlab".to_owned())]);
    }

    /// A kind without a rule would show the fields of all.
    #[test]
    fn the_style_sheet_has_a_rule_for_each_kind() {
        let (_, without_has) = STYLE.split_once("@supports not selector(:has(*)) {").unwrap();
        for kind in ConsumerKind::VARIANTS {
            let others = format!("[data-kinds]:not([data-kinds~=\"{kind}\"])");
            let rule = format!("option[value=\"{kind}\"]:checked) {others}");
            assert!(STYLE.contains(&rule), "style/consumers.css lacks {rule}");
            let rule = format!("#role[data-kind=\"{kind}\"] {others}");
            assert!(without_has.contains(&rule), "without :has, style/consumers.css lacks {rule}");
        }
        assert!(without_has.contains("#role[data-kind=\"\"] [data-kinds],"));
    }
}
