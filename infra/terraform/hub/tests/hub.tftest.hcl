# Without AWS: the provider is a mock. What Terraform makes of the hub's policy is compared with infra/policies.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = {
      partition  = "aws"
      dns_suffix = "amazonaws.com"
    }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }
  mock_data "aws_subnet" {
    defaults = { cidr_block = "10.1.0.0/24" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mock" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:111122223333:log-group:mock" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:claviger/mock-a1b2c3" }
  }
  mock_resource "aws_rds_cluster" {
    defaults = {
      endpoint           = "claviger.cluster-mock.us-east-1.rds.amazonaws.com"
      port               = 5432
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!cluster-mock-a1b2c3" }]
    }
  }
  mock_resource "aws_lb" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/claviger/50dc6c495c0c9188"
      arn_suffix = "app/claviger/50dc6c495c0c9188"
    }
  }
  mock_resource "aws_lb_target_group" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/claviger/73e2d6bc24d8a067"
      arn_suffix = "targetgroup/claviger/73e2d6bc24d8a067"
    }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:us-east-1:111122223333:task-definition/mock:1" }
  }
}

variables {
  organization_id = "o-a1b2c3d4e5"
  image           = "111122223333.dkr.ecr.us-east-1.amazonaws.com/platform/claviger@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  public_url      = "https://claviger.example.com"
  oidc_issuer     = "https://id.example.com"
  oidc_client_id  = "claviger"
  load_balancer = {
    certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
    allowed_cidrs   = ["203.0.113.0/24"]
  }
}

run "the_hub_has_the_policy_of_the_table" {
  command = apply

  assert {
    condition     = jsondecode(aws_iam_role_policy.hub.policy) == jsondecode(file("../../policies/hub.json"))
    error_message = "The hub's policy differs from infra/policies/hub.json."
  }
  assert {
    condition     = aws_iam_role.hub.name == "claviger" && aws_ecs_task_definition.console.task_role_arn == aws_iam_role.hub.arn
    error_message = "The console does not run as the hub's role."
  }
}

run "an_execution_role_reads_its_own_secrets_alone" {
  command = apply

  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_role_policy.execution["console"].policy).Statement : statement.Resource if statement.Action == "secretsmanager:GetSecretValue"])) == toset(values(output.secret_arns))
    error_message = "The console's execution role reads other secrets than its three."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.execution["migration"].policy).Statement : statement.Resource if statement.Action == "secretsmanager:GetSecretValue"] == [[output.database.owner_secret_arn]]
    error_message = "The migration's execution role reads other secrets than the owner's."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.execution["console"].policy).Statement : statement.Resource if statement.Action == "kms:Decrypt"] == [output.kms_key_arn]
    error_message = "The console's execution role decrypts with another key than the hub's."
  }
  assert {
    condition     = contains([for statement in jsondecode(aws_iam_role_policy.execution["console"].policy).Statement : statement.Resource], "arn:aws:ecr:us-east-1:111122223333:repository/platform/claviger")
    error_message = "The console's execution role does not pull from exactly the image's repository."
  }
}

