resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-load-balancer"
  description = "Load balancer of Claviger"
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-load-balancer" })
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  for_each = toset(var.load_balancer.allowed_cidrs)

  security_group_id = aws_security_group.load_balancer.id
  description       = "People"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "http" {
  # checkov:skip=CKV_AWS_260:Only the redirect to HTTPS answers here, and only for the networks that are allowed
  for_each = toset(var.load_balancer.allowed_cidrs)

  security_group_id = aws_security_group.load_balancer.id
  description       = "Redirect to HTTPS"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "The console"
  referenced_security_group_id = aws_security_group.console.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

resource "aws_security_group" "console" {
  name        = "${var.name}-console"
  description = "Replicas of Claviger, and its one-off tasks"
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-console" })
}

resource "aws_vpc_security_group_ingress_rule" "console" {
  security_group_id            = aws_security_group.console.id
  description                  = "The load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

resource "aws_vpc_security_group_ingress_rule" "metrics" {
  count = var.prometheus_security_group_id == null ? 0 : 1

  security_group_id            = aws_security_group.console.id
  description                  = "Prometheus"
  referenced_security_group_id = var.prometheus_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 9464
  to_port                      = 9464
}

# AWS in every Region and the identity provider: their addresses change.
resource "aws_vpc_security_group_egress_rule" "console" {
  for_each = toset([for port in var.egress_ports : tostring(port)])

  security_group_id = aws_security_group.console.id
  description       = "AWS, the identity provider and what the settings name"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value)
  to_port           = tonumber(each.value)
}

resource "aws_vpc_security_group_egress_rule" "database" {
  security_group_id            = aws_security_group.console.id
  description                  = "The database"
  referenced_security_group_id = aws_security_group.database.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "Database of Claviger"
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-database" })
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.database.id
  description                  = "The console"
  referenced_security_group_id = aws_security_group.console.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_security_group" "endpoints" {
  count = local.create_endpoints ? 1 : 0

  name        = "${var.name}-endpoints"
  description = "VPC endpoints of Claviger"
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-endpoints" })
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count = local.create_endpoints ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "The console"
  referenced_security_group_id = aws_security_group.console.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
