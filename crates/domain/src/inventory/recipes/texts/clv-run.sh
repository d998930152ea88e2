#!/usr/bin/env bash
# Starts a command with <<NAME>> in its environment. Sign in with `clv login` before.
set -euo pipefail

clv run --env <<SOURCE>> -- ./your-command
