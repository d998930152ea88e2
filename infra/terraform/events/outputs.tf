output "event_bus_arn" {
  description = "ARN of the event bus: hub_event_bus_arn of the module member, HubEventBusArn of the stack set."
  value       = aws_cloudwatch_event_bus.organization.arn
}

output "queue_url" {
  description = "URL of the queue."
  value       = aws_sqs_queue.events.url
}

output "dead_letters_url" {
  description = "URL of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.url
}

output "alarm_topic_arn" {
  description = "ARN of the topic; null without."
  value       = one(aws_sns_topic.alarms[*].arn)
}
