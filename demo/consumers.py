"""The opt-in roles of the demo, and a function that a role can be attached to."""

import pathlib

from ministack.core import iam_actions
from ministack.core.responses import request_scope
from ministack.services import iam, lambda_svc

import functions

ACCOUNT = "441205839201"
BOUNDARY = "claviger-boundary"
# Its owner lets Claviger attach roles, and it has a credential in plain text.
FUNCTION = "ledger-export"


def complete_iam() -> None:
    """AWS authorizes calls of IAM on the role's ARN with its path, and with its permissions boundary; ministack 1.5.33 leaves both out."""
    plain_arn, plain_context = iam_actions.extract_resource_arn, iam_actions.request_tag_context

    def resource_arn(service: str, method: str, path: str, headers: dict, body: bytes, query: dict, *rest: str) -> str:
        found = plain_arn(service, method, path, headers, body, query, *rest)
        name = iam_actions._query_param(query, "RoleName") if service == "iam" else ""
        if not name:
            return found
        if name in iam._roles:
            return iam._roles[name]["Arn"]
        before, _, _ = found.partition(":role/")
        return f"{before}:role{iam_actions._query_param(query, 'Path') or '/'}{name}"

    def request_context(service: str, action: str, body: bytes, params: dict) -> dict:
        context = plain_context(service, action, body, params)
        if service != "iam":
            return context
        role = iam._roles.get(iam_actions._query_param(params, "RoleName")) or {}
        boundary = iam_actions._query_param(params, "PermissionsBoundary") or role.get("PermissionsBoundary")
        policy = iam_actions._query_param(params, "PolicyArn")
        if boundary:
            context["iam:PermissionsBoundary"] = boundary
        if policy:
            context["iam:PolicyARN"] = policy
        return context

    iam_actions.extract_resource_arn = resource_arn
    iam_actions.request_tag_context = request_context


def seed_boundary(policies: pathlib.Path) -> None:
    """The template that creates claviger-iam creates it too."""
    with request_scope(ACCOUNT, "us-east-1"):
        iam._create_policy({
            "PolicyName": [BOUNDARY],
            "PolicyDocument": [(policies / f"{BOUNDARY}.json").read_text()],
        })


def seed_function(canary: str) -> None:
    """It has the role of another function."""
    with request_scope(ACCOUNT, "us-east-1"):
        lambda_svc._create_function({
            "FunctionName": FUNCTION,
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": f"arn:aws:iam::{ACCOUNT}:role/rotate-batch-ledger",
            "Code": {"ZipFile": functions.EMPTY_ZIP},
            "Environment": {"Variables": {"LEDGER_PASSWORD": f"{canary}environment", "STAGE": "prod"}},
            "Tags": {"claviger:attach": "true"},
        })
