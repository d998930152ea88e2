# Without AWS: the provider is a mock.

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
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/payments-vault-readers" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:payments/ledger-AbCdEf" }
  }
}

variables {
  team                  = "payments"
  organization_id       = "o-a1b2c3d4e5"
  rotation_function_arn = "arn:aws:lambda:us-east-1:111122223333:function:rotate"
  reader_services       = ["ecs-tasks.amazonaws.com"]
  secrets               = { ledger = { description = "The ledger's user" } }
}

run "a_secret_has_owner_key_policy_and_rotation" {
  command = apply

  assert {
    condition     = aws_secretsmanager_secret.vault["ledger"].name == "payments/ledger" && aws_secretsmanager_secret.vault["ledger"].tags["owner"] == "payments"
    error_message = "The secret has another name, or no owner."
  }
  assert {
    condition     = aws_secretsmanager_secret.vault["ledger"].kms_key_id == aws_kms_key.vault.arn && aws_kms_key.vault.enable_key_rotation
    error_message = "The secret is not under the vault's key, or that key does not rotate."
  }
  assert {
    condition     = aws_secretsmanager_secret_rotation.vault["ledger"].rotate_immediately == false && aws_secretsmanager_secret_rotation.vault["ledger"].rotation_rules[0].automatically_after_days == 30
    error_message = "The rotation starts at once, or not every 30 days."
  }
  assert {
    condition     = toset(jsondecode(aws_secretsmanager_secret_policy.vault["ledger"].policy).Statement[*].Effect) == toset(["Deny"])
    error_message = "The resource policy allows something."
  }
  assert {
    condition     = length(aws_cloudwatch_event_rule.alarms) == 0
    error_message = "There is an alarm without a topic."
  }
}

run "roles_reach_this_prefix_alone" {
  command = apply

  assert {
    condition = alltrue([
      for statement in concat(jsondecode(aws_iam_role_policy.readers.policy).Statement, jsondecode(aws_iam_role_policy.rotators.policy).Statement) :
      statement.Sid == "Password" || statement.Sid == "Key" || statement.Resource == "arn:aws:secretsmanager:us-east-1:111122223333:secret:payments/*"
    ])
    error_message = "A role reaches secrets of others."
  }
  assert {
    condition     = !contains(jsondecode(aws_iam_role_policy.readers.policy).Statement[0].Action, "secretsmanager:PutSecretValue")
    error_message = "Readers may write."
  }
  assert {
    condition     = jsondecode(aws_iam_role.readers.assume_role_policy).Statement[0].Principal == { Service = ["ecs-tasks.amazonaws.com"] }
    error_message = "Others may assume the readers' role."
  }
}

run "alarms_name_the_prefix_and_the_topic" {
  command = apply

  variables {
    alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:payments"
  }

  assert {
    condition     = aws_cloudwatch_event_target.alarms[0].arn == "arn:aws:sns:us-east-1:111122223333:payments"
    error_message = "The alarm goes elsewhere."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.alarms[0].event_pattern)["$or"][0].detail.additionalEventData.SecretId[0].prefix == "arn:aws:secretsmanager:us-east-1:111122223333:secret:payments/"
    error_message = "The alarm is about other secrets."
  }
}

run "a_secret_without_a_value_waits_with_its_rotation" {
  command = apply

  variables {
    secrets = { ledger = { description = "The ledger's user", rotates = false } }
  }

  assert {
    condition     = length(aws_secretsmanager_secret_rotation.vault) == 0
    error_message = "It rotates."
  }
}

run "required_tags_have_to_be_there" {
  command = plan

  variables {
    required_tags = ["env", "owner"]
  }

  expect_failures = [aws_kms_key.vault]
}

run "somebody_has_to_read" {
  command = plan

  variables {
    reader_services = []
  }

  expect_failures = [aws_iam_role.readers]
}

run "a_prefix_ends_with_a_slash" {
  command = plan

  variables {
    name_prefix = "payments"
  }

  expect_failures = [var.name_prefix]
}
