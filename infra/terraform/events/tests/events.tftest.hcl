# Without AWS: the provider is a mock. infra/events/check.py compares the patterns with CloudFormation's.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = {
      partition  = "aws"
      dns_suffix = "amazonaws.com"
    }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_cloudwatch_event_bus" {
    defaults = { arn = "arn:aws:events:us-east-1:111122223333:event-bus/claviger" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:us-east-1:111122223333:mock"
      url = "https://sqs.us-east-1.amazonaws.com/111122223333/mock"
    }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:111122223333:mock" }
  }
}

variables {
  organization_id = "o-a1b2c3d4e5"
}

run "only_the_organization_sends_and_only_by_its_roles" {
  command = apply

  assert {
    condition = jsondecode(aws_cloudwatch_event_bus_policy.organization.policy).Statement[0].Condition == {
      StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" }
      ArnLike      = { "aws:PrincipalArn" = "arn:aws:iam::*:role/claviger-events-*" }
    }
    error_message = "The bus admits others."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.queue.event_pattern).source[0] == "aws.cloudtrail" && aws_cloudwatch_event_target.queue.dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn
    error_message = "The queue does not get what the accounts send."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.events.redrive_policy).maxReceiveCount == 5 && aws_sqs_queue.events.kms_master_key_id == aws_kms_key.events.arn && aws_sqs_queue.dead_letters.kms_master_key_id == aws_kms_key.events.arn
    error_message = "A queue has no redrive, or another key."
  }
  assert {
    condition     = contains(flatten([for statement in jsondecode(aws_kms_key.events.policy).Statement : statement.Action if try(statement.Principal.Service, "") == "events.amazonaws.com"]), "kms:GenerateDataKey")
    error_message = "EventBridge cannot use the key."
  }
  assert {
    condition     = length(aws_sns_topic.alarms) == 0 && length(aws_cloudwatch_event_rule.alarms) == 0 && length(aws_cloudwatch_metric_alarm.queues) == 0 && output.alarm_topic_arn == null
    error_message = "Alarms are off by default."
  }
  assert {
    condition     = toset([for statement in jsondecode(aws_sqs_queue_policy.queues["events"].policy).Statement : statement.Sid]) == toset(["Rules", "TlsOnly"])
    error_message = "Somebody else has access to the queue."
  }
}

run "claviger_reads_the_queue_and_alarms_are_published" {
  command = apply

  variables {
    hub_role_arn       = "arn:aws:iam::111122223333:role/claviger"
    create_alarm_topic = true
  }

  assert {
    condition     = [for statement in jsondecode(aws_sqs_queue_policy.queues["events"].policy).Statement : statement.Principal.AWS if statement.Sid == "Claviger"] == ["arn:aws:iam::111122223333:role/claviger"] && length([for statement in jsondecode(aws_kms_key.events.policy).Statement : statement if statement.Sid == "Claviger"]) == 1
    error_message = "Claviger cannot read the queue."
  }
  assert {
    condition     = aws_cloudwatch_event_target.alarms[0].arn == aws_sns_topic.alarms[0].arn && length(aws_cloudwatch_metric_alarm.queues) == 2
    error_message = "Alarms are not published."
  }
  assert {
    condition     = aws_cloudwatch_event_target.rotation_alarms[0].arn == aws_sns_topic.alarms[0].arn && aws_cloudwatch_metric_alarm.queue_rule[0].dimensions.RuleName == "claviger-queue"
    error_message = "Failed rotations, or a rule that cannot deliver, are not published."
  }
}

run "a_queue_without_reader_has_no_alarm_of_its_age" {
  command = apply

  variables {
    create_alarm_topic = true
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.queues) == ["dead-letters"]
    error_message = "An alarm about a queue that nobody reads."
  }
}

run "a_user_is_no_role" {
  command = plan

  variables {
    hub_role_arn = "arn:aws:iam::111122223333:user/claviger"
  }

  expect_failures = [var.hub_role_arn]
}
