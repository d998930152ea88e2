variable "region" {
  description = "The Region in which Claviger runs. It scans the others from there."
  type        = string
  default     = "us-east-1"
}

variable "host" {
  description = "Name of the console, such as claviger.example.com."
  type        = string
}

variable "zone_id" {
  description = "Id of the public hosted zone in Route 53 that the name is in."
  type        = string
}

variable "organization_id" {
  description = "Id of the AWS Organization, such as o-a1b2c3d4e5."
  type        = string
}

variable "image" {
  description = "The console's image with your configuration, by digest."
  type        = string
}

variable "oidc_issuer" {
  description = "The identity provider's issuer, exactly as in its metadata."
  type        = string
}

variable "oidc_client_id" {
  description = "Id of the console's client at the identity provider."
  type        = string
  default     = "claviger"
}

variable "allowed_cidrs" {
  description = "Networks that may reach the console."
  type        = list(string)
}

variable "start_console" {
  description = "False for the first apply: docs/deploy.md."
  type        = bool
  default     = true
}

variable "data_api_enabled" {
  description = "True while the console's database role is created: docs/deploy.md."
  type        = bool
  default     = false
}

variable "migration_image" {
  description = "For an upgrade: the image of the new release, which migrates before image is changed."
  type        = string
  default     = null
}
