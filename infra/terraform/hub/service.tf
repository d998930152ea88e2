resource "aws_ecs_cluster" "hub" {
  name = var.name
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

# Not before the secrets have values and the database has its schema: until then no replica could start.
resource "aws_ecs_service" "console" {
  # checkov:skip=CKV_AWS_332:LATEST is the default, and set
  count = var.start_console ? 1 : 0

  name             = "console"
  cluster          = aws_ecs_cluster.hub.id
  task_definition  = aws_ecs_task_definition.console.arn
  launch_type      = "FARGATE"
  platform_version = "LATEST"
  desired_count    = var.replicas.minimum

  enable_execute_command             = false
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  # A replica reads the inventory first: about 100,000 rows a second.
  health_check_grace_period_seconds = 120

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = local.private_subnet_ids
    security_groups  = [aws_security_group.console.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.console.arn
    container_name   = "console"
    container_port   = 8080
  }

  tags = var.tags

  lifecycle {
    # Autoscaling decides.
    ignore_changes = [desired_count]
  }

  depends_on = [
    aws_iam_role_policy.execution,
    aws_iam_role_policy.hub,
    aws_lb_listener.https,
    aws_rds_cluster_instance.hub,
  ]
}

resource "aws_appautoscaling_target" "console" {
  count = var.start_console ? 1 : 0

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.hub.name}/${aws_ecs_service.console[0].name}"
  min_capacity       = var.replicas.minimum
  max_capacity       = var.replicas.maximum
  tags               = var.tags
}

resource "aws_appautoscaling_policy" "cpu" {
  count = var.start_console ? 1 : 0

  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.console[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.console[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.console[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 600
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
