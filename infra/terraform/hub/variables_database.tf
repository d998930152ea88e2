variable "database_capacity" {
  description = "Aurora capacity units of each of the two instances; one has about 2 GiB of memory. Pausing (0) is no use: the console asks the database all the time."
  type = object({
    minimum = optional(number, 1)
    maximum = optional(number, 8)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.database_capacity.minimum >= 0.5 && var.database_capacity.maximum >= max(1, var.database_capacity.minimum) && var.database_capacity.maximum <= 256 && alltrue([for units in values(var.database_capacity) : units * 2 == floor(units * 2)])
    error_message = "database_capacity is in steps of 0.5: minimum from 0.5, maximum from 1 to 256 and not below the minimum."
  }
}

variable "database_engine_version" {
  description = "Version of Aurora PostgreSQL. 16.8 has long-term support: AWS patches it in the maintenance window and leaves the minor version to you."
  type        = string
  default     = "16.8"
  nullable    = false

  validation {
    condition     = can(regex("^(1[6-9]|[2-9][0-9])\\.[0-9]+$", var.database_engine_version))
    error_message = "database_engine_version must be 16 or newer, with its minor version, such as 16.8."
  }
}

variable "database_ca_file" {
  description = "Path in the image of the certificates of Amazon RDS, by which the console verifies the database's certificate before it sends a token."
  type        = string
  default     = "/etc/claviger/rds-global-bundle.pem"
  nullable    = false

  validation {
    condition     = can(regex("^/[A-Za-z0-9._/-]+$", var.database_ca_file))
    error_message = "database_ca_file must be an absolute path of letters, digits, dots, hyphens, underscores and slashes."
  }
}

variable "data_api_enabled" {
  description = "The RDS Data API, by which the console's database role is created without a machine in the VPC. Turn it off afterwards."
  type        = bool
  default     = false
  nullable    = false
}

variable "backup_retention_days" {
  description = "For how many days the database can be restored to any point in time."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "backup_retention_days must be from 7 to 35."
  }
}
