# Without AWS: the provider is a mock, and what Terraform makes of the templates is compared with infra/policies.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = {
      partition  = "aws"
      dns_suffix = "amazonaws.com"
    }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "444455556666" }
  }
}

variables {
  hub_principal_arn = "arn:aws:iam::111122223333:role/claviger"
  external_id       = "shared-string"
  organization_id   = "o-a1b2c3d4e5"
}

run "the_policies_are_those_of_the_table" {
  command = plan

  assert {
    condition     = toset(keys(aws_iam_role.member)) == toset(["access", "inventory", "remediation"])
    error_message = "Not all roles are created by default."
  }
  assert {
    condition     = length(aws_iam_policy.boundary) == 0
    error_message = "The boundary is created without the role that needs it."
  }
  assert {
    condition     = aws_iam_role.member["inventory"].name == "claviger-inventory" && aws_iam_role.member["inventory"].permissions_boundary == null
    error_message = "The default name or boundary is another."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.member["inventory"].policy) == jsondecode(file("../../policies/claviger-inventory.json"))
    error_message = "The inventory role's policy differs from infra/policies."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.member["access"].policy) == jsondecode(file("../../policies/claviger-access.json"))
    error_message = "The access role's policy differs from infra/policies."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.member["remediation"].policy) == jsondecode(replace(file("../../policies/claviger-remediation.json"), "iam::*:", "iam::444455556666:"))
    error_message = "The remediation role's policy differs from infra/policies."
  }
  assert {
    condition     = jsondecode(aws_iam_role.member["access"].assume_role_policy).Statement[0].Condition.StringEquals == { "sts:ExternalId" = "shared-string", "aws:PrincipalOrgID" = "o-a1b2c3d4e5" }
    error_message = "The trust policy does not hold the external id and the Organization."
  }
  assert {
    condition     = aws_iam_role.member["access"].tags == tomap({ "claviger:role" = "access", "claviger:template-version" = output.template_version })
    error_message = "The tags are others."
  }
}

run "roles_can_be_left_out_and_renamed" {
  command = plan

  variables {
    roles = {
      inventory   = { create = false }
      access      = { name = "platform-claviger-access" }
      remediation = { name = "platform-claviger-remediation" }
    }
    permissions_boundary_arn = "arn:aws:iam::444455556666:policy/boundaries/platform"
  }

  assert {
    condition     = toset(keys(aws_iam_role.member)) == toset(["access", "remediation"])
    error_message = "The inventory role is created."
  }
  assert {
    condition     = aws_iam_role.member["access"].name == "platform-claviger-access" && aws_iam_role.member["access"].permissions_boundary == "arn:aws:iam::444455556666:policy/boundaries/platform"
    error_message = "The name or the boundary is another."
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.member["remediation"].policy, "arn:aws:iam::444455556666:role/platform-claviger-access\"")
    error_message = "The remediation role does not manage the renamed access role."
  }
}

run "opt_in_roles_bring_their_boundary" {
  command = plan

  variables {
    roles = {
      consumers = { create = true }
      iam       = { create = true }
    }
  }

  assert {
    condition     = toset(keys(aws_iam_role.member)) == toset(["access", "consumers", "iam", "inventory", "remediation"])
    error_message = "The opt-in roles are not created."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.member["iam"].policy) == jsondecode(replace(file("../../policies/claviger-iam.json"), "iam::*:", "iam::444455556666:"))
    error_message = "The IAM role's policy differs from infra/policies."
  }
  assert {
    condition     = jsondecode(aws_iam_policy.boundary[0].policy) == jsondecode(file("../../policies/claviger-boundary.json"))
    error_message = "The boundary differs from infra/policies."
  }
}

run "another_partition" {
  command = plan

  override_data {
    target = data.aws_partition.current
    values = {
      partition  = "aws-cn"
      dns_suffix = "amazonaws.com.cn"
    }
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.member["access"].policy) == jsondecode(file("../../policies/aws-cn/claviger-access.json"))
    error_message = "The access role's policy differs from infra/policies/aws-cn."
  }
}

run "what_is_no_arn_is_refused" {
  command = plan
  variables { hub_principal_arn = "arn:aws:sts::111122223333:assumed-role/claviger/session" }
  expect_failures = [var.hub_principal_arn]
}

run "anyone_is_refused" {
  command = plan
  variables { hub_principal_arn = "*" }
  expect_failures = [var.hub_principal_arn]
}

run "an_external_id_that_breaks_the_policy_is_refused" {
  command = plan
  variables { external_id = "a\", \"*" }
  expect_failures = [var.external_id]
}

run "an_empty_external_id_is_refused" {
  command = plan
  variables { external_id = "" }
  expect_failures = [var.external_id]
}

run "an_ou_is_no_organization" {
  command = plan
  variables { organization_id = "ou-ab12-cdefghij" }
  expect_failures = [var.organization_id]
}

run "a_role_name_with_a_path_is_refused" {
  command = plan
  variables { roles = { access = { name = "claviger/access" } } }
  expect_failures = [var.roles]
}

run "two_roles_of_one_name_are_refused" {
  command = plan
  variables { roles = { access = { name = "claviger" }, remediation = { name = "claviger" } } }
  expect_failures = [var.roles]
}

run "a_boundary_by_name_is_refused" {
  command = plan
  variables { permissions_boundary_arn = "boundaries/platform" }
  expect_failures = [var.permissions_boundary_arn]
}
