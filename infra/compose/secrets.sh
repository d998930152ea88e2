#!/bin/sh
# Makes the secrets of compose.yaml, each in a file of its own below secrets/. What is there already is left alone.
set -eu

cd "$(dirname "$0")"
mkdir -p secrets
# The files are readable for the users of the containers; the folder is not, for others on this machine.
chmod 700 secrets
umask 022

random() {
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

once() {
    [ -s "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"
}

once postgres-password "$(random)"
once console-password "$(random)"
once oidc-client-secret "$(random)"
once external-id "$(random)"
once aws-key-id "AKIA$(random | cut -c1-16 | tr '[:lower:]' '[:upper:]')"
once aws-key-secret "$(random)$(random)"

value() {
    cat "secrets/$1"
}

cat > secrets/aws-credentials <<FILE
[default]
aws_access_key_id = $(value aws-key-id)
aws_secret_access_key = $(value aws-key-secret)
FILE

cat > secrets/owner.toml <<FILE
database_url = "postgres://claviger:$(value postgres-password)@postgres/claviger"
FILE

# The demo's groups and roles, with the secrets on top: tables come last in TOML.
{
    cat <<FILE
database_url = "postgres://claviger_console:$(value console-password)@postgres/claviger"
oidc_client_secret = "$(value oidc-client-secret)"
external_id = "$(value external-id)"
FILE
    sed 's|"access/|"/etc/claviger/|' ../../demo/claviger.toml
} > secrets/claviger.toml

echo "The secrets are in $(pwd)/secrets"
