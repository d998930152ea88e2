"""Serves an Organization of 20 accounts with 50 secrets in each of 2 Regions by moto, on loopback, for the comparison with c7n-org.

Usage: organization.py PORT ACCOUNTS_YML. Writes the accounts as c7n-org wants them, then serves until it is ended.
"""

from __future__ import annotations

import json
import sys

from moto.organizations.models import organizations_backends
from moto.secretsmanager.models import secretsmanager_backends

# Who calls with keys that moto did not make is taken to be this one.
MANAGEMENT = "123456789012"
ACCOUNTS = 20
REGIONS = ["us-east-1", "eu-west-1"]
SECRETS = 50
KEY = "arn:aws:kms:{region}:{account}:key/5d0c3f6e-1c0b-4b0c-9f5e-0a4f6d1b2c3d"


def seed() -> list[str]:
    organization = organizations_backends[MANAGEMENT]["aws"]
    organization.create_organization("us-east-1", FeatureSet="ALL")
    accounts = []
    for n in range(ACCOUNTS):
        made = organization.create_account(AccountName=f"Account {n:02}", Email=f"a{n}@example.com")
        accounts.append(made["CreateAccountStatus"]["AccountId"])
    for account in accounts:
        for region in REGIONS:
            fill(account, region)
    return accounts


def fill(account: str, region: str) -> None:
    backend = secretsmanager_backends[account][region]
    for n in range(SECRETS):
        tags = [{"Key": "owner", "Value": f"team-{n % 7}"}, {"Key": "env", "Value": "prod"}]
        if n % 5 == 0:
            tags = tags[1:]
        if n == 11:
            # A tag without a value.
            tags[0]["Value"] = ""
        key = KEY.format(region=region, account=account) if n % 3 == 0 else None
        if n == 13:
            # The AWS managed key, by its name.
            key = "alias/aws/secretsmanager"
        backend.create_secret(
            name=f"team-{n % 7}/service-{n}",
            secret_string="not a value",
            secret_binary=None,
            description=None,
            tags=tags,
            kms_key_id=key,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        secret = backend.secrets[f"team-{n % 7}/service-{n}"]
        # Nine was switched off: its rules stay.
        if n % 2 == 0 or n == 9:
            secret.rotation_requested = True
            secret.rotation_enabled = n % 2 == 0
            secret.auto_rotate_after_days = 30
        if n == 17:
            # Pending deletion.
            backend.delete_secret(
                secret_id=secret.name, recovery_window_in_days=30, force_delete_without_recovery=False
            )


def main() -> None:
    port, accounts_file = sys.argv[1:]
    accounts = seed()
    with open(accounts_file, "w") as file:
        json.dump({"accounts": [
            {
                "account_id": account,
                "name": f"account-{account}",
                "role": f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole",
                "regions": REGIONS,
            }
            for account in accounts
        ]}, file)
    from moto.server import main as serve

    serve(["-H", "127.0.0.1", "-p", port])


if __name__ == "__main__":
    main()
