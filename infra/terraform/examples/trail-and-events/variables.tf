variable "region" {
  description = "The Region in which Claviger runs, and home of the trail."
  type        = string
  default     = "us-east-1"
}

variable "regions" {
  description = "The Regions in which secrets can be, and that of IAM's events (us-east-1). Each must be enabled in every account."
  type        = list(string)
}

variable "organization_id" {
  description = "Id of the AWS Organization, such as o-a1b2c3d4e5."
  type        = string
}

variable "organizational_unit_ids" {
  description = "The OUs whose accounts send events; the root's id (r-...) for the whole Organization."
  type        = list(string)
}

variable "hub_deployment_role_arn" {
  description = "ARN of a role in the account in which Claviger runs, with which Terraform creates the event bus."
  type        = string
}

variable "hub_role_arn" {
  description = "ARN of the role that Claviger runs as."
  type        = string
}

variable "first_day" {
  description = "The day on which you create the trail, such as 2026/01/01."
  type        = string
}
