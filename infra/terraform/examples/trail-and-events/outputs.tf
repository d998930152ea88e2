output "queue_url" {
  description = "URL of the queue from which Claviger reads events."
  value       = module.events.queue_url
}

output "alarm_topic_arn" {
  description = "ARN of the topic that needs subscriptions."
  value       = module.events.alarm_topic_arn
}

output "table" {
  description = "Database and table of Athena."
  value       = module.trail.table
}
