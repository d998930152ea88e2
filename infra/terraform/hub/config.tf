# Off by default: AWS Config, for those who compare Claviger's results with it. Needs the management account, or a delegated
# administrator of config.amazonaws.com and config-multiaccountsetup.amazonaws.com.

locals {
  config_rules = {
    secretsmanager-rotation-enabled-check           = "SECRETSMANAGER_ROTATION_ENABLED_CHECK"
    secretsmanager-scheduled-rotation-success-check = "SECRETSMANAGER_SCHEDULED_ROTATION_SUCCESS_CHECK"
    secretsmanager-secret-periodic-rotation         = "SECRETSMANAGER_SECRET_PERIODIC_ROTATION"
    secretsmanager-secret-unused                    = "SECRETSMANAGER_SECRET_UNUSED"
    secretsmanager-using-cmk                        = "SECRETSMANAGER_USING_CMK"
  }
}

resource "aws_iam_role" "aggregator" {
  count = var.aws_config.aggregator ? 1 : 0

  name                 = "${var.name}-config-aggregator"
  description          = "AWS Config reads the Organization's accounts with it"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "config.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "aggregator" {
  count = var.aws_config.aggregator ? 1 : 0

  role       = aws_iam_role.aggregator[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWSConfigRoleForOrganizations"
}

resource "aws_config_configuration_aggregator" "organization" {
  count = var.aws_config.aggregator ? 1 : 0

  name = var.name
  tags = var.tags

  organization_aggregation_source {
    all_regions = true
    role_arn    = aws_iam_role.aggregator[0].arn
  }

  depends_on = [aws_iam_role_policy_attachment.aggregator]
}

resource "aws_config_organization_conformance_pack" "secrets" {
  count = var.aws_config.conformance_pack ? 1 : 0

  name              = "${var.name}-secrets"
  excluded_accounts = var.aws_config.excluded_account_ids

  template_body = jsonencode({
    Resources = {
      for name, identifier in local.config_rules : replace(title(replace(name, "-", " ")), " ", "") => {
        Type = "AWS::Config::ConfigRule"
        Properties = {
          ConfigRuleName = name
          Source         = { Owner = "AWS", SourceIdentifier = identifier }
        }
      }
    }
  })
}