run "a_container_can_do_little" {
  command = apply

  assert {
    condition = alltrue([for definition in [aws_ecs_task_definition.console, aws_ecs_task_definition.migration] : alltrue([for container in jsondecode(definition.container_definitions) :
      container.user == "65532:65532" && container.readonlyRootFilesystem && container.linuxParameters.capabilities.drop == ["ALL"] && container.stopTimeout == 30
    ])])
    error_message = "A container is root, has capabilities or a writable root, or too little time to stop."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.console.container_definitions)[0].healthCheck.command == ["CMD", "/usr/bin/claviger", "health", "--url", "http://127.0.0.1:8080/livez"]
    error_message = "The health check is another."
  }
  assert {
    condition     = toset([for secret in jsondecode(aws_ecs_task_definition.console.container_definitions)[0].secrets : secret.name]) == toset(["CLAVIGER_OIDC_CLIENT_SECRET", "CLAVIGER_EXTERNAL_ID"])
    error_message = "The console gets other secrets than its two."
  }
  assert {
    condition = alltrue([for name, value in {
      DATABASE_URL           = "postgres://claviger_console@${aws_rds_cluster.hub.endpoint}:${aws_rds_cluster.hub.port}/claviger?sslmode=verify-full&sslrootcert=/etc/claviger/rds-global-bundle.pem"
      CLAVIGER_DATABASE_AUTH = "rds-iam"
    } : contains(jsondecode(aws_ecs_task_definition.console.container_definitions)[0].environment, { name = name, value = value })])
    error_message = "The console does not sign in to the database by IAM, or does not verify it."
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.database.policy).Statement == [{
      Effect   = "Allow"
      Action   = "rds-db:connect"
      Resource = "arn:aws:rds-db:us-east-1:111122223333:dbuser:${aws_rds_cluster.hub.cluster_resource_id}/claviger_console"
    }] && aws_iam_role_policy.database.role == aws_iam_role.hub.id && aws_rds_cluster.hub.iam_database_authentication_enabled
    error_message = "The task role may not sign in as exactly the console's database role."
  }
  assert {
    condition     = aws_ecs_task_definition.migration.task_role_arn == null && jsondecode(aws_ecs_task_definition.migration.container_definitions)[0].command == ["migrate", "--grant-to", "claviger_console"]
    error_message = "The migration has AWS permissions, or another command."
  }
  assert {
    condition     = aws_ecs_service.console[0].enable_execute_command == false && aws_ecs_service.console[0].network_configuration[0].assign_public_ip == false && aws_ecs_service.console[0].desired_count == 2
    error_message = "The service allows ECS Exec, has public addresses, or fewer than two replicas."
  }
}

run "a_new_release_migrates_first" {
  command = apply

  variables {
    migration_image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/platform/claviger@sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.migration.container_definitions)[0].image == var.migration_image && jsondecode(aws_ecs_task_definition.console.container_definitions)[0].image == var.image
    error_message = "The migration does not run in the new image, or the console already does."
  }
}

run "the_load_balancer_is_open_to_the_named_networks_alone" {
  command = apply

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.https)) == toset(["203.0.113.0/24"]) && toset(keys(aws_vpc_security_group_ingress_rule.http)) == toset(["203.0.113.0/24"])
    error_message = "Other networks reach the load balancer."
  }
  assert {
    condition     = aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "The listener has another TLS policy, or there is no redirect."
  }
  assert {
    condition     = aws_lb_target_group.console.health_check[0].path == "/readyz" && aws_lb_target_group.console.deregistration_delay == "10"
    error_message = "The target group has another health check or delay."
  }
  assert {
    condition     = one([for entry in jsondecode(aws_ecs_task_definition.console.container_definitions)[0].environment : entry.value if entry.name == "CLAVIGER_TRUSTED_PROXIES"]) == "10.64.0.0/23,10.64.2.0/23"
    error_message = "The trusted proxies are not the load balancer's subnets."
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.metrics) == 0 && !strcontains(aws_ecs_task_definition.console.container_definitions, "9464")
    error_message = "The port of the metrics is open although nobody may reach it."
  }
}

run "the_database_is_kept" {
  command = apply

  assert {
    condition     = aws_rds_cluster.hub.storage_encrypted && aws_rds_cluster.hub.deletion_protection && aws_rds_cluster.hub.backup_retention_period == 14 && aws_rds_cluster.hub.manage_master_user_password && !aws_rds_cluster.hub.enable_http_endpoint
    error_message = "The database is not encrypted, protected or backed up, or its password is Terraform's."
  }
  assert {
    condition     = aws_rds_cluster_parameter_group.hub.family == "aurora-postgresql16" && anytrue([for parameter in aws_rds_cluster_parameter_group.hub.parameter : parameter.name == "rds.force_ssl" && parameter.value == "1"])
    error_message = "The database accepts connections without TLS."
  }
  assert {
    condition     = length(aws_rds_cluster_instance.hub) == 2 && alltrue([for instance in aws_rds_cluster_instance.hub : instance.instance_class == "db.serverless" && !instance.publicly_accessible])
    error_message = "There are not two private instances."
  }
}

