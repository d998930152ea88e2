# The console itself. Network and database have files of their own.

variable "name" {
  description = "Name of the hub's role, and the prefix of every other name."
  type        = string
  default     = "claviger"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])*$", var.name)) && length(var.name) <= 24
    error_message = "name must have at most 24 lowercase letters, digits and single hyphens, and begin with a letter."
  }
}

variable "organization_id" {
  description = "Id of the AWS Organization. The VPC endpoints admit only its principals."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be an organization id, such as o-a1b2c3d4e5."
  }
}

variable "image" {
  description = "The console's image with the configuration in it, by digest, in a private ECR repository of this Region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr(-fips)?\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must name a private ECR repository and a digest: 111122223333.dkr.ecr.us-east-1.amazonaws.com/claviger@sha256:…. A tag can be moved to another image."
  }
}

variable "migration_image" {
  description = "The image that migrates, in the same repository. For an upgrade, set it to the new release first and run the migration, and then set image. Null: image."
  type        = string
  default     = null

  validation {
    condition     = var.migration_image == null || try(split("@sha256:", var.migration_image)[0] == split("@sha256:", var.image)[0] && can(regex("@sha256:[0-9a-f]{64}$", var.migration_image)), false)
    error_message = "migration_image must name the repository of image, and a digest."
  }
}

variable "start_console" {
  description = "Whether the service runs. False for the first apply: the secrets have no values and the database no schema yet."
  type        = bool
  default     = true
  nullable    = false
}

variable "public_url" {
  description = "How people reach the console, such as https://claviger.example.com. The certificate must be for this name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?$", var.public_url))
    error_message = "public_url must be https:// and a host, without a path or a slash at the end."
  }
}

variable "oidc_issuer" {
  description = "The identity provider's issuer, exactly as in its metadata."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://", var.oidc_issuer))
    error_message = "oidc_issuer must be an https URL."
  }
}

variable "oidc_client_id" {
  description = "Id of the console's client at the identity provider."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.oidc_client_id) > 0
    error_message = "oidc_client_id must not be empty."
  }
}

variable "configuration_file" {
  description = "Path of the configuration file in the image. Roles, owners and quotas can be set in a file only."
  type        = string
  default     = "/etc/claviger/claviger.toml"
  nullable    = false
}

variable "settings" {
  description = "More settings that are not secret, by environment variable: { CLAVIGER_SWEEP_MINUTES = \"30\" }. They take precedence over the file."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.settings) : can(regex("^(CLAVIGER|OTEL)_[A-Z0-9_]+$|^RUST_LOG$", key))])
    error_message = "settings are environment variables CLAVIGER_…, OTEL_… and RUST_LOG."
  }

  validation {
    condition     = alltrue([for key in keys(var.settings) : !can(regex("SECRET|PASSWORD|SMTP_URL|WEBHOOK_URL|DATABASE_URL|EXTERNAL_ID", key))])
    error_message = "settings are readable in the task definition and in Terraform's state: pass secret values by extra_secrets."
  }
}

variable "extra_secrets" {
  description = "More secret settings, by environment variable, as ARNs of secrets: { CLAVIGER_SMTP_URL = \"arn:aws:secretsmanager:…\" }. Encrypt them with the module's key (output kms_key_arn)."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, arn in var.extra_secrets : can(regex("^CLAVIGER_[A-Z0-9_]+$", key)) && can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^:*?]+$", arn))])
    error_message = "extra_secrets are environment variables CLAVIGER_… with the whole ARN of a secret of Secrets Manager, without a JSON key."
  }
}

variable "member_role_names" {
  description = "Names of the roles that the hub assumes in the accounts. They are settings too: inventory_role, access_role, remediation_role, consumers_role, iam_role."
  type = object({
    inventory   = optional(string, "claviger-inventory")
    access      = optional(string, "claviger-access")
    remediation = optional(string, "claviger-remediation")
    consumers   = optional(string, "claviger-consumers")
    iam         = optional(string, "claviger-iam")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in values(var.member_role_names) : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", name))])
    error_message = "A role name has no path, no wildcard, and 1 to 64 letters, digits and _+=,.@-."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the managed policy that becomes the permissions boundary of every role. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a managed policy."
  }
}

variable "cpu_architecture" {
  description = "Architecture of the image: ARM64 or X86_64."
  type        = string
  default     = "X86_64"
  nullable    = false

  validation {
    condition     = contains(["ARM64", "X86_64"], var.cpu_architecture)
    error_message = "cpu_architecture must be ARM64 or X86_64."
  }
}

variable "cpu" {
  description = "CPU units of a replica; 1024 are one vCPU."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu must be a size of Fargate: 256, 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "memory" {
  description = "Memory of a replica in MiB. Fargate accepts 2 to 8 GB for each vCPU from one vCPU on. docs/operations.md has a sizing table."
  type        = number
  default     = 2048
  nullable    = false

  validation {
    condition     = var.memory >= 512 && var.memory <= 122880 && var.memory >= var.cpu * 2 && var.memory <= var.cpu * 8
    error_message = "memory must be two to eight times cpu, and at least 512."
  }
}

variable "replicas" {
  description = "The least number of replicas, and the most. Autoscaling stays between them."
  type = object({
    minimum = optional(number, 2)
    maximum = optional(number, 4)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.replicas.minimum >= 2 && var.replicas.maximum >= var.replicas.minimum && var.replicas.maximum <= 20
    error_message = "replicas.minimum must be at least 2, and replicas.maximum from there to 20."
  }
}

variable "deletion_protection" {
  description = "Protects the load balancer and the database from deletion."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "For how many days CloudWatch Logs keeps the logs. The published heads of the audit log are among them."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a value that CloudWatch Logs accepts, and at least 365."
  }
}

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic that alarms are sent to. If it is encrypted, its key policy must let CloudWatch use the key. Null: alarms notify nobody."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be the ARN of a standard SNS topic."
  }
}

variable "aws_config" {
  description = "AWS Config for the whole Organization: an aggregator, and a conformance pack with the rules for Secrets Manager. Every account and Region needs a recorder."
  type = object({
    aggregator           = optional(bool, false)
    conformance_pack     = optional(bool, false)
    excluded_account_ids = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for id in var.aws_config.excluded_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "excluded_account_ids are account ids with 12 digits."
  }
}

variable "tags" {
  description = "Tags for everything that the module creates."
  type        = map(string)
  default     = {}
  nullable    = false
}
