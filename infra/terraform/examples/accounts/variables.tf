variable "region" {
  description = "The Region that Terraform calls."
  type        = string
  default     = "us-east-1"
}

variable "administration_role_name" {
  description = "The role that Terraform assumes in each member account."
  type        = string
  default     = "OrganizationAccountAccessRole"
}

variable "payments_account_id" {
  description = "The first member account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.payments_account_id))
    error_message = "payments_account_id must have 12 digits."
  }
}

variable "growth_account_id" {
  description = "The second member account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.growth_account_id))
    error_message = "growth_account_id must have 12 digits."
  }
}

variable "hub_principal_arn" {
  description = "ARN of the IAM role that Claviger runs as."
  type        = string
}

variable "external_id" {
  description = "The shared string that Claviger sends with AssumeRole."
  type        = string
}

variable "organization_id" {
  description = "Id of the AWS Organization, such as o-a1b2c3d4e5."
  type        = string
}
