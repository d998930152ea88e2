variable "hub_event_bus_arn" {
  description = "ARN of the hub's event bus: the output event_bus_arn of the module events."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._-]+$", var.hub_event_bus_arn))
    error_message = "hub_event_bus_arn must be the ARN of an event bus, such as arn:aws:events:us-east-1:111122223333:event-bus/claviger."
  }
}

variable "forward_parameters" {
  description = "Whether to send changes of parameters too."
  type        = bool
  default     = true
  nullable    = false
}

variable "forward_findings" {
  description = "Whether to send GuardDuty's findings about credentials. They cost nothing where GuardDuty is off."
  type        = bool
  default     = true
  nullable    = false
}

variable "forward_alarms" {
  description = "Whether to send changes of Claviger's roles, of trails, and of these rules."
  type        = bool
  default     = true
  nullable    = false
}

variable "forward_reads" {
  description = "Whether to send every read of a value. Needs a trail that logs read management events, and costs per read."
  type        = bool
  default     = false
  nullable    = false
}

variable "role_names" {
  description = "Names of Claviger's roles, as in the member roles."
  type = object({
    inventory   = optional(string, "claviger-inventory")
    access      = optional(string, "claviger-access")
    remediation = optional(string, "claviger-remediation")
    consumers   = optional(string, "claviger-consumers")
    iam         = optional(string, "claviger-iam")
  })
  default  = {}
  nullable = false
}

variable "permissions_boundary_arn" {
  description = "ARN of the managed policy that becomes the permissions boundary of the role. Null: none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "alarm_topic" {
  description = "Account id and name of an SNS topic that exists in this Region, such as 111122223333:security. It hears if a rule cannot send. Costs an alarm on one metric for each rule. Null: no alarm."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic == null || can(regex("^[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.alarm_topic))
    error_message = "alarm_topic must be an account id and a topic's name, such as 111122223333:security."
  }
}
