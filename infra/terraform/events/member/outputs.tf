output "role_arn" {
  description = "ARN of the role with which events are sent."
  value       = aws_iam_role.events.arn
}

output "dead_letters_url" {
  description = "Queue of events that could not be delivered."
  value       = aws_sqs_queue.dead_letters.url
}
