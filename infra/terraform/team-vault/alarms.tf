# CloudTrail names a secret by its ARN in the events of the service, and as the caller did in calls.
locals {
  named = [{ prefix = trimsuffix(local.secret_arns, "*") }]
  called = [
    { prefix = local.name_prefix },
    { prefix = trimsuffix(local.secret_arns, "*") },
  ]
}

resource "aws_cloudwatch_event_rule" "alarms" {
  count       = var.alarm_topic_arn == null ? 0 : 1
  name        = "${var.team}-vault-alarms"
  description = "Failed rotations, deletions and changes of policies in the vault of the team ${var.team}"
  tags        = local.tags

  event_pattern = jsonencode({
    source = ["aws.secretsmanager"]
    "$or" = [
      {
        "detail-type" = ["AWS Service Event via CloudTrail"]
        detail = {
          eventName           = ["RotationAbandoned", "RotationFailed", "StartSecretVersionDelete", "TestRotationFailed"]
          additionalEventData = { SecretId = local.named }
        }
      },
      {
        "detail-type" = ["AWS API Call via CloudTrail"]
        detail = {
          eventName         = ["CancelRotateSecret", "DeleteResourcePolicy", "DeleteSecret", "PutResourcePolicy"]
          requestParameters = { secretId = local.called }
          errorCode         = [{ exists = false }]
        }
      },
    ]
  })
}

resource "aws_cloudwatch_event_target" "alarms" {
  count     = var.alarm_topic_arn == null ? 0 : 1
  rule      = aws_cloudwatch_event_rule.alarms[0].name
  target_id = "topic"
  arn       = var.alarm_topic_arn
}
