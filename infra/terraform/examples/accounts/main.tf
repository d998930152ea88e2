# The roles in single accounts, without a stack set: a provider and a module for each. Terraform cannot make providers by
# for_each, so a further account is a further pair of blocks.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

# Credentials of the management account. Roles are global: the Region is only where calls go.
provider "aws" {
  region = var.region
}

# AWS creates OrganizationAccountAccessRole in accounts that are created in the Organization. Control Tower's is
# AWSControlTowerExecution.
provider "aws" {
  alias  = "payments"
  region = var.region

  assume_role {
    role_arn = "arn:${data.aws_partition.current.partition}:iam::${var.payments_account_id}:role/${var.administration_role_name}"
  }
}

provider "aws" {
  alias  = "growth"
  region = var.region

  assume_role {
    role_arn = "arn:${data.aws_partition.current.partition}:iam::${var.growth_account_id}:role/${var.administration_role_name}"
  }
}

data "aws_partition" "current" {}

module "management" {
  source = "../../member-roles"

  hub_principal_arn = var.hub_principal_arn
  external_id       = var.external_id
  organization_id   = var.organization_id
}

module "payments" {
  source    = "../../member-roles"
  providers = { aws = aws.payments }

  hub_principal_arn = var.hub_principal_arn
  external_id       = var.external_id
  organization_id   = var.organization_id
}

module "growth" {
  source    = "../../member-roles"
  providers = { aws = aws.growth }

  hub_principal_arn = var.hub_principal_arn
  external_id       = var.external_id
  organization_id   = var.organization_id
}
