data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id
  # `id` is the Region's name in both versions of the provider.
  region = data.aws_region.current.id

  # Those of this module's rules name no role.
  patterns = jsondecode(templatefile("${path.module}/patterns.json.tftpl", {
    inventory_role_name   = ""
    access_role_name      = ""
    remediation_role_name = ""
    consumers_role_name   = ""
    iam_role_name         = ""
  }))
  rule_arns = "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${var.name}/${var.name}-*"
}

resource "aws_cloudwatch_event_bus" "organization" {
  name        = var.name
  description = "Events of the Organization's accounts, for Claviger"
  tags        = var.tags
}

# Rules send with the role of the module member, so the principal is that role, and there is no source ARN to compare.
resource "aws_cloudwatch_event_bus_policy" "organization" {
  event_bus_name = aws_cloudwatch_event_bus.organization.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "organization"
        Effect    = "Allow"
        Principal = "*"
        Action    = "events:PutEvents"
        Resource  = aws_cloudwatch_event_bus.organization.arn
        Condition = {
          StringEquals = { "aws:PrincipalOrgID" = var.organization_id }
          ArnLike      = { "aws:PrincipalArn" = "arn:${local.partition}:iam::*:role/claviger-events-*" }
        }
      },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "queue" {
  name           = "${var.name}-queue"
  description    = "What the accounts send, to the queue from which Claviger reads"
  event_bus_name = aws_cloudwatch_event_bus.organization.name
  event_pattern  = jsonencode(local.patterns["claviger-queue"].pattern)
  state          = local.patterns["claviger-queue"].state
  tags           = var.tags
}

resource "aws_cloudwatch_event_target" "queue" {
  rule           = aws_cloudwatch_event_rule.queue.name
  event_bus_name = aws_cloudwatch_event_bus.organization.name
  target_id      = "queue"
  arn            = aws_sqs_queue.events.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}
