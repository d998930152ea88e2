# Readers read the values, of this prefix only.
resource "aws_iam_role" "readers" {
  name                 = "${var.team}-vault-readers"
  description          = "Reads the secrets of the team ${var.team}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = merge(
        length(var.reader_arns) > 0 ? { AWS = var.reader_arns } : {},
        length(var.reader_services) > 0 ? { Service = var.reader_services } : {},
      )
      Action = "sts:AssumeRole"
    }]
  })

  lifecycle {
    precondition {
      condition     = length(var.reader_arns) + length(var.reader_services) > 0
      error_message = "Name who reads, in reader_arns or reader_services."
    }
  }
}

resource "aws_iam_role_policy" "readers" {
  name = "read-secrets"
  role = aws_iam_role.readers.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        Resource = local.secret_arns
      },
      {
        Sid       = "Key"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = aws_kms_key.vault.arn
        Condition = local.via_secrets_manager
      },
    ]
  })
}

# Rotators are Lambda functions. They change only what names one of the vault's functions as its rotation.
resource "aws_iam_role" "rotators" {
  name                 = "${var.team}-vault-rotators"
  description          = "Rotates the secrets of the team ${var.team}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "rotators" {
  name = "rotate-secrets"
  role = aws_iam_role.rotators.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Rotate"
        Effect = "Allow"
        Action = [
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetSecretValue",
          "secretsmanager:PutSecretValue",
          "secretsmanager:UpdateSecretVersionStage",
        ]
        Resource  = local.secret_arns
        Condition = { StringEquals = { "secretsmanager:resource/AllowRotationLambdaArn" = local.functions } }
      },
      {
        Sid      = "Password"
        Effect   = "Allow"
        Action   = "secretsmanager:GetRandomPassword"
        Resource = "*"
      },
      {
        Sid       = "Key"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = aws_kms_key.vault.arn
        Condition = local.via_secrets_manager
      },
    ]
  })
}
