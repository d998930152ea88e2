#!/usr/bin/env bash
# Reads <<NAME>> from the agent on this instance into $<<VAR>>, and prints nothing.
# REFRESH=true asks Secrets Manager now: after a rotation the agent still has the old value.
set -euo pipefail

<<VAR>>=$(
  curl --silent --show-error --fail --get \
    --header "X-Aws-Parameters-Secrets-Token: $(cat /var/run/awssmatoken)" \
    --data-urlencode 'secretId=<<ARN>>' \
?stage?     --data-urlencode 'versionStage=<<STAGE>>' \
    --data-urlencode "refreshNow=${REFRESH:-false}" \
    http://localhost:2773/secretsmanager/get |
?!key?     jq --exit-status --raw-output .SecretString
?key?     jq --exit-status --raw-output --arg key <<KEY_SH>> '.SecretString | fromjson | .[$key]'
)
export <<VAR>>
