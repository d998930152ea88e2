output "hub_principal_arn" {
  description = "ARN of the hub's role, for the member roles."
  value       = module.claviger.hub_principal_arn
}

output "secret_arns" {
  description = "ARNs of the secrets that need values."
  value       = module.claviger.secret_arns
}

output "database" {
  description = "The database: its cluster, its writer, its roles."
  value       = module.claviger.database
}

output "migrate_command" {
  description = "Runs claviger migrate."
  value       = module.claviger.migrate_command
}

output "check_command" {
  description = "Runs claviger check --online."
  value       = module.claviger.check_command
}

output "log_group" {
  description = "Log group of the console and of its one-off tasks."
  value       = module.claviger.log_group
}
