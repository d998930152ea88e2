variable "team" {
  description = "The team, as part of the names of the key, the roles and the rule."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,29}$", var.team))
    error_message = "team must have up to 30 lower-case letters, digits and hyphens."
  }
}

variable "organization_id" {
  description = "ID of the Organization, such as o-a1b2c3d4e5. Nobody outside of it may use the secrets."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be the ID of an Organization, such as o-a1b2c3d4e5."
  }
}

variable "name_prefix" {
  description = "What the names of the secrets begin with, up to a slash. Null: the team and a slash."
  type        = string
  default     = null

  validation {
    condition     = var.name_prefix == null || can(regex("^[A-Za-z0-9_.@+=-]+(/[A-Za-z0-9_.@+=-]+)*/$", var.name_prefix))
    error_message = "name_prefix must end with a slash, such as payments/."
  }
}

variable "secrets" {
  description = "The secrets by what follows the prefix in their names. rotates: false until the first value is there. rotation_function_arn: null for the vault's function. schedule: rate(…) or cron(…), null for 30 days. replicas: Region to ARN of the key there."
  type = map(object({
    description           = string
    rotates               = optional(bool, true)
    rotation_function_arn = optional(string)
    schedule              = optional(string)
    window                = optional(string)
    replicas              = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z0-9_.@+=/-]+$", name)) && !startswith(name, "/")])
    error_message = "The name of a secret has letters, digits and /_+=.@-, and does not begin with a slash."
  }
}

variable "rotation_function_arn" {
  description = "ARN of the function that rotates the secrets, such as the output of the module rotation-function."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:.+$", var.rotation_function_arn))
    error_message = "rotation_function_arn must be the ARN of a function."
  }
}

variable "reader_arns" {
  description = "ARNs of roles, users or accounts that may assume the readers' role."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "reader_services" {
  description = "Services that may assume the readers' role, such as ecs-tasks.amazonaws.com."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "other_reader_arns" {
  description = "ARNs of further roles that may read the values, with * where they differ: the rotation functions' roles, and Claviger's claviger-access. Others are denied, also administrators."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "tags" {
  description = "Tags of everything, without the owner."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "owner" {
  description = "Value of the owner tag. Null: the team."
  type        = string
  default     = null
}

variable "owner_tag" {
  description = "Key of the tag that names the team."
  type        = string
  default     = "owner"
  nullable    = false
}

variable "required_tags" {
  description = "Keys that tags must have. A vault without one is not created."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic for failed rotations, deletions and changes of policies. Its policy must allow events.amazonaws.com. Null: no alarm."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "ARN of a managed policy that becomes the permissions boundary of the roles. Null: none."
  type        = string
  default     = null
}