run "before_the_first_start_there_is_no_service" {
  command = apply

  variables {
    start_console    = false
    data_api_enabled = true
  }

  assert {
    condition     = length(aws_ecs_service.console) == 0 && length(aws_appautoscaling_target.console) == 0 && length(aws_cloudwatch_metric_alarm.healthy_replicas) == 0
    error_message = "A service is started, or an alarm waits for one."
  }
  assert {
    condition     = strcontains(output.migrate_command, "--launch-type FARGATE") && strcontains(output.check_command, "\"command\":[\"check\",\"--online\"]") && aws_rds_cluster.hub.enable_http_endpoint
    error_message = "The commands of the first steps are missing."
  }
}

run "a_network_that_exists_is_used_as_it_is" {
  command = apply

  variables {
    existing_network = {
      vpc_id             = "vpc-0123456789abcdef0"
      private_subnet_ids = ["subnet-0a", "subnet-0b"]
    }
    load_balancer = {
      internal        = true
      certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
      allowed_cidrs   = ["10.0.0.0/8"]
    }
  }

  assert {
    condition     = length(aws_vpc.hub) == 0 && length(aws_nat_gateway.hub) == 0 && length(aws_vpc_endpoint.interface) == 0 && length(aws_flow_log.hub) == 0
    error_message = "The module creates a network of its own."
  }
  assert {
    condition     = toset(aws_lb.hub.subnets) == toset(["subnet-0a", "subnet-0b"]) && aws_lb.hub.internal
    error_message = "The internal load balancer is not in the private subnets."
  }
}

run "one_gateway_serves_both_zones" {
  command = apply

  variables {
    single_nat_gateway = true
    availability_zones = ["us-east-1b", "us-east-1d"]
  }

  assert {
    condition     = [for subnet in aws_subnet.private : subnet.availability_zone] == ["us-east-1b", "us-east-1d"]
    error_message = "The subnets are in other zones than those that were chosen."
  }

  assert {
    condition     = length(aws_nat_gateway.hub) == 1 && length(aws_route.private) == 2 && length(aws_vpc_endpoint.interface) == 7
    error_message = "There is not one gateway for two private subnets, or an endpoint is missing."
  }
}

run "prometheus_alone_reaches_the_metrics" {
  command = apply

  variables { prometheus_security_group_id = "sg-0123456789abcdef0" }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.metrics[0].referenced_security_group_id == "sg-0123456789abcdef0" && aws_vpc_security_group_ingress_rule.metrics[0].to_port == 9464 && aws_vpc_security_group_ingress_rule.metrics[0].cidr_ipv4 == null
    error_message = "The port of the metrics is open to others than Prometheus."
  }
  assert {
    condition     = one([for entry in jsondecode(aws_ecs_task_definition.console.container_definitions)[0].environment : entry.value if entry.name == "CLAVIGER_METRICS_LISTEN"]) == "0.0.0.0:9464"
    error_message = "The console has no metrics."
  }
}

run "alarms_notify_the_topic" {
  command = apply

  variables { alarm_topic_arn = "arn:aws:sns:us-east-1:111122223333:alerts" }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.above : alarm.alarm_actions == toset(["arn:aws:sns:us-east-1:111122223333:alerts"])])
    error_message = "An alarm notifies nobody."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.above["response-time"].extended_statistic == "p99" && aws_cloudwatch_metric_alarm.above["response-time"].statistic == null
    error_message = "The response time is not that of the 99th percentile."
  }
}

run "aws_config_is_asked_for" {
  command = apply

  variables { aws_config = { aggregator = true, conformance_pack = true, excluded_account_ids = ["999988887777"] } }

  assert {
    condition     = aws_config_configuration_aggregator.organization[0].organization_aggregation_source[0].all_regions && length(jsondecode(aws_config_organization_conformance_pack.secrets[0].template_body).Resources) == 5
    error_message = "The aggregator or a rule is missing."
  }
}

run "another_partition" {
  command = apply

  override_data {
    target = data.aws_partition.current
    values = {
      partition  = "aws-cn"
      dns_suffix = "amazonaws.com.cn"
    }
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.hub.policy) == jsondecode(file("../../policies/aws-cn/hub.json"))
    error_message = "The hub's policy differs from infra/policies/aws-cn/hub.json."
  }
}
