//! The commands that deploy the roles where something is wrong with them, from the templates under `infra`. They name the
//! external id and the hub's role by variables, and contain neither.

use super::{TEMPLATE_VERSION, title};
use crate::permissions::Role;
use claviger_domain::{
    accounts::roles::{AccountRoles, Snippet},
    ids::{AccountId, OuId, Region},
};
use std::{collections::BTreeSet, fmt::Write as _};

/// Modules of Terraform that are written out. More accounts take the example of an Organization.
const MAX_MODULES: usize = 20;

const HUB: &str = "$CLAVIGER_HUB_ROLE_ARN";
const EXTERNAL_ID: &str = "$CLAVIGER_EXTERNAL_ID";
const VARIABLES: &str = "CLAVIGER_EXTERNAL_ID is Claviger's external_id, and CLAVIGER_HUB_ROLE_ARN the ARN of the role that Claviger runs as";

/// How this installation names things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The Region of the stacks; roles are global.
    pub region: Region,
    /// The roles by the names that Claviger assumes them by.
    pub names: Vec<(Role, String)>,
}

impl Deployment {
    /// The default names.
    pub fn new(region: Region) -> Self {
        let names = Role::members().map(|role| (role, role.name().to_owned())).collect();
        Self { region, names }
    }

    /// The roles whose names are not the default.
    fn renamed(&self) -> impl Iterator<Item = (Role, &str)> {
        let each = self.names.iter().map(|(role, name)| (*role, name.as_str()));
        each.filter(|(role, name)| role.name() != *name)
    }
}

/// The Organization as far as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationIds {
    pub organization: Option<String>,
    pub management_account: Option<AccountId>,
}

/// An account whose roles are to be deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    pub account: AccountId,
    /// The OU or root that directly contains it.
    pub ou: Option<OuId>,
    pub roles: AccountRoles,
    /// The opt-in roles that are there, which a deployment keeps.
    pub opt_in: Vec<Role>,
    /// The opt-in roles of which it is not known whether they are there.
    pub unknown_opt_in: Vec<Role>,
}

const MISSING: &[AccountRoles] = &[AccountRoles::Missing];
const WRONG: &[AccountRoles] = &[AccountRoles::WrongExternalId, AccountRoles::NotTrusted];
const OLD: &[AccountRoles] = &[AccountRoles::Old, AccountRoles::Unknown];
const ALL: &[AccountRoles] = &[
    AccountRoles::Missing,
    AccountRoles::WrongExternalId,
    AccountRoles::NotTrusted,
    AccountRoles::Old,
    AccountRoles::Unknown,
];

/// What deploys the roles to these accounts. Nothing for accounts whose roles are ready, or of which nothing is known.
pub fn snippets(
    deployment: &Deployment,
    place: &OrganizationIds,
    accounts: &[Unready],
) -> Vec<Snippet> {
    let is_management = |one: &&Unready| Some(&one.account) == place.management_account.as_ref();
    let of = |wanted: &[AccountRoles], management: bool| -> Vec<&Unready> {
        let each = accounts.iter().filter(|one| wanted.contains(&one.roles));
        each.filter(|one| is_management(one) == management).collect()
    };
    let mut found = Vec::new();
    found.extend(add_instances(deployment, &of(MISSING, false)));
    found.extend(update_stack_set(deployment, place, &of(WRONG, false), true));
    found.extend(update_stack_set(deployment, place, &of(OLD, false), false));
    found.extend(stack(deployment, place, &of(ALL, true)));
    let everywhere: Vec<&Unready> =
        accounts.iter().filter(|one| ALL.contains(&one.roles)).collect();
    found.extend(terraform(deployment, place, &everywhere));
    found
}

fn ids(accounts: &[&Unready]) -> Vec<AccountId> {
    accounts.iter().map(|one| one.account.clone()).collect()
}

fn joined<T: ToString>(each: impl IntoIterator<Item = T>) -> String {
    each.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
}

fn counted(accounts: &[&Unready]) -> String {
    match accounts {
        [one] => format!("account {}", one.account),
        more => format!("{} accounts", more.len()),
    }
}

