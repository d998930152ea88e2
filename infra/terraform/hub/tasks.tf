data "aws_subnet" "load_balancer" {
  for_each = local.create_network ? toset([]) : toset(local.load_balancer_subnet_ids)

  id = each.value
}

locals {
  # The load balancer's addresses, whose X-Forwarded-For is trusted.
  trusted_proxies = local.create_network ? (
    [for index in keys(local.zones) : var.load_balancer.internal ? aws_subnet.private[index].cidr_block : aws_subnet.public[index].cidr_block]
  ) : [for subnet in data.aws_subnet.load_balancer : subnet.cidr_block]

  # Without the role's name and with the verification of the certificate, which a token of IAM needs.
  database_address = "${aws_rds_cluster.hub.endpoint}:${aws_rds_cluster.hub.port}/${local.database}?sslmode=verify-full&sslrootcert=${var.database_ca_file}"

  environment = merge(
    {
      DATABASE_URL              = "postgres://${local.console_role}@${local.database_address}"
      CLAVIGER_DATABASE_AUTH    = "rds-iam"
      CLAVIGER_FILE             = var.configuration_file
      CLAVIGER_PUBLIC_URL       = var.public_url
      CLAVIGER_OIDC_ISSUER      = var.oidc_issuer
      CLAVIGER_OIDC_CLIENT_ID   = var.oidc_client_id
      CLAVIGER_REPLICAS         = tostring(var.replicas.maximum)
      CLAVIGER_TRUSTED_PROXIES  = join(",", local.trusted_proxies)
      CLAVIGER_LOG_FORMAT       = "json"
      CLAVIGER_AWS_REGION       = local.region
      CLAVIGER_INVENTORY_ROLE   = var.member_role_names.inventory
      CLAVIGER_ACCESS_ROLE      = var.member_role_names.access
      CLAVIGER_REMEDIATION_ROLE = var.member_role_names.remediation
      CLAVIGER_CONSUMERS_ROLE   = var.member_role_names.consumers
      CLAVIGER_IAM_ROLE         = var.member_role_names.iam
    },
    var.prometheus_security_group_id == null ? {} : { CLAVIGER_METRICS_LISTEN = "0.0.0.0:9464" },
    var.settings,
  )

  # Equal for both tasks. The image needs no writable place.
  container = {
    essential              = true
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    stopTimeout            = 30
  }

  log_options = {
    awslogs-group  = aws_cloudwatch_log_group.hub["console"].name
    awslogs-region = local.region
  }
}

resource "aws_ecs_task_definition" "console" {
  family                   = "${var.name}-console"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = aws_iam_role.hub.arn
  execution_role_arn       = aws_iam_role.execution["console"].arn
  tags                     = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  container_definitions = jsonencode([merge(local.container, {
    name    = "console"
    image   = var.image
    command = ["serve"]
    portMappings = concat(
      [{ containerPort = 8080, protocol = "tcp" }],
      var.prometheus_security_group_id == null ? [] : [{ containerPort = 9464, protocol = "tcp" }],
    )
    # Not /readyz, which asks the database: ECS replaces a task whose check fails, and that repairs no database.
    healthCheck = {
      command     = ["CMD", "/usr/bin/claviger", "health", "--url", "http://127.0.0.1:8080/livez"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 120
    }
    environment = [for key, value in local.environment : { name = key, value = value }]
    secrets     = [for key, arn in local.secret_arns : { name = key, valueFrom = arn }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = merge(local.log_options, { awslogs-stream-prefix = "console" })
    }
  })])
}

# Run once for each release, by the command in the outputs. It connects as the schema's owner, whose password the console's own
# tasks never get, and has no AWS permissions.
resource "aws_ecs_task_definition" "migration" {
  family                   = "${var.name}-migration"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution["migration"].arn
  tags                     = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  container_definitions = jsonencode([merge(local.container, {
    name        = "migration"
    image       = coalesce(var.migration_image, var.image)
    command     = ["migrate", "--grant-to", local.console_role]
    environment = [{ name = "DATABASE_URL", value = "postgres://${local.owner}@${local.database_address}" }]
    # RDS's secret is a JSON object; the password is read from it each time, so that it may be rotated.
    secrets = [{ name = "PGPASSWORD", valueFrom = "${local.owner_secret_arn}:password::" }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = merge(local.log_options, { awslogs-stream-prefix = "migration" })
    }
  })])
}
