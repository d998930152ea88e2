locals {
  alarms = {
    queue-is-old = {
      description = "Claviger has not read an event for fifteen minutes", metric = "ApproximateAgeOfOldestMessage"
      queue       = aws_sqs_queue.events.name, threshold = 900
      # Without a reader, the queue is always old.
      is_on = var.hub_role_arn != null
    }
    dead-letters = {
      description = "Events could not be delivered, or Claviger could not process them", metric = "ApproximateNumberOfMessagesVisible"
      queue       = aws_sqs_queue.dead_letters.name, threshold = 0
      is_on       = true
    }
  }
}

resource "aws_sns_topic" "alarms" {
  count = var.create_alarm_topic ? 1 : 0

  name              = "${var.name}-events-alarms"
  kms_master_key_id = aws_kms_key.events.arn
  tags              = var.tags
}

# AWS: EventBridge cannot publish to a topic whose policy has a condition for it.
resource "aws_sns_topic_policy" "alarms" {
  count = var.create_alarm_topic ? 1 : 0

  arn = aws_sns_topic.alarms[0].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms[0].arn
      },
      {
        Sid       = "CloudWatch"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms[0].arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      },
    ]
  })
}

# Only rules of the module member send to this bus, and these have filtered roles, rules and failed calls already. A secret can
# become public only by a call without BlockPublicPolicy: with it, AWS refuses such a policy.
resource "aws_cloudwatch_event_rule" "alarms" {
  count = var.create_alarm_topic ? 1 : 0

  name           = "${var.name}-alarms"
  description    = "What nobody should do unseen, to the topic"
  event_bus_name = aws_cloudwatch_event_bus.organization.name
  event_pattern  = jsonencode(local.patterns["claviger-alarms"].pattern)
  state          = local.patterns["claviger-alarms"].state
  tags           = var.tags
}

resource "aws_cloudwatch_event_target" "alarms" {
  count = var.create_alarm_topic ? 1 : 0

  rule           = aws_cloudwatch_event_rule.alarms[0].name
  event_bus_name = aws_cloudwatch_event_bus.organization.name
  target_id      = "topic"
  arn            = aws_sns_topic.alarms[0].arn

  input_transformer {
    input_paths = {
      account = "$.account"
      call    = "$.detail.eventName"
      region  = "$.region"
      source  = "$.source"
      time    = "$.time"
      who     = "$.detail.userIdentity.arn"
      id      = "$.detail.eventID"
    }
    input_template = "\"<call> in account <account>, Region <region>, at <time> by <who> (source <source>, CloudTrail event <id>)\""
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

# CloudWatch has no metric for failed rotations: this rule is what tells of them without Claviger.
resource "aws_cloudwatch_event_rule" "rotation_alarms" {
  count = var.create_alarm_topic ? 1 : 0

  name           = "${var.name}-rotation-alarms"
  description    = "Rotations that failed and versions that are deleted, to the topic"
  event_bus_name = aws_cloudwatch_event_bus.organization.name
  event_pattern  = jsonencode(local.patterns["claviger-rotation-alarms"].pattern)
  state          = local.patterns["claviger-rotation-alarms"].state
  tags           = var.tags
}

resource "aws_cloudwatch_event_target" "rotation_alarms" {
  count = var.create_alarm_topic ? 1 : 0

  rule           = aws_cloudwatch_event_rule.rotation_alarms[0].name
  event_bus_name = aws_cloudwatch_event_bus.organization.name
  target_id      = "topic"
  arn            = aws_sns_topic.alarms[0].arn

  input_transformer {
    input_paths = {
      account = "$.account"
      call    = "$.detail.eventName"
      region  = "$.region"
      secret  = "$.detail.additionalEventData.SecretId"
      source  = "$.source"
      time    = "$.time"
      id      = "$.detail.eventID"
    }
    input_template = "\"<call> of <secret> in account <account>, Region <region>, at <time> (source <source>, CloudTrail event <id>)\""
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

# What a rule matched and could not deliver is in the dead-letter queue; without rights for that queue, only here.
resource "aws_cloudwatch_metric_alarm" "queue_rule" {
  count = var.create_alarm_topic ? 1 : 0

  alarm_name          = "${var.name}-events-queue-rule-fails"
  alarm_description   = "The rule that brings events to Claviger cannot deliver them"
  namespace           = "AWS/Events"
  metric_name         = "FailedInvocations"
  dimensions          = { EventBusName = aws_cloudwatch_event_bus.organization.name, RuleName = aws_cloudwatch_event_rule.queue.name }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "queues" {
  for_each = { for key, alarm in local.alarms : key => alarm if var.create_alarm_topic && alarm.is_on }

  alarm_name          = "${var.name}-events-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/SQS"
  metric_name         = each.value.metric
  dimensions          = { QueueName = each.value.queue }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
  ok_actions          = [aws_sns_topic.alarms[0].arn]
  tags                = var.tags
}
