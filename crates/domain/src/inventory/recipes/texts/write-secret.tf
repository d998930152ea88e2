variable "new_value" {
  description = "The whole new text; TF_VAR_new_value keeps it out of files."
  type        = string
  sensitive   = true
  ephemeral   = true
}

# Writes a new version. The value is written neither into the plan nor into the state.
resource "aws_secretsmanager_secret_version" "new" {
  secret_id        = "<<ARN>>"
  secret_string_wo = var.new_value
  # Raise it for each new value.
  secret_string_wo_version = 1
}
