data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_availability_zones" "available" {
  # checkov:skip=CKV_AWS_394:Subnets ignore a later change of their zone, so that a new zone in the list moves nothing
  state = "available"

  # No Local Zones: not every service has them.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix
  # The attribute `name` has another name in version 6 of the provider; the id is the same in both.
  region = data.aws_region.current.id

  create_network = var.existing_network == null
  zone_names     = coalesce(var.availability_zones, data.aws_availability_zones.available.names)
  zones          = local.create_network ? { for index in [0, 1] : tostring(index) => local.zone_names[index] } : {}
  nat_zones      = var.single_nat_gateway ? { for index, zone in local.zones : index => zone if index == "0" } : local.zones

  vpc_id             = local.create_network ? aws_vpc.hub[0].id : var.existing_network.vpc_id
  public_subnet_ids  = local.create_network ? [for index in keys(local.zones) : aws_subnet.public[index].id] : var.existing_network.public_subnet_ids
  private_subnet_ids = local.create_network ? [for index in keys(local.zones) : aws_subnet.private[index].id] : var.existing_network.private_subnet_ids

  load_balancer_subnet_ids = var.load_balancer.internal ? local.private_subnet_ids : local.public_subnet_ids
}

resource "aws_vpc" "hub" {
  count = local.create_network ? 1 : 0

  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, { Name = var.name })
}

# Nothing uses it, and it lets nothing in or out.
resource "aws_default_security_group" "unused" {
  count = local.create_network ? 1 : 0

  vpc_id = aws_vpc.hub[0].id
  tags   = merge(var.tags, { Name = "${var.name}-unused" })
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id                  = aws_vpc.hub[0].id
  availability_zone       = each.value
  cidr_block              = cidrsubnet(var.vpc_cidr, 3, tonumber(each.key))
  map_public_ip_on_launch = false
  tags                    = merge(var.tags, { Name = "${var.name}-public-${each.key}" })

  lifecycle {
    ignore_changes = [availability_zone]
  }
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id                  = aws_vpc.hub[0].id
  availability_zone       = each.value
  cidr_block              = cidrsubnet(var.vpc_cidr, 2, tonumber(each.key) + 2)
  map_public_ip_on_launch = false
  tags                    = merge(var.tags, { Name = "${var.name}-private-${each.key}" })

  lifecycle {
    ignore_changes = [availability_zone]
  }
}

resource "aws_internet_gateway" "hub" {
  count = local.create_network ? 1 : 0

  vpc_id = aws_vpc.hub[0].id
  tags   = merge(var.tags, { Name = var.name })
}

resource "aws_route_table" "public" {
  count = local.create_network ? 1 : 0

  vpc_id = aws_vpc.hub[0].id
  tags   = merge(var.tags, { Name = "${var.name}-public" })
}

resource "aws_route" "public" {
  count = local.create_network ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.hub[0].id
}

resource "aws_route_table_association" "public" {
  for_each = local.zones

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public[0].id
}

# Scans reach every Region, and IAM, Organizations and Account Management are global: no interface endpoint of this Region does.
resource "aws_eip" "nat" {
  # checkov:skip=CKV2_AWS_19:The address is that of a NAT gateway
  for_each = local.nat_zones

  domain     = "vpc"
  tags       = merge(var.tags, { Name = "${var.name}-nat-${each.key}" })
  depends_on = [aws_internet_gateway.hub]
}

resource "aws_nat_gateway" "hub" {
  for_each = local.nat_zones

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_route_table" "private" {
  for_each = local.zones

  vpc_id = aws_vpc.hub[0].id
  tags   = merge(var.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route" "private" {
  for_each = local.zones

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.hub[var.single_nat_gateway ? "0" : each.key].id
}

resource "aws_route_table_association" "private" {
  for_each = local.zones

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_flow_log" "hub" {
  count = local.create_network ? 1 : 0

  vpc_id          = aws_vpc.hub[0].id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.hub["flow"].arn
  iam_role_arn    = aws_iam_role.flow_logs[0].arn
  tags            = merge(var.tags, { Name = var.name })
}
