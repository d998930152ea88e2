# Calls of this Region that need not leave the VPC. The others take the NAT gateway.

locals {
  create_endpoints = local.create_network || try(var.existing_network.create_endpoints, false)
  endpoints        = local.create_endpoints ? toset(["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "ssm", "sts"]) : toset([])
  route_table_ids  = local.create_network ? [for index in keys(local.zones) : aws_route_table.private[index].id] : try(var.existing_network.private_route_table_ids, [])
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.endpoints

  vpc_id              = local.vpc_id
  service_name        = lookup(var.endpoint_service_names, each.value, "com.amazonaws.${local.region}.${each.value}")
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = local.private_subnet_ids
  security_group_ids  = [aws_security_group.endpoints[0].id]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "*"
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalOrgID" = var.organization_id } }
    }]
  })

  tags = merge(var.tags, { Name = "${var.name}-${each.value}" })
}

# ECR keeps the layers of images in a bucket of AWS's; Claviger itself does not use S3.
resource "aws_vpc_endpoint" "s3" {
  count = local.create_endpoints ? 1 : 0

  vpc_id            = local.vpc_id
  service_name      = "com.amazonaws.${local.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = local.route_table_ids

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "s3:GetObject"
      Resource  = "arn:${local.partition}:s3:::prod-${local.region}-starport-layer-bucket/*"
    }]
  })

  tags = merge(var.tags, { Name = "${var.name}-s3" })
}
