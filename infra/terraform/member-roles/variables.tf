# The roles themselves are in roles.tf, which is rendered.

variable "hub_principal_arn" {
  description = "ARN of the IAM role that Claviger runs as. It must exist before these roles are created."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+$", var.hub_principal_arn)) && length(var.hub_principal_arn) <= 256
    error_message = "hub_principal_arn must be the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/claviger, with at most 256 characters."
  }
}

variable "external_id" {
  description = "The shared string that Claviger sends with AssumeRole: its setting external_id."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 128
    error_message = "external_id must have 2 to 128 letters, digits and _+=,.@:/-."
  }
}

variable "organization_id" {
  description = "Id of the AWS Organization. The hub has to be in it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be an organization id, such as o-a1b2c3d4e5."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the managed policy that becomes the permissions boundary of all roles. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a managed policy, such as arn:aws:iam::111122223333:policy/boundaries/platform."
  }
}

variable "tags" {
  description = "Tags for all roles, besides those that say which role of which template version it is."
  type        = map(string)
  default     = {}
  nullable    = false
}
