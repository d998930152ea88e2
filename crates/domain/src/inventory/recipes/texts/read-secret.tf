terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "<<REGION>>"
}

# Read in each run, and written neither into the plan nor into the state.
ephemeral "aws_secretsmanager_secret_version" "this" {
  secret_id = "<<ARN>>"
?stage?   version_stage = "<<STAGE>>"
}

locals {
  # For providers, write-only arguments and other ephemeral values.
?!key?   value = ephemeral.aws_secretsmanager_secret_version.this.secret_string
?key?   value = jsondecode(ephemeral.aws_secretsmanager_secret_version.this.secret_string)[<<KEY_TF>>]
}
