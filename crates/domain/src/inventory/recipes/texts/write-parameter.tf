variable "new_value" {
  description = "The new value; TF_VAR_new_value keeps it out of files."
  type        = string
  sensitive   = true
  ephemeral   = true
}

# Writes a new version. The value is written neither into the plan nor into the state.
resource "aws_ssm_parameter" "new" {
  name = "<<NAME>>"
?encrypted?   type = "SecureString"
?encrypted,ownkey?   key_id = "<<KEY_ARN>>"
?!encrypted,!list?   type = "String"
?list?   type = "StringList"
  value_wo = var.new_value
  # Raise it for each new value.
  value_wo_version = 1

  # What is not here stays as it is.
  lifecycle {
    ignore_changes = [tags, tags_all, description, allowed_pattern, data_type, tier]
  }
}
