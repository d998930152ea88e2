locals {
  log_groups = merge(
    {
      console = "/${var.name}/console"
      # The name is RDS's.
      database = "/aws/rds/cluster/${var.name}/postgresql"
    },
    local.create_network ? { flow = "/${var.name}/flow" } : {},
  )
}

resource "aws_cloudwatch_log_group" "hub" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.hub.arn
  tags              = var.tags
}

# The text of the error that the console logs when a published head is no longer in the audit log.
resource "aws_cloudwatch_log_metric_filter" "audit" {
  name           = "${var.name}-audit-log-changed"
  log_group_name = aws_cloudwatch_log_group.hub["console"].name
  pattern        = "\"an entry of the audit log that was published is no longer there\""

  metric_transformation {
    namespace     = "Claviger/${var.name}"
    name          = "AuditLogChanged"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "${var.name}-errors"
  log_group_name = aws_cloudwatch_log_group.hub["console"].name
  pattern        = "{ $.level = \"ERROR\" }"

  metric_transformation {
    namespace     = "Claviger/${var.name}"
    name          = "Errors"
    value         = "1"
    default_value = "0"
  }
}
