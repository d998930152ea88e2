#!/usr/bin/env bash
# Reads <<NAME>> into $<<VAR>>, and prints nothing.
set -euo pipefail

<<VAR>>=$(
  <<READ>>
)
export <<VAR>>

# What is started from here on has the value in its environment:
# ./your-command
