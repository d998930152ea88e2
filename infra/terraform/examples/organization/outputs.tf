output "stack_set_id" {
  description = "Id of the stack set."
  value       = aws_cloudformation_stack_set.member_roles.stack_set_id
}

output "management_account_role_arns" {
  description = "ARNs of the roles in the management account."
  value       = module.management_account.role_arns
}
