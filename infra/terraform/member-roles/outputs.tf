output "role_arns" {
  description = "ARNs of the roles that were created, by their word, such as inventory."
  value       = { for key, role in aws_iam_role.member : key => role.arn }
}

output "template_version" {
  description = "Version of the roles, also their tag claviger:template-version."
  value       = local.template_version
}
