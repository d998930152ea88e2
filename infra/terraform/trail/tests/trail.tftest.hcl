# Without AWS: the provider is a mock.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = {
      id  = "mock-bucket"
      arn = "arn:aws:s3:::mock-bucket"
    }
  }
}

variables {
  organization_id = "o-a1b2c3d4e5"
  first_day       = "2026/01/01"
}

run "the_whole_organization_in_all_regions" {
  command = apply

  assert {
    condition     = aws_cloudtrail.organization.is_organization_trail && aws_cloudtrail.organization.is_multi_region_trail && aws_cloudtrail.organization.enable_log_file_validation && aws_cloudtrail.organization.include_global_service_events
    error_message = "The trail leaves accounts, Regions or IAM out, or its files cannot be validated."
  }
  assert {
    condition     = length(aws_cloudtrail.organization.advanced_event_selector) == 1 && length(flatten(aws_cloudtrail.organization.advanced_event_selector[*].field_selector)) == 1
    error_message = "Data events are recorded, or management events are left out."
  }
}

run "cloudtrail_alone_writes_and_for_this_trail_alone" {
  command = apply

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3_bucket_policy.logs.policy).Statement :
      statement.Effect == "Deny" || (statement.Principal.Service == "cloudtrail.amazonaws.com" && statement.Condition.StringEquals["aws:SourceArn"] == "arn:aws:cloudtrail:us-east-1:111122223333:trail/claviger")
    ])
    error_message = "Somebody else may write the logs."
  }
  assert {
    condition = toset([
      for statement in jsondecode(aws_s3_bucket_policy.logs.policy).Statement : statement.Resource if statement.Action == "s3:PutObject"
    ]) == toset(["arn:aws:s3:::mock-bucket/AWSLogs/111122223333/*", "arn:aws:s3:::mock-bucket/AWSLogs/o-a1b2c3d4e5/*"])
    error_message = "CloudTrail writes to the owner's folder and the Organization's."
  }
}

run "a_delegated_administrator_names_the_owner" {
  command = apply

  variables {
    management_account_id = "444455556666"
  }

  assert {
    condition     = strcontains(aws_s3_bucket_policy.logs.policy, "arn:aws:cloudtrail:us-east-1:444455556666:trail/claviger") && strcontains(aws_s3_bucket_policy.logs.policy, "/AWSLogs/444455556666/*") && !strcontains(aws_s3_bucket_policy.logs.policy, "111122223333")
    error_message = "The bucket admits a trail of this account, and not the management account's."
  }
  assert {
    condition     = strcontains(aws_kms_key.trail.policy, "arn:aws:cloudtrail:*:444455556666:trail/*") && strcontains(aws_kms_key.trail.policy, "arn:aws:iam::111122223333:root")
    error_message = "The key admits another trail than the bucket."
  }
}

run "a_query_names_its_accounts_and_has_a_limit" {
  command = apply

  assert {
    condition     = aws_glue_catalog_table.cloudtrail.parameters["storage.location.template"] == "s3://mock-bucket/AWSLogs/o-a1b2c3d4e5/$${account}/CloudTrail/$${region}/$${day}" && aws_glue_catalog_table.cloudtrail.parameters["projection.account.type"] == "injected" && aws_glue_catalog_table.cloudtrail.parameters["projection.region.type"] == "injected"
    error_message = "The table's partitions are not those of an organization trail."
  }
  assert {
    condition     = aws_athena_workgroup.trail.configuration[0].enforce_workgroup_configuration && aws_athena_workgroup.trail.configuration[0].bytes_scanned_cutoff_per_query == 107374182400 && aws_athena_workgroup.trail.configuration[0].result_configuration[0].encryption_configuration[0].encryption_option == "SSE_KMS"
    error_message = "A query has no limit, or its results are not encrypted."
  }
}

run "data_events_by_choice" {
  command = plan

  variables {
    data_event_resource_type = "AWS::Lambda::Function"
  }

  assert {
    condition     = length(aws_cloudtrail.organization.advanced_event_selector) == 2
    error_message = "Data events are not recorded."
  }
}

run "a_wrong_day_is_refused" {
  command = plan

  variables {
    first_day = "2026-01-01"
  }

  expect_failures = [var.first_day]
}
