# Without values: those are put in by the AWS CLI, and so are never in Terraform's state.

locals {
  secrets = {
    CLAVIGER_OIDC_CLIENT_SECRET = "oidc-client-secret"
    CLAVIGER_EXTERNAL_ID        = "external-id"
  }

  secret_arns = merge({ for key, secret in aws_secretsmanager_secret.hub : key => secret.arn }, var.extra_secrets)
}

resource "aws_secretsmanager_secret" "hub" {
  # checkov:skip=CKV2_AWS_57:Each value has another side (identity provider, trust policies) that changes with it
  for_each = local.secrets

  name                    = "${var.name}/${each.value}"
  description             = "${each.key} of Claviger"
  kms_key_id              = aws_kms_key.hub.arn
  recovery_window_in_days = 30
  tags                    = var.tags
}
