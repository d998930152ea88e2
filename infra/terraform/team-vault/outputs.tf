output "key_arn" {
  description = "ARN of the vault's key."
  value       = aws_kms_key.vault.arn
}

output "secret_arns" {
  description = "ARNs of the secrets, by their names after the prefix."
  value       = { for name, secret in aws_secretsmanager_secret.vault : name => secret.arn }
}

output "readers_role_arn" {
  description = "ARN of the readers' role."
  value       = aws_iam_role.readers.arn
}

output "rotators_role_arn" {
  description = "ARN of the role for rotation functions."
  value       = aws_iam_role.rotators.arn
}
