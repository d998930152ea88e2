"""The rotation functions of the demo."""

import json

from ministack.core.responses import request_scope
from ministack.services import iam, lambda_svc

# A secret without rotation, for which one function is ready and one is not.
ROTATED = "payments/batch/ledger/postgres-6"
# The smallest archive that Lambda takes as code.
EMPTY_ZIP = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="


def seed_functions() -> None:
    """Two rotation functions of Payments Prod. The draft's policy does not admit Secrets Manager, and its role may not write."""
    account = "441205839201"
    reads = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    writes = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    secret = f"arn:aws:secretsmanager:us-east-1:{account}:secret:{ROTATED}-*"
    with request_scope(account, "us-east-1"):
        for name, actions in {"rotate-batch-ledger": reads + writes, "rotate-batch-ledger-draft": reads}.items():
            iam._create_role({
                "RoleName": [name],
                "AssumeRolePolicyDocument": [json.dumps({"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
                ]})],
            })
            iam._put_role_policy({
                "RoleName": [name],
                "PolicyName": ["rotation"],
                "PolicyDocument": [json.dumps({"Version": "2012-10-17", "Statement": [
                    {"Sid": "Rotate", "Effect": "Allow", "Action": actions, "Resource": secret},
                    {"Sid": "Generate", "Effect": "Allow", "Action": "secretsmanager:GetRandomPassword", "Resource": "*"},
                ]})],
            })
            lambda_svc._create_function({
                "FunctionName": name,
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": f"arn:aws:iam::{account}:role/{name}",
                "Code": {"ZipFile": EMPTY_ZIP},
            })
        lambda_svc._add_permission("rotate-batch-ledger", {
            "StatementId": "rotation",
            "Action": "lambda:InvokeFunction",
            "Principal": "secretsmanager.amazonaws.com",
            "SourceAccount": account,
        })
