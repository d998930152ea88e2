data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id
  # `id` is the Region's name in both versions of the provider.
  region      = data.aws_region.current.id
  name_prefix = coalesce(var.name_prefix, "${var.team}/")
  tags        = merge(var.tags, { (var.owner_tag) = coalesce(var.owner, var.team) })
  secret_arns = "arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${local.name_prefix}*"
  # What may be done with the key is done by Secrets Manager alone.
  via_secrets_manager = { StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.${data.aws_partition.current.dns_suffix}" } }
  functions           = toset(concat([var.rotation_function_arn], compact([for secret in values(var.secrets) : secret.rotation_function_arn])))
}

resource "aws_kms_key" "vault" {
  description             = "Secrets of the team ${var.team}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TheAccountDecidesByIam"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })

  lifecycle {
    precondition {
      condition     = length(setsubtract(var.required_tags, keys(local.tags))) == 0
      error_message = "tags lacks ${join(", ", setsubtract(var.required_tags, keys(local.tags)))}."
    }
  }
}

resource "aws_kms_alias" "vault" {
  name          = "alias/${var.team}-vault"
  target_key_id = aws_kms_key.vault.key_id
}

# A secret without a value: its first version is written by whoever knows it, and Terraform's state has none.
resource "aws_secretsmanager_secret" "vault" {
  for_each = var.secrets

  name        = "${local.name_prefix}${each.key}"
  description = each.value.description
  kms_key_id  = aws_kms_key.vault.arn
  tags        = local.tags

  dynamic "replica" {
    for_each = each.value.replicas
    content {
      region     = replica.key
      kms_key_id = replica.value
    }
  }
}

# Denies only: who may read is said by the policy of the readers' role.
resource "aws_secretsmanager_secret_policy" "vault" {
  for_each = aws_secretsmanager_secret.vault

  secret_arn          = each.value.arn
  block_public_policy = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyThisOrganization"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:*"
        Resource  = "*"
        Condition = {
          StringNotEquals = { "aws:PrincipalOrgID" = var.organization_id }
          Bool            = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
      {
        Sid       = "OnlyTheseReaders"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
        Condition = {
          ArnNotLike = { "aws:PrincipalArn" = concat([aws_iam_role.readers.arn, aws_iam_role.rotators.arn], var.other_reader_arns) }
          Bool       = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
    ]
  })
}

# Creating or changing a rotation does not rotate.
resource "aws_secretsmanager_secret_rotation" "vault" {
  #checkov:skip=CKV_AWS_304:Every 30 days, or by the schedule that the team gives.
  for_each = { for name, secret in var.secrets : name => secret if secret.rotates }

  secret_id           = aws_secretsmanager_secret.vault[each.key].id
  rotation_lambda_arn = coalesce(each.value.rotation_function_arn, var.rotation_function_arn)
  rotate_immediately  = false

  rotation_rules {
    automatically_after_days = each.value.schedule == null ? 30 : null
    schedule_expression      = each.value.schedule
    duration                 = each.value.window
  }
}
