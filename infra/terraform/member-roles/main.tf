data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  created = { for key, role in var.roles : key => role if role.create }

  # What the templates of policies are filled in with.
  values = merge(local.role_names, {
    partition  = data.aws_partition.current.partition
    dns_suffix = data.aws_partition.current.dns_suffix
    account_id = data.aws_caller_identity.current.account_id
  })

  trust_policy = templatefile("${path.module}/policies/trust.json.tftpl", {
    hub_principal_arn = var.hub_principal_arn
    external_id       = var.external_id
    organization_id   = var.organization_id
  })
}

resource "aws_iam_role" "member" {
  for_each = local.created

  name                 = each.value.name
  description          = local.descriptions[each.key]
  assume_role_policy   = local.trust_policy
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600

  # Claviger ends sessions by an inline policy of the access role, which Terraform does not know of and IAM would not delete
  # with the role.
  force_detach_policies = true

  tags = merge(var.tags, {
    (local.role_tag)    = each.key
    (local.version_tag) = local.template_version
  })
}

# What the roles that claviger-iam creates can do at most.
resource "aws_iam_policy" "boundary" {
  count = var.roles.iam.create ? 1 : 0

  name        = "claviger-boundary"
  description = "What a role that Claviger creates for a consumer can do at most"
  policy      = templatefile("${path.module}/policies/boundary.json.tftpl", local.values)
  tags        = var.tags
}

resource "aws_iam_role_policy" "member" {
  for_each = local.created

  name   = "claviger-${each.key}"
  role   = aws_iam_role.member[each.key].id
  policy = templatefile("${path.module}/policies/${each.key}.json.tftpl", local.values)
}
