# One key for what the hub stores: the database with its backups, the secrets, and the logs.

resource "aws_kms_key" "hub" {
  description             = "What Claviger stores: database, secrets, logs"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheAccountDecidesByIam"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "CloudWatchLogs"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.${local.dns_suffix}" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {
          ArnEquals = {
            "kms:EncryptionContext:aws:logs:arn" = [for name in values(local.log_groups) : "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${name}"]
          }
        }
      },
    ]
  })
}

resource "aws_kms_alias" "hub" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.hub.key_id
}
