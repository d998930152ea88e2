variable "vpc_cidr" {
  description = "Network of the VPC that the module creates: a /16 to a /24. Unused with existing_network."
  type        = string
  default     = "10.64.0.0/20"
  nullable    = false

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 4, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 24, false)
    error_message = "vpc_cidr must be an IPv4 network from /16 to /24, such as 10.64.0.0/20."
  }
}

variable "availability_zones" {
  description = "Two zones of the VPC that the module creates, such as us-east-1a. Null: the first two. Choose them if one lacks an endpoint service."
  type        = list(string)
  default     = null

  validation {
    condition     = var.availability_zones == null || try(length(var.availability_zones) == 2 && length(distinct(var.availability_zones)) == 2, false)
    error_message = "availability_zones must be two different zones."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for both zones: cheaper, and without the zone of the gateway the console reaches no other Region."
  type        = bool
  default     = false
  nullable    = false
}

variable "existing_network" {
  description = "A VPC that exists, with subnets in two zones or more. Its private subnets need a route to the internet. Null: the module creates a VPC."
  type = object({
    vpc_id             = string
    public_subnet_ids  = optional(list(string), [])
    private_subnet_ids = list(string)
    # False if the VPC has interface endpoints with private DNS already.
    create_endpoints = optional(bool, false)
    # For the gateway endpoint of S3; unused without create_endpoints.
    private_route_table_ids = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.existing_network == null || try(length(var.existing_network.private_subnet_ids) >= 2, false)
    error_message = "existing_network needs at least two private subnets, in different zones."
  }

  validation {
    condition     = var.existing_network == null || var.load_balancer.internal || try(length(var.existing_network.public_subnet_ids) >= 2, false)
    error_message = "An internet-facing load balancer needs at least two public subnets in existing_network."
  }
}

variable "endpoint_service_names" {
  description = "Names of endpoint services that differ from com.amazonaws.REGION.SERVICE, as some in China do: { \"ecr.api\" = \"cn.com.amazonaws.cn-north-1.ecr.api\" }."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for service in keys(var.endpoint_service_names) : contains(["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "ssm", "sts"], service)])
    error_message = "endpoint_service_names may name ecr.api, ecr.dkr, kms, logs, secretsmanager, ssm and sts."
  }
}

variable "load_balancer" {
  description = "The load balancer. access_logs_bucket must exist, with a policy that lets Elastic Load Balancing write to it."
  type = object({
    internal           = optional(bool, false)
    certificate_arn    = string
    allowed_cidrs      = list(string)
    tls_policy         = optional(string, "ELBSecurityPolicy-TLS13-1-2-2021-06")
    access_logs_bucket = optional(string)
    access_logs_prefix = optional(string)
    web_acl_arn        = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:(acm:[a-z0-9-]+:[0-9]{12}:certificate|iam::[0-9]{12}:server-certificate)/.+$", var.load_balancer.certificate_arn))
    error_message = "certificate_arn must be the ARN of a certificate in ACM, of this Region, or in IAM."
  }

  validation {
    condition     = length(var.load_balancer.allowed_cidrs) > 0 && alltrue([for cidr in var.load_balancer.allowed_cidrs : can(cidrnetmask(cidr))])
    error_message = "allowed_cidrs must name at least one IPv4 network that may reach the console. There is no default."
  }

  validation {
    condition     = can(regex("^ELBSecurityPolicy-TLS13-1-[23]-", var.load_balancer.tls_policy)) && !can(regex("-Ext[01]-", var.load_balancer.tls_policy))
    error_message = "tls_policy must be one of the TLS13-1-2 or TLS13-1-3 policies, without Ext0 and Ext1, such as ELBSecurityPolicy-TLS13-1-2-2021-06."
  }
}

variable "egress_ports" {
  description = "TCP ports that the console reaches anywhere: 443 for AWS and the identity provider; add 465 or 587 for mail."
  type        = set(number)
  default     = [443]
  nullable    = false

  validation {
    condition     = contains(var.egress_ports, 443) && alltrue([for port in var.egress_ports : port > 0 && port < 65536])
    error_message = "egress_ports must be TCP ports, and contain 443."
  }
}

variable "prometheus_security_group_id" {
  description = "Security group of Prometheus, which may reach port 9464. Null: the console has no metrics."
  type        = string
  default     = null

  validation {
    condition     = var.prometheus_security_group_id == null || can(regex("^sg-[0-9a-f]{8,17}$", var.prometheus_security_group_id))
    error_message = "prometheus_security_group_id must be the id of a security group."
  }
}
