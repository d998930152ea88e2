output "function_arn" {
  description = "ARN of the function, for the rotation of a secret."
  value       = aws_lambda_function.rotation.arn
}
