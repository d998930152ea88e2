resource "aws_lb" "hub" {
  # checkov:skip=CKV_AWS_91:Access logs are written if load_balancer.access_logs_bucket names a bucket
  # checkov:skip=CKV_AWS_150:On unless deletion_protection is false
  # checkov:skip=CKV2_AWS_28:load_balancer.web_acl_arn associates a web ACL; allowed_cidrs has no default
  # checkov:skip=CKV2_AWS_76:The web ACL is the caller's; Claviger runs no Java
  name               = var.name
  load_balancer_type = "application"
  internal           = var.load_balancer.internal
  subnets            = local.load_balancer_subnet_ids
  security_groups    = [aws_security_group.load_balancer.id]

  # For clients and targets alike; event streams send a byte every 15 seconds.
  idle_timeout               = 60
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  # Claviger compares Host and Origin.
  preserve_host_header       = true
  xff_header_processing_mode = "append"
  enable_deletion_protection = var.deletion_protection

  dynamic "access_logs" {
    for_each = var.load_balancer.access_logs_bucket == null ? [] : [var.load_balancer.access_logs_bucket]

    content {
      bucket  = access_logs.value
      prefix  = var.load_balancer.access_logs_prefix
      enabled = true
    }
  }

  tags = var.tags
}

resource "aws_lb_target_group" "console" {
  # checkov:skip=CKV_AWS_378:The load balancer terminates TLS; Claviger speaks HTTP within the private subnets
  name        = var.name
  target_type = "ip"
  protocol    = "HTTP"
  port        = 8080
  vpc_id      = local.vpc_id
  tags        = var.tags

  deregistration_delay = 10
  # None.
  slow_start = 0

  health_check {
    path                = "/readyz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "https" {
  # checkov:skip=CKV_AWS_103:The validation of load_balancer.tls_policy refuses policies below TLS 1.2
  load_balancer_arn = aws_lb.hub.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = var.load_balancer.tls_policy
  certificate_arn   = var.load_balancer.certificate_arn
  tags              = var.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.console.arn
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.hub.arn
  protocol          = "HTTP"
  port              = 80
  tags              = var.tags

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_wafv2_web_acl_association" "hub" {
  count = var.load_balancer.web_acl_arn == null ? 0 : 1

  resource_arn = aws_lb.hub.arn
  web_acl_arn  = var.load_balancer.web_acl_arn
}
