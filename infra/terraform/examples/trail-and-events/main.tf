# A trail in the management account, events from every account and Region to the hub's account, and alarms to a topic.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

# Credentials of the management account.
provider "aws" {
  region = var.region
}

# Credentials of the account in which Claviger runs, by a role of your own in it.
provider "aws" {
  alias  = "hub"
  region = var.region

  assume_role {
    role_arn = var.hub_deployment_role_arn
  }
}

module "trail" {
  source = "../../trail"

  organization_id = var.organization_id
  first_day       = var.first_day
}

module "events" {
  source    = "../../events"
  providers = { aws = aws.hub }

  organization_id    = var.organization_id
  hub_role_arn       = var.hub_role_arn
  create_alarm_topic = true
}

resource "aws_cloudformation_stack_set" "events" {
  name             = "claviger-events"
  description      = "Rules that send events to Claviger"
  permission_model = "SERVICE_MANAGED"
  call_as          = "SELF"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${path.module}/../../../cloudformation/events.yaml")

  parameters = {
    HubEventBusArn = module.events.event_bus_arn
  }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

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

# One for each Region, for Terraform knows no instances in several.
resource "aws_cloudformation_stack_set_instance" "events" {
  for_each = toset(var.regions)

  stack_set_name = aws_cloudformation_stack_set.events.name
  call_as        = "SELF"
  # From version 6 of the provider on also called stack_set_instance_region.
  region = each.value

  deployment_targets {
    organizational_unit_ids = var.organizational_unit_ids
  }

  operation_preferences {
    max_concurrent_percentage    = 50
    failure_tolerance_percentage = 20
  }

  # Operations of one stack set run one after the other.
  timeouts {
    create = "3h"
    update = "3h"
    delete = "3h"
  }
}

# The management account is in no service-managed stack set. Its other Regions take a module each, with a provider of their own.
module "management_account" {
  source = "../../events/member"

  hub_event_bus_arn = module.events.event_bus_arn
}