/// The stack set exists, and has no instance in these accounts, or one that failed.
fn add_instances(deployment: &Deployment, accounts: &[&Unready]) -> Option<Snippet> {
    if accounts.is_empty() {
        return None;
    }
    let region = &deployment.region;
    let ous: BTreeSet<&OuId> = accounts.iter().filter_map(|one| one.ou.as_ref()).collect();
    let text = format!(
        "aws cloudformation create-stack-instances --stack-set-name claviger-member-roles --region {region} \\\n  \
           --regions {region} \\\n  \
           --deployment-targets OrganizationalUnitIds={},Accounts={},AccountFilterType=INTERSECTION \\\n  \
           --operation-preferences ConcurrencyMode=SOFT_FAILURE_TOLERANCE,MaxConcurrentPercentage=50,FailureTolerancePercentage=20",
        joined(ous),
        joined(ids(accounts)),
    );
    Some(Snippet {
        title: format!("Deploy the roles to {} (stack set)", counted(accounts)),
        says: "Adds these accounts of their OUs to the stack set. Add --call-as DELEGATED_ADMIN in a delegated administrator's account. If there is no stack set yet, see docs/roles.md.".into(),
        text,
        accounts: ids(accounts),
    })
}

/// Renews the roles in every account of the stack set, with other parameters where the trust is wrong.
fn update_stack_set(
    deployment: &Deployment,
    place: &OrganizationIds,
    accounts: &[&Unready],
    with_trust: bool,
) -> Option<Snippet> {
    if accounts.is_empty() {
        return None;
    }
    let mut text = format!(
        "aws cloudformation deploy --stack-name claviger-stack-set --region {} \\\n  \
           --template-file infra/cloudformation/stack-set.yaml --capabilities CAPABILITY_NAMED_IAM",
        deployment.region
    );
    let (title, says) = if with_trust {
        text.push_str(&overrides(deployment, place));
        (
            format!("Correct the trust policy in {} (stack set)", counted(accounts)),
            format!("Updates the roles in every account of the stack set. {VARIABLES}."),
        )
    } else {
        (
            format!("Update the roles in {} (stack set)", counted(accounts)),
            format!(
                "Run it with the files of this release (template version {TEMPLATE_VERSION}). It updates the roles in every account of the stack set, and keeps their parameters."
            ),
        )
    };
    Some(Snippet { title, says, text, accounts: ids(accounts) })
}

/// A service-managed stack set never deploys to the management account.
fn stack(
    deployment: &Deployment,
    place: &OrganizationIds,
    accounts: &[&Unready],
) -> Option<Snippet> {
    if accounts.is_empty() {
        return None;
    }
    let text = format!(
        "aws cloudformation deploy --stack-name claviger-roles --region {} \\\n  \
           --template-file infra/cloudformation/member-roles.yaml --capabilities CAPABILITY_NAMED_IAM{}",
        deployment.region,
        overrides(deployment, place)
    );
    Some(Snippet {
        title: "Deploy the roles to the management account (stack)".into(),
        says: format!("Run it in the management account, which stack sets leave out. {VARIABLES}."),
        text,
        accounts: ids(accounts),
    })
}

fn organization(place: &OrganizationIds) -> &str {
    place.organization.as_deref().unwrap_or("$ORGANIZATION_ID")
}

fn overrides(deployment: &Deployment, place: &OrganizationIds) -> String {
    let mut text = format!(
        " \\\n  --parameter-overrides HubPrincipalArn=\"{HUB}\" ExternalId=\"{EXTERNAL_ID}\" OrganizationId={}",
        organization(place)
    );
    for (role, name) in deployment.renamed() {
        // Into a `String`; it cannot fail.
        let _ = write!(text, " {}RoleName={name}", title(role));
    }
    text
}

