variable "region" {
  description = "The one Region that stacks are deployed to. It must be enabled in every account."
  type        = string
  default     = "us-east-1"
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

variable "organizational_unit_ids" {
  description = "The OUs whose accounts get the roles; the root's id (r-...) for the whole Organization."
  type        = list(string)

  validation {
    condition     = length(var.organizational_unit_ids) > 0 && alltrue([for id in var.organizational_unit_ids : can(regex("^(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$", id))])
    error_message = "organizational_unit_ids must be ids of OUs (ou-ab12-cdefghij) or of the root (r-ab12)."
  }
}
