# The roles in every account of an Organization: a service-managed stack set, whose stacks AWS creates in new accounts by
# itself, and the module for the management account, which service-managed stack sets leave out.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

# Credentials of the management account. Roles are global: the Region is only where the stacks are kept.
provider "aws" {
  region = var.region
}

resource "aws_cloudformation_stack_set" "member_roles" {
  name             = "claviger-member-roles"
  description      = "Roles that Claviger assumes"
  permission_model = "SERVICE_MANAGED"
  call_as          = "SELF"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${path.module}/../../../cloudformation/member-roles.yaml")

  parameters = {
    HubPrincipalArn = var.hub_principal_arn
    ExternalId      = var.external_id
    OrganizationId  = var.organization_id
  }

  auto_deployment {
    enabled = true
    # An account that leaves the OUs loses the roles: nobody who manages Claviger should still be able to enter it.
    retain_stacks_on_account_removal = false
  }

  # Updates of the template, in as many accounts at a time as the first roll-out. A percentage of tolerated failures, for
  # without it the first account that fails stops the others.
  operation_preferences {
    max_concurrent_percentage    = 50
    failure_tolerance_percentage = 20
    region_concurrency_type      = "PARALLEL"
  }

  managed_execution {
    active = true
  }

  lifecycle {
    # AWS sets it for service-managed stack sets, and Terraform would take it away again with each plan.
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_set_instance" "member_roles" {
  stack_set_name = aws_cloudformation_stack_set.member_roles.name
  call_as        = "SELF"
  # From version 6 of the provider on also called stack_set_instance_region.
  region = var.region

  deployment_targets {
    organizational_unit_ids = var.organizational_unit_ids
  }

  operation_preferences {
    max_concurrent_percentage    = 50
    failure_tolerance_percentage = 20
    region_concurrency_type      = "PARALLEL"
  }
}

module "management_account" {
  source = "../../member-roles"

  hub_principal_arn = var.hub_principal_arn
  external_id       = var.external_id
  organization_id   = var.organization_id
}
