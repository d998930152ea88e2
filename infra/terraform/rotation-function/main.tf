data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  partition    = data.aws_partition.current.partition
  account_id   = data.aws_caller_identity.current.account_id
  region       = data.aws_region.current.id
  function_arn = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${var.name}"

  environment = {
    http = { DESCRIPTION = var.api_description, ADMIN_SECRET_ARN = var.admin_secret_arn == null ? "" : var.admin_secret_arn }
    ssh  = { KEEP_PREVIOUS = tostring(var.keep_previous_key) }
  }
}

resource "aws_cloudwatch_log_group" "rotation" {
  #checkov:skip=CKV_AWS_158:log_kms_key_arn sets a key. The logs have no values of secrets.
  #checkov:skip=CKV_AWS_338:log_retention_days sets it.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
}

resource "aws_iam_role" "rotation" {
  name                 = "${var.name}-${local.region}"
  description          = "A rotation function of Claviger"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "rotation" {
  name = "rotation"
  role = aws_iam_role.rotation.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid    = "Rotate"
          Effect = "Allow"
          Action = [
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
          ]
          Resource  = var.secret_arn_pattern
          Condition = { StringEquals = { "secretsmanager:resource/AllowRotationLambdaArn" = local.function_arn } }
        },
        {
          Sid      = "Log"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${var.name}:*"
        },
      ],
      [for arn in var.admin_secret_arn[*] : {
        Sid      = "SignIn"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = arn
      }],
      [for arns in [var.kms_key_arns] : {
        Sid       = "Key"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = arns
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.${data.aws_partition.current.dns_suffix}" } }
      } if length(arns) > 0],
    )
  })
}

resource "aws_iam_role_policy_attachment" "network" {
  count      = length(var.subnet_ids) > 0 ? 1 : 0
  role       = aws_iam_role.rotation.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"
}

resource "aws_lambda_function" "rotation" {
  #checkov:skip=CKV_AWS_50:A step takes seconds, and its log says what it did.
  #checkov:skip=CKV_AWS_116:Secrets Manager invokes it synchronously, repeats a rotation that failed, and reports it.
  #checkov:skip=CKV_AWS_117:subnet_ids sets it. A function for an API on the internet needs no VPC.
  #checkov:skip=CKV_AWS_173:The environment has a description and an ARN, and no credentials.
  #checkov:skip=CKV_AWS_272:Code signing needs a signing profile, which is the account's.
  function_name                  = var.name
  description                    = "Rotates secrets"
  architectures                  = ["arm64"]
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  memory_size                    = 128
  timeout                        = 300
  role                           = aws_iam_role.rotation.arn
  s3_bucket                      = var.code_bucket
  s3_key                         = var.code_key
  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = local.environment[var.kind]
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.rotation.name
    log_format = "Text"
  }

  dynamic "vpc_config" {
    for_each = length(var.subnet_ids) > 0 ? [1] : []
    content {
      subnet_ids         = var.subnet_ids
      security_group_ids = var.security_group_ids
    }
  }

  lifecycle {
    precondition {
      condition     = var.kind != "http" || var.api_description != ""
      error_message = "Kind http needs api_description."
    }
  }

  depends_on = [aws_iam_role_policy.rotation, aws_iam_role_policy_attachment.network]
}

# For rotations of this account's secrets alone.
resource "aws_lambda_permission" "secrets_manager" {
  function_name  = aws_lambda_function.rotation.function_name
  action         = "lambda:InvokeFunction"
  principal      = "secretsmanager.amazonaws.com"
  source_account = local.account_id
}
