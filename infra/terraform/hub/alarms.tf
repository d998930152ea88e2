locals {
  target_dimensions   = { LoadBalancer = aws_lb.hub.arn_suffix, TargetGroup = aws_lb_target_group.console.arn_suffix }
  service_dimensions  = { ClusterName = aws_ecs_cluster.hub.name, ServiceName = "console" }
  database_dimensions = { DBClusterIdentifier = aws_rds_cluster.hub.cluster_identifier }
  console_namespace   = "Claviger/${var.name}"

  # Aurora computes max_connections from the largest capacity: one for each 9,531,392 bytes, at most 5,000, and at most 2,000
  # with a minimum of 0.5 units. What the engine itself uses is less than a tenth.
  max_connections = floor(min(var.database_capacity.minimum < 1 ? 2000 : 5000, var.database_capacity.maximum * 2147483648 / 9531392) * 0.9)

  # Periods are in seconds. A statistic that begins with p is a percentile.
  alarms = {
    target-errors = {
      description = "Claviger answers requests with 5xx", namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count"
      dimensions  = local.target_dimensions, statistic = "Sum", threshold = 10, period = 300, evaluations = 1
    }
    load-balancer-errors = {
      description = "The load balancer answers with 5xx: no healthy replica, or a replica closed a connection", namespace = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count"
      dimensions  = { LoadBalancer = aws_lb.hub.arn_suffix }, statistic = "Sum", threshold = 10, period = 300, evaluations = 1
    }
    unhealthy-replicas = {
      description = "A replica is not ready: see /readyz and the log", namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount"
      dimensions  = local.target_dimensions, statistic = "Maximum", threshold = 0, period = 60, evaluations = 5
    }
    response-time = {
      description = "The slowest hundredth of requests takes longer than two seconds", namespace = "AWS/ApplicationELB", metric = "TargetResponseTime"
      dimensions  = local.target_dimensions, statistic = "p99", threshold = 2, period = 300, evaluations = 3
    }
    console-cpu = {
      description = "Replicas are at their CPU limit although autoscaling adds some", namespace = "AWS/ECS", metric = "CPUUtilization"
      dimensions  = local.service_dimensions, statistic = "Average", threshold = 85, period = 300, evaluations = 3
    }
    console-memory = {
      description = "Replicas are short of memory: see the sizing table in docs/operations.md", namespace = "AWS/ECS", metric = "MemoryUtilization"
      dimensions  = local.service_dimensions, statistic = "Maximum", threshold = 80, period = 300, evaluations = 2
    }
    database-capacity = {
      description = "The database is at its largest capacity: raise database_capacity.maximum", namespace = "AWS/RDS", metric = "ACUUtilization"
      dimensions  = local.database_dimensions, statistic = "Maximum", threshold = 90, period = 300, evaluations = 3
    }
    database-connections = {
      description = "The database is short of connections: see docs/configuration.md, Connections", namespace = "AWS/RDS", metric = "DatabaseConnections"
      dimensions  = local.database_dimensions, statistic = "Maximum", threshold = floor(local.max_connections * 0.8), period = 300, evaluations = 1
    }
    database-replica-lag = {
      description = "The standby is more than two seconds behind (in milliseconds)", namespace = "AWS/RDS", metric = "AuroraReplicaLagMaximum"
      dimensions  = local.database_dimensions, statistic = "Maximum", threshold = 2000, period = 60, evaluations = 5
    }
    audit-log-changed = {
      description = "A published head is no longer in the audit log: see docs/operations.md, Incidents", namespace = local.console_namespace, metric = "AuditLogChanged"
      dimensions  = {}, statistic = "Sum", threshold = 0, period = 60, evaluations = 1
    }
    errors = {
      description = "The console logs errors: filter the log for the level ERROR", namespace = local.console_namespace, metric = "Errors"
      dimensions  = {}, statistic = "Sum", threshold = 10, period = 300, evaluations = 1
    }
  }

  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "above" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.evaluations
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

# No data is no healthy replica either.
resource "aws_cloudwatch_metric_alarm" "healthy_replicas" {
  count = var.start_console ? 1 : 0

  alarm_name          = "${var.name}-healthy-replicas"
  alarm_description   = "Fewer replicas are healthy than there should be"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  dimensions          = local.target_dimensions
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = var.replicas.minimum
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}
