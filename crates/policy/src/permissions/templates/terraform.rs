//! What the Terraform module has of the table: the policies as templates, and the roles there are.

use super::{MemberRole, ROLE_TAG, TEMPLATE_VERSION, VERSION_TAG, parameters::ROLE_NAME};
use crate::permissions::{
    boundary::boundary_document,
    roles::{Variables, pretty, trust_policy},
};
use std::{collections::BTreeMap, fmt::Write};

/// The variables that `templatefile` fills in.
pub(super) fn variables() -> Variables {
    Variables {
        partition: "${partition}".into(),
        dns_suffix: "${dns_suffix}".into(),
        account: "${account_id}".into(),
        principal_account: "$${aws:PrincipalAccount}".into(),
        role_name: |role| format!("${{{}_role_name}}", role.key()),
    }
}

/// The module's rendered files, by their path in `infra`.
pub(super) fn files(members: &[MemberRole]) -> BTreeMap<String, String> {
    let path = |name: &str| format!("terraform/member-roles/{name}");
    let mut files = BTreeMap::from([
        (path("roles.tf"), roles(members)),
        (path("policies/trust.json.tftpl"), trust_policy()),
        (path("policies/boundary.json.tftpl"), pretty(&boundary_document(&variables()))),
    ]);
    for member in members {
        let name = format!("policies/{}.json.tftpl", member.role.key());
        files.insert(path(&name), pretty(&member.policy));
    }
    files
}

fn roles(members: &[MemberRole]) -> String {
    let width = members.iter().map(|member| member.role.key().len()).max().unwrap_or_default();
    let mut text = "\
# Rendered from the table of permissions by `cargo xtask infra`. Change the table, not this file.

variable \"roles\" {
  description = \"Which roles to create, and their names. Names are the same in every account.\"
  type = object({
"
    .to_owned();
    for member in members {
        let (key, name) = (member.role.key(), member.role.name());
        let create = !member.role.is_opt_in();
        let _ = writeln!(
            text,
            "    {key:width$} = optional(object({{ create = optional(bool, {create}), name = optional(string, \"{name}\") }}), {{}})"
        );
    }
    // HCL takes a backslash of a pattern for its own; this one has none.
    let _ = write!(
        text,
        r#"  }})
  default  = {{}}
  nullable = false

  validation {{
    condition     = alltrue([for role in values(var.roles) : can(regex("{ROLE_NAME}", role.name))])
    error_message = "A role name has no path and 1 to 64 letters, digits and _+=,.@-."
  }}

  validation {{
    condition     = length(distinct([for role in values(var.roles) : role.name])) == length(values(var.roles))
    error_message = "Two roles have the same name."
  }}
}}

locals {{
  template_version = "{TEMPLATE_VERSION}"
  role_tag         = "{ROLE_TAG}"
  version_tag      = "{VERSION_TAG}"
  descriptions = {{
"#
    );
    for member in members {
        let _ =
            writeln!(text, "    {:width$} = \"{}\"", member.role.key(), member.role.description());
    }
    text.push_str("  }\n  # The names that policies refer to.\n  role_names = {\n");
    for member in members {
        let key = member.role.key();
        let width = width + "_role_name".len();
        let _ = writeln!(text, "    {:width$} = var.roles.{key}.name", format!("{key}_role_name"));
    }
    text.push_str("  }\n}\n");
    text
}
