# Without AWS: the provider is a mock.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "444455556666" }
  }
  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::444455556666:role/mock" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:us-east-1:444455556666:mock"
      url = "https://sqs.us-east-1.amazonaws.com/444455556666/mock"
    }
  }
}

variables {
  hub_event_bus_arn = "arn:aws:events:us-east-1:111122223333:event-bus/claviger"
}

run "everything_but_reads" {
  command = apply

  assert {
    condition     = toset(keys(aws_cloudwatch_event_rule.forwarded)) == toset(["claviger-secrets", "claviger-parameters", "claviger-findings", "claviger-role-alarms", "claviger-trail-alarms", "claviger-rule-alarms"])
    error_message = "Other rules are on by default."
  }
  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.hub : target.arn == var.hub_event_bus_arn && target.role_arn == aws_iam_role.events.arn && target.dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn])
    error_message = "A rule has another target, no role or no dead-letter queue."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.events.policy).Statement == [{ Effect = "Allow", Action = "events:PutEvents", Resource = var.hub_event_bus_arn }]
    error_message = "The role may do more than send to the hub."
  }
  assert {
    condition = jsondecode(aws_iam_role.events.assume_role_policy).Statement[0].Condition == {
      StringEquals = { "aws:SourceAccount" = "444455556666" }
      ArnLike      = { "aws:SourceArn" = "arn:aws:events:us-east-1:444455556666:rule/claviger-*" }
    }
    error_message = "Other rules may use the role."
  }
}

run "reads_need_their_own_state" {
  command = apply

  variables {
    forward_reads      = true
    forward_parameters = false
    forward_findings   = false
    forward_alarms     = false
    role_names         = { access = "jit" }
  }

  assert {
    condition     = { for name, rule in aws_cloudwatch_event_rule.forwarded : name => rule.state } == { claviger-secrets = "ENABLED", claviger-reads = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" }
    error_message = "Reads do not reach their rule, or another rule is on."
  }
}

run "no_alarm_by_default" {
  command = apply

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.rules_fail) == 0
    error_message = "An alarm that nobody hears costs money."
  }
}

run "one_alarm_has_every_rule" {
  command = apply

  variables {
    alarm_topic = "111122223333:security"
  }

  assert {
    condition     = toset(flatten([for query in aws_cloudwatch_metric_alarm.rules_fail[0].metric_query : [for metric in query.metric : metric.dimensions.RuleName]])) == toset(keys(aws_cloudwatch_event_rule.forwarded))
    error_message = "A rule can fail without the alarm."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.rules_fail[0].alarm_actions == toset(["arn:aws:sns:us-east-1:111122223333:security"])
    error_message = "Another topic hears it."
  }
}

run "what_is_no_topic_is_refused" {
  command = plan

  variables {
    alarm_topic = "arn:aws:sns:us-east-1:111122223333:security"
  }

  expect_failures = [var.alarm_topic]
}

run "roles_have_the_given_names" {
  command = apply

  variables {
    role_names = { access = "jit" }
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.forwarded["claviger-role-alarms"].event_pattern).detail.requestParameters.roleName == ["claviger-inventory", "jit", "claviger-remediation", "claviger-consumers", "claviger-iam"]
    error_message = "The alarm is about other roles."
  }
}

run "iam_is_in_one_region" {
  command = apply

  override_data {
    target = data.aws_region.current
    values = { id = "eu-west-1" }
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_event_rule.forwarded), "claviger-role-alarms") && contains(keys(aws_cloudwatch_event_rule.forwarded), "claviger-trail-alarms") && aws_iam_role.events.name == "claviger-events-eu-west-1"
    error_message = "A rule waits for events of IAM where there are none."
  }
}
