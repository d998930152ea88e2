resource "aws_kms_key" "events" {
  description             = "Events that Claviger has not read yet"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "TheAccountDecidesByIam"
          Effect    = "Allow"
          Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
          Action    = ["kms:*"]
          Resource  = "*"
          Condition = {}
        },
        # As AWS documents it. EventBridge sends no source with it, so a condition would admit nothing: queue and topic decide
        # who may send.
        {
          Sid       = "EventBridge"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = "*"
          Condition = {}
        },
        {
          Sid       = "CloudWatch"
          Effect    = "Allow"
          Principal = { Service = "cloudwatch.amazonaws.com" }
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = "*"
          Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
        },
      ],
      [
        for arn in var.hub_role_arn[*] : {
          Sid       = "Claviger"
          Effect    = "Allow"
          Principal = { AWS = arn }
          Action    = ["kms:Decrypt"]
          Resource  = "*"
          Condition = { StringEquals = { "kms:ViaService" = "sqs.${local.region}.${data.aws_partition.current.dns_suffix}" } }
        }
      ],
    )
  })
}

resource "aws_kms_alias" "events" {
  name          = "alias/${var.name}-events"
  target_key_id = aws_kms_key.events.key_id
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-events-dead-letters"
  message_retention_seconds = 1209600
  kms_master_key_id         = aws_kms_key.events.arn
  tags                      = var.tags
}

resource "aws_sqs_queue" "events" {
  name = "${var.name}-events"
  # Longer than a weekend: a console that was down finds what happened meanwhile.
  message_retention_seconds  = 345600
  visibility_timeout_seconds = 60
  receive_wait_time_seconds  = 20
  kms_master_key_id          = aws_kms_key.events.arn
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letters.arn, maxReceiveCount = 5 })
  tags                       = var.tags
}

resource "aws_sqs_queue_policy" "queues" {
  for_each = {
    events       = aws_sqs_queue.events
    dead_letters = aws_sqs_queue.dead_letters
  }

  queue_url = each.value.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "Rules"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = ["sqs:SendMessage"]
          Resource  = each.value.arn
          Condition = { ArnLike = { "aws:SourceArn" = local.rule_arns } }
        },
      ],
      [
        for arn in var.hub_role_arn[*] : {
          Sid       = "Claviger"
          Effect    = "Allow"
          Principal = { AWS = arn }
          Action    = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
          Resource  = each.value.arn
          Condition = {}
        }
      ],
      [
        {
          Sid       = "TlsOnly"
          Effect    = "Deny"
          Principal = "*"
          Action    = ["sqs:*"]
          Resource  = each.value.arn
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
      ],
    )
  })
}
