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
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/claviger-rotation" }
  }
}

variables {
  kind               = "ssh"
  code_bucket        = "acme-code"
  code_key           = "rotation-ssh.zip"
  secret_arn_pattern = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ssh/*"
}

run "it_may_rotate_its_own_secrets_and_nothing_else" {
  command = apply

  assert {
    condition     = toset(jsondecode(aws_iam_role_policy.rotation.policy).Statement[*].Sid) == toset(["Rotate", "Log"])
    error_message = "The role has rights that nobody asked for."
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.rotation.policy).Statement :
      statement.Sid != "Rotate" || statement.Condition.StringEquals["secretsmanager:resource/AllowRotationLambdaArn"] == "arn:aws:lambda:us-east-1:111122223333:function:claviger-rotation"
    ])
    error_message = "It may change secrets that another function rotates."
  }
  assert {
    condition     = aws_lambda_permission.secrets_manager.source_account == "111122223333" && length(aws_iam_role_policy_attachment.network) == 0
    error_message = "Secrets Manager may invoke it for other accounts, or it may create network interfaces."
  }
  assert {
    condition     = join(",", keys(aws_lambda_function.rotation.environment[0].variables)) == "KEEP_PREVIOUS"
    error_message = "A function for SSH keys has a description."
  }
}

run "an_api_has_its_description_keys_and_network" {
  command = apply

  variables {
    kind             = "http"
    api_description  = "github-deploy-key"
    admin_secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:admin/github-AbCdEf"
    kms_key_arns     = ["arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"]
    subnet_ids       = ["subnet-1"]
  }

  assert {
    condition     = toset(jsondecode(aws_iam_role_policy.rotation.policy).Statement[*].Sid) == toset(["Rotate", "Log", "SignIn", "Key"])
    error_message = "It cannot read the administrator's secret, or use the keys."
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.rotation.policy).Statement :
      statement.Sid != "Key" || statement.Condition.StringEquals["kms:ViaService"] == "secretsmanager.us-east-1.amazonaws.com"
    ])
    error_message = "It may use the keys for other things than secrets."
  }
  assert {
    condition     = aws_lambda_function.rotation.environment[0].variables["DESCRIPTION"] == "github-deploy-key" && length(aws_iam_role_policy_attachment.network) == 1
    error_message = "The description or the network is missing."
  }
}

run "an_api_without_a_description_is_refused" {
  command = plan

  variables {
    kind = "http"
  }

  expect_failures = [aws_lambda_function.rotation]
}
