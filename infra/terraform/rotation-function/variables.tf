variable "kind" {
  description = "http: credentials of an API, by a description. ssh: keys of an account on a server."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["http", "ssh"], var.kind)
    error_message = "kind must be http or ssh."
  }
}

variable "name" {
  description = "Name of the function, its role and its log group."
  type        = string
  default     = "claviger-rotation"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,50}$", var.name))
    error_message = "name must have up to 50 letters, digits and hyphens."
  }
}

variable "code_bucket" {
  description = "Bucket of this Region with the archive, such as rotation-http.zip."
  type        = string
  nullable    = false
}

variable "code_key" {
  description = "Key of the archive in the bucket. A new key replaces the code."
  type        = string
  nullable    = false
}

variable "secret_arn_pattern" {
  description = "ARN of the secrets that the function may rotate, with * where names differ. Of these, only those whose rotation names this function."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", var.secret_arn_pattern))
    error_message = "secret_arn_pattern must be the ARN of secrets, such as arn:aws:secretsmanager:us-east-1:111122223333:secret:payments/*."
  }
}

variable "api_description" {
  description = "Of kind http: github-deploy-key, github-app-token, or the text of a description (docs/rotation.md). It has no credentials."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.api_description) <= 3800
    error_message = "api_description has more than 3,800 characters."
  }
}

variable "admin_secret_arn" {
  description = "Of kind http: ARN of the secret that signs in to the API where the description has placeholders for it. Null: none."
  type        = string
  default     = null
}

variable "keep_previous_key" {
  description = "Of kind ssh: whether the previous key stays until the next rotation. Of kind http, the description says it."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arns" {
  description = "ARNs of the customer managed keys of these secrets. Empty: they have the AWS managed key."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "subnet_ids" {
  description = "Subnets of the function, with a path to Secrets Manager and to the API or server. Empty: no VPC."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "security_group_ids" {
  description = "Security groups of the function, with subnet_ids."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "reserved_concurrency" {
  description = "How many steps run at the same time. -1: no reservation."
  type        = number
  default     = 5
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which logs are kept. They have no values of secrets."
  type        = number
  default     = 90
  nullable    = false
}

variable "log_kms_key_arn" {
  description = "Key of the log group. Its policy must allow CloudWatch Logs. Null: the key of CloudWatch Logs."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "ARN of a managed policy that becomes the permissions boundary of the role. Null: none."
  type        = string
  default     = null
}
