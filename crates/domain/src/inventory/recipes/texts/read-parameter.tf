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
ephemeral "aws_ssm_parameter" "this" {
  arn = "<<ARN>>"
?encrypted?   with_decryption = true
}

locals {
  # For providers, write-only arguments and other ephemeral values.
?!key?   value = ephemeral.aws_ssm_parameter.this.value
?key?   value = jsondecode(ephemeral.aws_ssm_parameter.this.value)[<<KEY_TF>>]
}
