# What the module refuses, before anything is asked of AWS.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b"] }
  }
  mock_data "aws_partition" {
    defaults = {
      partition  = "aws"
      dns_suffix = "amazonaws.com"
    }
  }
  mock_resource "aws_rds_cluster" {
    defaults = { master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:owner-a1b2c3" }] }
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

run "a_tag_is_no_digest" {
  command = plan

  variables {
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/claviger:latest"
  }

  expect_failures = [var.image]
}

run "plain_http_is_refused" {
  command = plan

  variables {
    public_url = "http://claviger.example.com"
  }

  expect_failures = [var.public_url]
}

run "a_url_with_a_path_is_refused" {
  command = plan

  variables {
    public_url = "https://claviger.example.com/console"
  }

  expect_failures = [var.public_url]
}

run "an_ou_is_no_organization" {
  command = plan

  variables {
    organization_id = "ou-ab12-cdefghij"
  }

  expect_failures = [var.organization_id]
}

run "one_replica_is_too_few" {
  command = plan

  variables {
    replicas = { minimum = 1 }
  }

  expect_failures = [var.replicas]
}

run "a_secret_among_the_settings_is_refused" {
  command = plan

  variables {
    settings = { CLAVIGER_OIDC_CLIENT_SECRET = "hunter2" }
  }

  expect_failures = [var.settings]
}

run "a_value_instead_of_an_arn_is_refused" {
  command = plan

  variables {
    extra_secrets = { CLAVIGER_SMTP_URL = "smtps://user:password@mail.example.com" }
  }

  expect_failures = [var.extra_secrets]
}

run "a_role_name_with_a_wildcard_is_refused" {
  command = plan

  variables {
    member_role_names = { access = "*" }
  }

  expect_failures = [var.member_role_names]
}

run "memory_that_fargate_refuses" {
  command = plan

  variables {
    memory = 512
  }

  expect_failures = [var.memory]
}

run "logs_shorter_than_a_year_are_refused" {
  command = plan

  variables {
    log_retention_days = 30
  }

  expect_failures = [var.log_retention_days]
}

run "a_network_that_is_too_small" {
  command = plan

  variables {
    vpc_cidr = "10.0.0.0/28"
  }

  expect_failures = [var.vpc_cidr]
}

run "a_database_that_pauses_is_refused" {
  command = plan

  variables {
    database_capacity = { minimum = 0 }
  }

  expect_failures = [var.database_capacity]
}

run "an_older_database_is_refused" {
  command = plan

  variables {
    database_engine_version = "15.10"
  }

  expect_failures = [var.database_engine_version]
}

run "without_port_443_nothing_works" {
  command = plan

  variables {
    egress_ports = [587]
  }

  expect_failures = [var.egress_ports]
}

run "a_topic_by_name_is_refused" {
  command = plan

  variables {
    alarm_topic_arn = "alerts"
  }

  expect_failures = [var.alarm_topic_arn]
}

run "nobody_allowed_is_refused" {
  command = plan

  variables {
    load_balancer = {
      certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
      allowed_cidrs   = []
    }
  }

  expect_failures = [var.load_balancer]
}

run "old_tls_is_refused" {
  command = plan

  variables {
    load_balancer = {
      certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
      allowed_cidrs   = ["203.0.113.0/24"]
      tls_policy      = "ELBSecurityPolicy-2016-08"
    }
  }

  expect_failures = [var.load_balancer]
}

run "an_internet_facing_load_balancer_needs_public_subnets" {
  command = plan

  variables {
    existing_network = {
      vpc_id             = "vpc-0123456789abcdef0"
      private_subnet_ids = ["subnet-0a", "subnet-0b"]
    }
  }

  expect_failures = [var.existing_network]
}

run "one_zone_is_refused" {
  command = plan

  variables {
    existing_network = {
      vpc_id             = "vpc-0123456789abcdef0"
      private_subnet_ids = ["subnet-0a"]
      public_subnet_ids  = ["subnet-0c", "subnet-0d"]
    }
  }

  expect_failures = [var.existing_network]
}

run "a_migration_from_another_repository_is_refused" {
  command = plan

  variables {
    migration_image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/other@sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
  }

  expect_failures = [var.migration_image]
}

run "the_same_zone_twice_is_refused" {
  command = plan

  variables {
    availability_zones = ["us-east-1a", "us-east-1a"]
  }

  expect_failures = [var.availability_zones]
}
