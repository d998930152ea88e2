# Rendered from the table of permissions by `cargo xtask infra`. Change the table, not this file.

variable "roles" {
  description = "Which roles to create, and their names. Names are the same in every account."
  type = object({
    inventory   = optional(object({ create = optional(bool, true), name = optional(string, "claviger-inventory") }), {})
    access      = optional(object({ create = optional(bool, true), name = optional(string, "claviger-access") }), {})
    remediation = optional(object({ create = optional(bool, true), name = optional(string, "claviger-remediation") }), {})
    consumers   = optional(object({ create = optional(bool, false), name = optional(string, "claviger-consumers") }), {})
    iam         = optional(object({ create = optional(bool, false), name = optional(string, "claviger-iam") }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for role in values(var.roles) : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", role.name))])
    error_message = "A role name has no path and 1 to 64 letters, digits and _+=,.@-."
  }

  validation {
    condition     = length(distinct([for role in values(var.roles) : role.name])) == length(values(var.roles))
    error_message = "Two roles have the same name."
  }
}

locals {
  template_version = "4"
  role_tag         = "claviger:role"
  version_tag      = "claviger:template-version"
  descriptions = {
    inventory   = "Claviger reads metadata of secrets and parameters, never their values"
    access      = "Claviger issues just-in-time sessions, each limited by a session policy"
    remediation = "Claviger applies approved fixes, and ends sessions of the access role"
    consumers   = "Claviger reads which workloads use a secret, names of plaintext variables, and checks drafted roles"
    iam         = "Claviger creates and attaches roles under one path and permissions boundary"
  }
  # The names that policies refer to.
  role_names = {
    inventory_role_name   = var.roles.inventory.name
    access_role_name      = var.roles.access.name
    remediation_role_name = var.roles.remediation.name
    consumers_role_name   = var.roles.consumers.name
    iam_role_name         = var.roles.iam.name
  }
}
