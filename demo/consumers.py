"""The opt-in roles of the demo, a function and a project that a role can be attached to, and functions and a stack with credentials in plain text."""

import asyncio
import json
import pathlib
from urllib.parse import quote

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import codebuild, ec2, iam, lambda_svc
from ministack.services.cloudformation import handlers as cloudformation

import functions

ACCOUNT = "441205839201"
BOUNDARY = "claviger-boundary"
# Its owner lets Claviger attach roles, and it has a credential in plain text.
FUNCTION = "ledger-export"
PROJECT = "ledger-release"
# Functions with a credential in plain text, one of them in a URL, and what is none beside it.
PLAIN = {
    "invoice-mailer": {"SMTP_PASSWORD": "{canary}environment", "SMTP_HOST": "smtp.example.com", "TOKEN_URL": "https://example.com/token"},
    "refund-worker": {
        "DATABASE_URL": "postgres://refunds:{canary}environment@db.example.com/refunds",
        "DB_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:441205839201:secret:refunds/db-AbCdEf",
    },
}
# A parameter in plain text, one with NoEcho, which an output shows all the same, and what is none beside them.
STACK = "ledger-database"
TEMPLATE = {
    "Description": "The database of the ledger",
    "Parameters": {
        "DatabasePassword": {"Type": "String"},
        "MasterPassword": {"Type": "String", "NoEcho": True},
        "Stage": {"Type": "String", "Default": "prod"},
    },
    "Resources": {"Ready": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
    "Outputs": {
        "DatabaseUrl": {"Value": {"Fn::Sub": "postgres://ledger:${MasterPassword}@db.example.com/ledger"}},
        "DatabaseHost": {"Value": "db.example.com"},
    },
}


def complete_iam() -> None:
    """AWS authorizes calls of IAM on the role's ARN with its path, and with its permissions boundary, calls of CodeBuild on the project's
    ARN, with its tags and with what a request changes, and calls about instance profiles on theirs or the instance's; ministack 1.5.33 leaves these out."""
    plain_arn, plain_context = iam_actions.extract_resource_arn, iam_actions.request_tag_context

    def resource_arn(service: str, method: str, path: str, headers: dict, body: bytes, query: dict, *rest: str) -> str:
        found = plain_arn(service, method, path, headers, body, query, *rest)
        profile = iam_actions._query_param(query, "InstanceProfileName") if service == "iam" else ""
        if profile:
            known = iam._instance_profiles.get(profile)
            below = iam_actions._query_param(query, "Path") or "/"
            return known["Arn"] if known else f"arn:aws:iam::{get_account_id()}:instance-profile{below}{profile}"
        association = iam_actions._query_param(query, "AssociationId") if service == "ec2" else ""
        if association in ec2._iam_instance_profile_associations:
            instance = ec2._iam_instance_profile_associations[association]["InstanceId"]
            return f"arn:aws:ec2:{get_region()}:{get_account_id()}:instance/{instance}"
        if service == "codebuild":
            names = parsed(body).get("names") or []
            return codebuild._project_arn(names[0]) if names else found
        name = iam_actions._query_param(query, "RoleName") if service == "iam" else ""
        if not name:
            return found
        if name in iam._roles:
            return iam._roles[name]["Arn"]
        before, _, _ = found.partition(":role/")
        return f"{before}:role{iam_actions._query_param(query, 'Path') or '/'}{name}"

    def request_context(service: str, action: str, body: bytes, params: dict) -> dict:
        context = plain_context(service, action, body, params)
        if service == "codebuild" and action.endswith("UpdateProject"):
            asked = parsed(body)
            project = codebuild._projects.get(asked.get("name")) or {}
            tags = {f"aws:resourcetag/{tag['key']}".lower(): tag["value"] for tag in project.get("tags", [])}
            settings = {f"codebuild:{key}".lower(): "true" for key in asked if key not in ("name", "serviceRole")}
            role = {"codebuild:servicerole": asked["serviceRole"]} if "serviceRole" in asked else {}
            return context | tags | settings | role
        if service == "ec2" and "InstanceProfile" in action:
            new = iam_actions._query_param(params, "IamInstanceProfile.Arn")
            association = ec2._iam_instance_profile_associations.get(iam_actions._query_param(params, "AssociationId"))
            instance = association["InstanceId"] if association else iam_actions._query_param(params, "InstanceId")
            tags = {f"aws:resourcetag/{tag['Key']}".lower(): tag["Value"] for tag in ec2._tags.get(instance) or []}
            return context | tags | ({"ec2:newinstanceprofile": new} if new else {})
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

    def parsed(body: bytes) -> dict:
        try:
            found = json.loads(body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    iam_actions.extract_resource_arn = resource_arn
    iam_actions.request_tag_context = request_context


def complete_details() -> None:
    """AWS's GetAccountAuthorizationDetails returns the attached policies that AWS manages, with their documents, and the permissions
    boundary of a role; ministack 1.5.33 leaves both out."""
    plain = iam._IAM_HANDLERS["GetAccountAuthorizationDetails"]

    def policy_member(arn: str, policy: dict) -> str:
        versions = "".join(
            f"<member><Document>{quote(version['Document'], safe='')}</Document><VersionId>{version['VersionId']}</VersionId>"
            f"<IsDefaultVersion>{'true' if version['IsDefaultVersion'] else 'false'}</IsDefaultVersion></member>"
            for version in policy["Versions"].values()
        )
        return (
            f"<member><PolicyName>{policy['PolicyName']}</PolicyName><PolicyId>{policy['PolicyId']}</PolicyId><Arn>{arn}</Arn>"
            f"<Path>{policy['Path']}</Path><DefaultVersionId>{policy['DefaultVersionId']}</DefaultVersionId>"
            f"<PolicyVersionList>{versions}</PolicyVersionList></member>"
        )

    def details(params: dict) -> tuple:
        status, headers, body = plain(params)
        # The product asks without a filter.
        if status != 200 or iam_actions._query_param(params, "Filter.member.1"):
            return status, headers, body
        text = body.decode()
        holders = [*iam._roles.values(), *iam._users.values(), *iam._groups.values()]
        attached = sorted({arn for holder in holders for arn in holder.get("AttachedPolicies", [])})
        known = [(arn, iam._aws_managed_policies[arn]) for arn in attached if arn in iam._aws_managed_policies]
        members = "".join(policy_member(arn, policy) for arn, policy in known)
        text = text.replace("</Policies>", f"{members}</Policies>")
        for role in iam._roles.values():
            if boundary := role.get("PermissionsBoundary"):
                found = f"<RoleId>{role['RoleId']}</RoleId>"
                shown = (
                    "<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>"
                    f"<PermissionsBoundaryArn>{boundary}</PermissionsBoundaryArn></PermissionsBoundary>"
                )
                text = text.replace(found, found + shown)
        return status, headers, text.encode()

    iam._IAM_HANDLERS["GetAccountAuthorizationDetails"] = details


def seed_boundary(policies: pathlib.Path) -> None:
    """The template that creates claviger-iam creates it too."""
    with request_scope(ACCOUNT, "us-east-1"):
        iam._create_policy({
            "PolicyName": [BOUNDARY],
            "PolicyDocument": [(policies / f"{BOUNDARY}.json").read_text()],
        })


def seed_function(canary: str) -> None:
    """They have the role of another function."""
    own = {FUNCTION: {"LEDGER_PASSWORD": "{canary}environment", "STAGE": "prod"}}
    with request_scope(ACCOUNT, "us-east-1"):
        for name, variables in (own | PLAIN).items():
            lambda_svc._create_function({
                "FunctionName": name,
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": f"arn:aws:iam::{ACCOUNT}:role/rotate-batch-ledger",
                "Code": {"ZipFile": functions.EMPTY_ZIP},
                "Environment": {"Variables": {key: value.replace("{canary}", canary) for key, value in variables.items()}},
                "Tags": {"claviger:attach": "true"} if name == FUNCTION else {},
            })


def seed_project(canary: str) -> None:
    """It has the role of another project."""
    with request_scope(ACCOUNT, "us-east-1"):
        codebuild._create_project({
            "name": PROJECT,
            "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2"},
            "serviceRole": f"arn:aws:iam::{ACCOUNT}:role/rotate-batch-ledger",
            "environment": {
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [
                    {"name": "LEDGER_PASSWORD", "value": f"{canary}environment", "type": "PLAINTEXT"},
                ],
            },
            "tags": [{"key": "claviger:attach", "value": "true"}],
        })


def seed_stack(canary: str) -> None:
    """ministack creates it in a task: this waits until it is there."""
    form = {"StackName": [STACK], "TemplateBody": [json.dumps(TEMPLATE)]}
    for number, name in enumerate(("DatabasePassword", "MasterPassword"), 1):
        form[f"Parameters.member.{number}.ParameterKey"] = [name]
        form[f"Parameters.member.{number}.ParameterValue"] = [f"{canary}environment"]

    async def create() -> None:
        status, _, body = cloudformation._create_stack(form)
        if status != 200:
            raise RuntimeError(f"the stack was not created: {body.decode()}")
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    with request_scope(ACCOUNT, "us-east-1"):
        asyncio.run(create())
