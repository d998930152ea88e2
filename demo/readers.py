"""Roles of the demo that read secrets, and pipelines that may assume some of them."""

import json

from ministack.core.responses import request_scope
from ministack.services import iam

ACCOUNT = "441205839201"

# Roles of Payments Prod with the statement of their policy.
READERS = {
    "ledger-api": {
        "Action": ["secretsmanager:GetSecretValue", "kms:Decrypt"],
        "Resource": ["arn:aws:secretsmanager:*:*:secret:payments/*", "arn:aws:kms:*:441205839201:key/*"],
    },
    "reporting": {
        "Action": ["secretsmanager:GetSecretValue", "ssm:GetParameter*", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "10.20.0.0/16"}},
    },
    "github-deploy": {
        "Action": ["secretsmanager:GetSecretValue", "kms:Decrypt"],
        "Resource": ["arn:aws:secretsmanager:*:*:secret:payments/stripe/*", "arn:aws:kms:*:441205839201:key/*"],
    },
    "gitlab-release": {
        "Action": ["secretsmanager:GetSecretValue", "kms:Decrypt"],
        "Resource": ["arn:aws:secretsmanager:*:*:secret:payments/stripe/*", "arn:aws:kms:*:441205839201:key/*"],
    },
    "platform-admin": {"Action": "*", "Resource": "*"},
    "incident-admin": {"Action": "*", "Resource": "*"},
}

# Of these roles the conditions under which a pipeline may assume them, by its issuer. The first admits every repository on GitHub.
PIPELINES = {
    "github-deploy": ("token.actions.githubusercontent.com", {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
    }),
    "gitlab-release": ("gitlab.com", {
        "gitlab.com:aud": "https://gitlab.com",
        "gitlab.com:sub": "project_path:northwind/payments:ref_type:branch:ref:main",
    }),
}


def trust_of(role: str) -> dict:
    """The trust policy of a role: of a pipeline, or of a task."""
    if role not in PIPELINES:
        return {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    issuer, condition = PIPELINES[role]
    return {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": condition},
    }


def seed() -> None:
    """Roles that read secrets, and one that was denied the production parameters of the ledger and lists them all the same."""
    with request_scope(ACCOUNT, "us-east-1"):
        for role, statement in READERS.items():
            iam._create_role({
                "RoleName": [role],
                "AssumeRolePolicyDocument": [json.dumps({"Version": "2012-10-17", "Statement": [trust_of(role)]})],
            })
            iam._put_role_policy({
                "RoleName": [role],
                "PolicyName": [role],
                "PolicyDocument": [json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "Allow", "Effect": "Allow"} | statement]})],
            })
        iam._create_role({
            "RoleName": ["settlement-batch"],
            "AssumeRolePolicyDocument": [json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
            ]})],
        })
        iam._put_role_policy({
            "RoleName": ["settlement-batch"],
            "PolicyName": ["parameters"],
            "PolicyDocument": [json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "ssm:GetParameter*", "Resource": "arn:aws:ssm:*:*:parameter/payments*"},
                {"Effect": "Deny", "Action": ["ssm:GetParameter", "ssm:GetParameters"],
                 "Resource": "arn:aws:ssm:*:*:parameter/payments/prod/*"},
            ]})],
        })
