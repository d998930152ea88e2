variable "name" {
  description = "Name of the trail and of the workgroup; the database has it with underscores."
  type        = string
  default     = "claviger"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9]){2,30}$", var.name))
    error_message = "name must have 3 or more lowercase letters, digits and single hyphens, and begin with a letter."
  }
}

variable "organization_id" {
  description = "Id of the AWS Organization."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be an organization id, such as o-a1b2c3d4e5."
  }
}

variable "management_account_id" {
  description = "Id of the management account, to which the trail belongs even if a delegated administrator creates it. Null: this account."
  type        = string
  default     = null

  validation {
    condition     = var.management_account_id == null || can(regex("^[0-9]{12}$", var.management_account_id))
    error_message = "management_account_id must have 12 digits."
  }
}

variable "log_retention_days" {
  description = "Days after which the logs are deleted."
  type        = number
  default     = 400
  nullable    = false

  validation {
    condition     = var.log_retention_days >= 90 && var.log_retention_days <= 3650
    error_message = "log_retention_days must be 90 to 3650."
  }
}

variable "first_day" {
  description = "First day that the table has, such as 2026/01/01."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^20[0-9]{2}/(0[1-9]|1[0-2])/(0[1-9]|[12][0-9]|3[01])$", var.first_day))
    error_message = "first_day must be a day such as 2026/01/01."
  }
}

variable "bytes_scanned_cutoff" {
  description = "Bytes after which Athena cancels a query: 107374182400 (100 GiB) cost about 0.50 USD."
  type        = number
  default     = 107374182400
  nullable    = false

  validation {
    condition     = var.bytes_scanned_cutoff >= 10000000
    error_message = "bytes_scanned_cutoff must be at least 10000000."
  }
}

variable "data_event_resource_type" {
  description = "Type of resources whose data events are recorded too, such as AWS::Lambda::Function. Calls of Secrets Manager and Parameter Store are management events, which are always recorded. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.data_event_resource_type == null || can(regex("^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$", var.data_event_resource_type))
    error_message = "data_event_resource_type must be a type such as AWS::Lambda::Function."
  }
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
  nullable    = false
}
