variable "name" {
  description = "Name of the event bus, and the start of the other names."
  type        = string
  default     = "claviger"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9]){1,30}$", var.name))
    error_message = "name must have 2 or more lowercase letters, digits and single hyphens, and begin with a letter."
  }
}

variable "organization_id" {
  description = "Id of the AWS Organization, whose accounts alone may send events."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be an organization id, such as o-a1b2c3d4e5."
  }
}

variable "hub_role_arn" {
  description = "ARN of the role that Claviger runs as, which may read the queue. Null: nobody but by IAM."
  type        = string
  default     = null

  validation {
    condition     = var.hub_role_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", var.hub_role_arn))
    error_message = "hub_role_arn must be the ARN of an IAM role, such as arn:aws:iam::111122223333:role/claviger."
  }
}

variable "create_alarm_topic" {
  description = "Whether to create a topic, to which alarms and undelivered events are published. Subscriptions are yours."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
  nullable    = false
}
