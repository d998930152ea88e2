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
?!encrypted?   type = "String"
  value_wo = var.new_value
  # Raise it for each new value.
  value_wo_version = 1
}
