locals {
  owner        = "claviger_owner"
  console_role = "claviger_console"
  database     = "claviger"

  owner_secret_arn = aws_rds_cluster.hub.master_user_secret[0].secret_arn
  console_role_arn = "arn:${local.partition}:rds-db:${local.region}:${local.account_id}:dbuser:${aws_rds_cluster.hub.cluster_resource_id}/${local.console_role}"
}

resource "aws_db_subnet_group" "hub" {
  name        = var.name
  description = "Claviger"
  subnet_ids  = local.private_subnet_ids
  tags        = var.tags
}

resource "aws_rds_cluster_parameter_group" "hub" {
  name        = var.name
  description = "Claviger: TLS only, and slow statements in the log"
  family      = "aurora-postgresql${split(".", var.database_engine_version)[0]}"
  tags        = var.tags

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # Statements can have names of people and secrets, and the owner's could have a password.
  parameter {
    name  = "log_statement"
    value = "none"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }
}

resource "aws_rds_cluster" "hub" {
  # checkov:skip=CKV2_AWS_8:Point-in-time recovery is on; a plan of AWS Backup is the Organization's choice
  cluster_identifier = var.name
  engine             = "aurora-postgresql"
  engine_mode        = "provisioned"
  engine_version     = var.database_engine_version
  database_name      = local.database

  # The owner of the schema, who migrates. RDS keeps the password in Secrets Manager and rotates it.
  master_username               = local.owner
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.hub.key_id
  # The console's role signs in by IAM and has no password.
  iam_database_authentication_enabled = true
  enable_http_endpoint                = var.data_api_enabled

  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.hub.arn
  db_subnet_group_name            = aws_db_subnet_group.hub.name
  vpc_security_group_ids          = [aws_security_group.database.id]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.hub.name
  enabled_cloudwatch_logs_exports = ["postgresql"]

  backup_retention_period   = var.backup_retention_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final"

  serverlessv2_scaling_configuration {
    min_capacity = var.database_capacity.minimum
    max_capacity = var.database_capacity.maximum
  }

  tags = var.tags

  # Otherwise RDS creates the group, without a key and kept for ever.
  depends_on = [aws_cloudwatch_log_group.hub]
}

# The writer and a reader in another zone, which takes over: Claviger reads from the writer alone.
resource "aws_rds_cluster_instance" "hub" {
  # checkov:skip=CKV_AWS_226:A version with long-term support stays; AWS installs its patches all the same
  count = 2

  identifier         = "${var.name}-${count.index + 1}"
  cluster_identifier = aws_rds_cluster.hub.id
  engine             = aws_rds_cluster.hub.engine
  engine_version     = aws_rds_cluster.hub.engine_version
  instance_class     = "db.serverless"
  # Follows the writer's capacity, so that it can take over at once.
  promotion_tier = 1

  publicly_accessible             = false
  auto_minor_version_upgrade      = false
  ca_cert_identifier              = "rds-ca-rsa2048-g1"
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.hub.arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  copy_tags_to_snapshot           = true
  tags                            = var.tags
}
