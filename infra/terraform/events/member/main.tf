data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id
  # `id` is the Region's name in both versions of the provider.
  region = data.aws_region.current.id

  # IAM is global: its calls are events of this Region alone.
  global_region = lookup({ aws-us-gov = "us-gov-west-1", aws-cn = "cn-north-1" }, local.partition, "us-east-1")

  patterns = jsondecode(templatefile("${path.module}/../patterns.json.tftpl", {
    inventory_role_name   = var.role_names.inventory
    access_role_name      = var.role_names.access
    remediation_role_name = var.role_names.remediation
    consumers_role_name   = var.role_names.consumers
    iam_role_name         = var.role_names.iam
  }))
  rule_arns = "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/claviger-*"

  rules = {
    for name, rule in {
      claviger-secrets      = { description = "Changes of secrets, for Claviger", is_on = true }
      claviger-parameters   = { description = "Changes of parameters, for Claviger", is_on = var.forward_parameters }
      claviger-findings     = { description = "GuardDuty's findings about credentials, for Claviger", is_on = var.forward_findings }
      claviger-role-alarms  = { description = "A role of Claviger is deleted, or others may assume it", is_on = var.forward_alarms && local.region == local.global_region }
      claviger-trail-alarms = { description = "A trail is stopped, deleted or changed", is_on = var.forward_alarms }
      claviger-rule-alarms  = { description = "A rule of Claviger is disabled, deleted or left without target", is_on = var.forward_alarms }
      claviger-reads        = { description = "Reads of values, for Claviger", is_on = var.forward_reads }
    } : name => rule.description if rule.is_on
  }
}

# One for each Region, as in CloudFormation. The hub's bus knows it by its name.
resource "aws_iam_role" "events" {
  name                 = "claviger-events-${local.region}"
  description          = "EventBridge sends events to Claviger's event bus with it"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = local.rule_arns }
      }
    }]
  })
}

resource "aws_iam_role_policy" "events" {
  name = "claviger-events"
  role = aws_iam_role.events.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "events:PutEvents", Resource = var.hub_event_bus_arn }]
  })
}

# What could not be delivered within a day.
resource "aws_sqs_queue" "dead_letters" {
  # checkov:skip=CKV_AWS_27:SQS's own key encrypts it. A customer managed key costs a dollar a month in each account and Region
  name                      = "claviger-rules-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Rules"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = { ArnLike = { "aws:SourceArn" = local.rule_arns } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "forwarded" {
  for_each = local.rules

  name          = each.key
  description   = each.value
  event_pattern = jsonencode(local.patterns[each.key].pattern)
  state         = local.patterns[each.key].state
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "hub" {
  for_each = local.rules

  rule      = aws_cloudwatch_event_rule.forwarded[each.key].name
  target_id = "hub"
  arn       = var.hub_event_bus_arn
  role_arn  = aws_iam_role.events.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

# CloudWatch publishes to topics of its own Region only; a topic of another account has to admit it by policy.
resource "aws_cloudwatch_metric_alarm" "rules_fail" {
  count = var.alarm_topic == null ? 0 : 1

  alarm_name          = "claviger-rules-fail"
  alarm_description   = "Rules of this account and Region cannot send their events to Claviger"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = ["arn:${local.partition}:sns:${local.region}:${var.alarm_topic}"]
  ok_actions          = ["arn:${local.partition}:sns:${local.region}:${var.alarm_topic}"]
  tags                = var.tags

  metric_query {
    id          = "failed"
    label       = "Events not sent"
    expression  = "SUM(FILL(METRICS(), 0))"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.rules

    content {
      id = replace(trimprefix(metric_query.key, "claviger-"), "-", "_")

      metric {
        namespace   = "AWS/Events"
        metric_name = "FailedInvocations"
        dimensions  = { RuleName = metric_query.key }
        period      = 300
        stat        = "Sum"
      }
    }
  }
}