/// A module for each account, with a provider that the reader has.
fn terraform(
    deployment: &Deployment,
    place: &OrganizationIds,
    accounts: &[&Unready],
) -> Option<Snippet> {
    if accounts.is_empty() || accounts.len() > MAX_MODULES {
        return None;
    }
    let organization = match &place.organization {
        Some(id) => format!("\"{id}\""),
        None => "var.organization_id".into(),
    };
    let each = accounts.iter().map(|one| {
        let (account, roles) = (&one.account, module_roles(deployment, one));
        format!(
            "module \"claviger_roles_{account}\" {{\n  source    = \"./infra/terraform/member-roles\"\n  \
               providers = {{ aws = aws.account_{account} }}\n\n  hub_principal_arn = var.hub_principal_arn\n  \
               external_id       = var.claviger_external_id\n  organization_id   = {organization}\n{roles}}}\n"
        )
    });
    let mut says = "One module and one provider alias for each account, with the files of this release. If a module is there already, apply it again.".to_owned();
    if accounts.iter().any(|one| !one.unknown_opt_in.is_empty()) {
        says.push_str(" Where a comment says that it is not known whether an opt-in role is installed, correct create first: Terraform removes a role whose create is false.");
    }
    Some(Snippet {
        title: format!("The same for {} by Terraform", counted(accounts)),
        says,
        text: each.collect::<Vec<_>>().join("\n"),
        accounts: ids(accounts),
    })
}

