output "role_arns" {
  description = "ARNs of the roles, by account."
  value = {
    management = module.management.role_arns
    payments   = module.payments.role_arns
    growth     = module.growth.role_arns
  }
}
