locals {
  one_off_network = "awsvpcConfiguration={subnets=[${join(",", local.private_subnet_ids)}],securityGroups=[${aws_security_group.console.id}],assignPublicIp=DISABLED}"
  run_task        = "aws ecs run-task --region ${local.region} --cluster ${aws_ecs_cluster.hub.name} --launch-type FARGATE --network-configuration '${local.one_off_network}'"
}

output "hub_principal_arn" {
  description = "ARN of the hub's role: the parameter HubPrincipalArn (hub_principal_arn) of the member roles."
  value       = aws_iam_role.hub.arn
}

output "load_balancer_dns_name" {
  description = "What the name in public_url has to point to, by a CNAME or an alias record."
  value       = aws_lb.hub.dns_name
}

output "load_balancer_zone_id" {
  description = "Hosted zone of the load balancer, for an alias record in Route 53."
  value       = aws_lb.hub.zone_id
}

output "secret_arns" {
  description = "ARNs of the secrets that need values, by the setting that they hold."
  value       = { for key, secret in aws_secretsmanager_secret.hub : key => secret.arn }
}

output "kms_key_arn" {
  description = "ARN of the hub's key."
  value       = aws_kms_key.hub.arn
}

output "database" {
  description = "The cluster: its ARN, its writer, the database, the console's role, and the secret of its owner."
  value = {
    cluster_arn      = aws_rds_cluster.hub.arn
    host             = aws_rds_cluster.hub.endpoint
    port             = aws_rds_cluster.hub.port
    name             = local.database
    console_role     = local.console_role
    owner            = local.owner
    owner_secret_arn = local.owner_secret_arn
  }
}

output "migrate_command" {
  description = "Runs claviger migrate as the schema's owner: before the first start, and before each upgrade."
  value       = "${local.run_task} --task-definition ${aws_ecs_task_definition.migration.arn}"
}

output "check_command" {
  description = "Runs claviger check --online with the console's settings, secrets and role. Its result is in the log group."
  value       = "${local.run_task} --task-definition ${aws_ecs_task_definition.console.arn} --overrides '${jsonencode({ containerOverrides = [{ name = "console", command = ["check", "--online"] }] })}'"
}

output "log_group" {
  description = "Log group of the console and of its one-off tasks."
  value       = aws_cloudwatch_log_group.hub["console"].name
}

output "cluster_name" {
  description = "ECS cluster with the service console."
  value       = aws_ecs_cluster.hub.name
}

output "vpc_id" {
  description = "VPC of the hub."
  value       = local.vpc_id
}

output "console_security_group_id" {
  description = "Security group of the replicas."
  value       = aws_security_group.console.id
}