/// The variable `roles` of a module: other names, and the opt-in roles, which a module without them would remove. Where it is
/// not known whether one is there, the reader has to say it.
fn module_roles(deployment: &Deployment, account: &Unready) -> String {
    let mut lines = String::new();
    for role in Role::members() {
        let renamed = deployment.renamed().find(|(one, _)| *one == role);
        let name = renamed.map(|(_, name)| format!("name = \"{name}\""));
        let create = if account.opt_in.contains(&role) {
            Some("create = true".to_owned())
        } else if account.unknown_opt_in.contains(&role) {
            let shown = renamed.map_or(role.name(), |(_, name)| name);
            // Into a `String`; it cannot fail.
            let _ = writeln!(
                lines,
                "    # Not known whether {shown} is installed here: set create = true if it is."
            );
            Some("create = false".to_owned())
        } else {
            None
        };
        let parts: Vec<String> = create.into_iter().chain(name).collect();
        if !parts.is_empty() {
            // Into a `String`; it cannot fail.
            let _ = writeln!(lines, "    {} = {{ {} }}", role.key(), parts.join(", "));
        }
    }
    if lines.is_empty() { lines } else { format!("\n  roles = {{\n{lines}  }}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::templates::files;

    fn unready(account: &str, ou: &str, roles: AccountRoles) -> Unready {
        let (account, ou) = (account.parse().unwrap(), Some(ou.parse().unwrap()));
        Unready { account, ou, roles, opt_in: Vec::new(), unknown_opt_in: Vec::new() }
    }

    fn place() -> OrganizationIds {
        OrganizationIds {
            organization: Some("o-a1b2c3d4e5".into()),
            management_account: Some("111122223333".parse().unwrap()),
        }
    }

    fn deployment() -> Deployment {
        Deployment::new("eu-central-1".parse().unwrap())
    }

    fn texts(accounts: &[Unready], deployment: &Deployment) -> Vec<String> {
        snippets(deployment, &place(), accounts).into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn each_kind_of_fault_has_its_command_and_ready_accounts_have_none() {
        let ready = unready("444455556666", "ou-ab12-11111111", AccountRoles::Ready);
        assert_eq!(snippets(&deployment(), &place(), std::slice::from_ref(&ready)), []);
        let accounts = [
            ready,
            unready("555566667777", "ou-ab12-11111111", AccountRoles::Missing),
            unready("666677778888", "ou-ab12-22222222", AccountRoles::Missing),
            unready("777788889999", "r-ab12", AccountRoles::Old),
            unready("888899990000", "r-ab12", AccountRoles::WrongExternalId),
            unready("111122223333", "r-ab12", AccountRoles::Missing),
        ];
        let found = texts(&accounts, &deployment());
        assert_eq!(found.len(), 5, "{found:#?}");
        let [instances, trust, update, stack, terraform] = &found[..] else { return };
        assert!(instances.contains(
            "OrganizationalUnitIds=ou-ab12-11111111,ou-ab12-22222222,Accounts=555566667777,666677778888,AccountFilterType=INTERSECTION"
        ));
        assert!(
            trust.contains(r#"ExternalId="$CLAVIGER_EXTERNAL_ID""#)
                && trust.contains("stack-set.yaml")
        );
        assert!(update.contains("stack-set.yaml") && !update.contains("--parameter-overrides"));
        assert!(
            stack.contains("member-roles.yaml") && stack.contains("OrganizationId=o-a1b2c3d4e5")
        );
        assert_eq!(terraform.matches("module \"").count(), 5);
        assert!(!terraform.contains("444455556666"));
    }

    /// A module creates no opt-in role by default, so one that is applied again without them removes them.
    #[test]
    fn a_module_keeps_the_opt_in_roles_that_are_there() {
        let mut renamed = deployment();
        let iam = renamed.names.iter_mut().find(|(role, _)| *role == Role::Iam).unwrap();
        iam.1 = "role-maker".into();
        let both = Unready {
            opt_in: vec![Role::Consumers, Role::Iam],
            ..unready("444455556666", "r-ab12", AccountRoles::Old)
        };
        let neither = unready("555566667777", "r-ab12", AccountRoles::Old);
        let found = texts(&[both, neither], &renamed);
        let (with, without) = found.last().unwrap().split_once("claviger_roles_5555").unwrap();
        assert!(with.contains("    consumers = { create = true }\n"), "{with}");
        assert!(with.contains("    iam = { create = true, name = \"role-maker\" }\n"), "{with}");
        assert!(without.contains("    iam = { name = \"role-maker\" }\n"), "{without}");
        assert!(!without.contains("create = true"), "{without}");
    }

    /// To leave such a role out would remove it without a word.
    #[test]
    fn a_module_says_where_it_is_not_known_whether_an_opt_in_role_is_there() {
        let mut renamed = deployment();
        let iam = renamed.names.iter_mut().find(|(role, _)| *role == Role::Iam).unwrap();
        iam.1 = "role-maker".into();
        let known = unready("444455556666", "r-ab12", AccountRoles::Old);
        let unknown = Unready { unknown_opt_in: vec![Role::Consumers, Role::Iam], ..known.clone() };
        let one = |account: Unready| snippets(&renamed, &place(), &[account]).pop();
        let (known, unknown) = (one(known).unwrap(), one(unknown).unwrap());
        for lines in [
            "    # Not known whether claviger-consumers is installed here: set create = true if it is.\n    consumers = { create = false }\n",
            "    # Not known whether role-maker is installed here: set create = true if it is.\n    iam = { create = false, name = \"role-maker\" }\n",
        ] {
            assert!(unknown.text.contains(lines), "{}", unknown.text);
        }
        assert!(unknown.says.contains("Terraform removes a role"), "{}", unknown.says);
        assert!(!known.text.contains("Not known"), "{}", known.text);
        assert!(!known.says.contains("Terraform removes a role"), "{}", known.says);
    }

    /// What a snippet names is in the files that it uses.
    #[test]
    fn parameters_variables_and_files_exist() {
        let mut renamed = deployment();
        renamed.names[1].1 = "jit-access".into();
        let accounts = [
            unready("111122223333", "r-ab12", AccountRoles::Missing),
            unready("888899990000", "r-ab12", AccountRoles::WrongExternalId),
            unready("555566667777", "r-ab12", AccountRoles::Missing),
        ];
        let files = files("");
        let stack_set = &files["cloudformation/stack-set.yaml"];
        assert!(stack_set.contains("StackSetName: claviger-member-roles"));
        let texts = texts(&accounts, &renamed);
        let mut seen = 0;
        for text in &texts {
            let Some((_, overrides)) = text.split_once("--parameter-overrides ") else { continue };
            let template = if text.contains("stack-set.yaml") {
                stack_set
            } else {
                &files["cloudformation/member-roles.yaml"]
            };
            for (parameter, _) in overrides.split(' ').filter_map(|one| one.split_once('=')) {
                assert!(template.contains(&format!("\n  {parameter}:\n")), "{parameter}");
                seen += 1;
            }
        }
        assert_eq!(seen, 8, "{texts:#?}");
        // Variables are written by hand, beside the rendered files.
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/terraform/member-roles");
        let written = std::fs::read_to_string(format!("{folder}/variables.tf")).unwrap();
        let module = written + &files["terraform/member-roles/roles.tf"];
        for variable in ["hub_principal_arn", "external_id", "organization_id", "roles"] {
            assert!(module.contains(&format!("variable \"{variable}\"")), "{variable}");
        }
        assert!(texts.last().unwrap().contains("access = { name = \"jit-access\" }"));
    }
}
