output "trail_arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.organization.arn
}

output "logs_bucket" {
  description = "Bucket with the logs."
  value       = aws_s3_bucket.logs.id
}

output "results_bucket" {
  description = "Bucket with the results of queries."
  value       = aws_s3_bucket.results.id
}

output "key_arn" {
  description = "ARN of the key of both buckets."
  value       = aws_kms_key.trail.arn
}

output "workgroup" {
  description = "Workgroup of Athena."
  value       = aws_athena_workgroup.trail.name
}

output "table" {
  description = "Database and table."
  value       = "${aws_glue_catalog_database.trail.name}.${aws_glue_catalog_table.cloudtrail.name}"
}
