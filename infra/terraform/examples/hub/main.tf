# The hub in one account, with a topic for its alarms and, if the zone is in Route 53, the certificate and the name.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

# Credentials of the account in which Claviger runs: a delegated administrator's rather than the management account.
provider "aws" {
  region = var.region
}

resource "aws_acm_certificate" "console" {
  domain_name       = var.host
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = {
    for option in aws_acm_certificate.console.domain_validation_options : option.domain_name => option
  }

  zone_id = var.zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  records = [each.value.resource_record_value]
  ttl     = 300
}

resource "aws_acm_certificate_validation" "console" {
  certificate_arn         = aws_acm_certificate.console.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

# The AWS managed key of SNS does not let CloudWatch publish.
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_kms_key" "alarms" {
  description         = "Claviger's alarms"
  enable_key_rotation = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
      },
    ]
  })
}

resource "aws_sns_topic" "alarms" {
  name              = "claviger-alarms"
  kms_master_key_id = aws_kms_key.alarms.arn
}

module "claviger" {
  source = "../../hub"

  organization_id  = var.organization_id
  image            = var.image
  migration_image  = var.migration_image
  start_console    = var.start_console
  data_api_enabled = var.data_api_enabled
  public_url       = "https://${var.host}"
  oidc_issuer      = var.oidc_issuer
  oidc_client_id   = var.oidc_client_id
  alarm_topic_arn  = aws_sns_topic.alarms.arn

  load_balancer = {
    certificate_arn = aws_acm_certificate_validation.console.certificate_arn
    allowed_cidrs   = var.allowed_cidrs
  }
}

resource "aws_route53_record" "console" {
  zone_id = var.zone_id
  name    = var.host
  type    = "A"

  alias {
    name                   = module.claviger.load_balancer_dns_name
    zone_id                = module.claviger.load_balancer_zone_id
    evaluate_target_health = false
  }
}
