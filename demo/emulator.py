"""Starts ministack with the demo Organization in it, and with AUTH on.

ministack is the emulator that enforces what the product relies on: trust policies, external ids and
session policies. Where its answers leave out what AWS gives, they are completed here; each completion
says what AWS does. Values are made up, and carry a canary that must show up nowhere.
"""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import random
import string
import sys
import uuid

os.environ["AUTH"] = "true"
os.environ.setdefault("CLOUDTRAIL_RECORDING", "1")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import organization as demo  # noqa: E402

os.environ["MINISTACK_ACCOUNT_ID"] = demo.MANAGEMENT
os.environ["BIND_HOST"] = "127.0.0.1"
# Its MQTT listener would bind every interface.
os.environ["IOT_MTLS_ENABLED"] = "0"

from ministack.core import iam_actions  # noqa: E402
from ministack.core.responses import json_response, request_scope  # noqa: E402
from ministack.services import account as account_management  # noqa: E402
from ministack.services import cloudtrail, config, iam, kms, organizations, secretsmanager, ssm, tagging  # noqa: E402

import consumers  # noqa: E402
import event_bus  # noqa: E402
import functions  # noqa: E402
import readers  # noqa: E402

POLICIES = pathlib.Path(__file__).parent.parent / "infra" / "policies"
HUB_USER = "claviger-hub"
# The newest version of the roles: each line is a version and the digest of its policies.
TEMPLATE_VERSION = (POLICIES.parent / "versions").read_text().split("\n")[-2].split()[0]
DAY = 86_400
MIDNIGHT = int(
    datetime.datetime.now(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
)


def at(day: int, hour: int = 9) -> int:
    """Seconds since the epoch, on a day counted from today, for what has happened: never ahead of now."""
    return min(ahead(day, hour), int(datetime.datetime.now(datetime.UTC).timestamp()))


def ahead(day: int, hour: int) -> int:
    """The same for what is still to happen."""
    return MIDNIGHT + day * DAY + hour * 3600


def complete_answers() -> None:
    """AWS's ListSecrets, DescribeSecret, Organizations and GetResources return these; ministack 1.5.33 does not."""
    plain_list, plain_describe = secretsmanager._list_secrets, secretsmanager._describe_secret

    def complete(entry: dict, secret: dict) -> None:
        for field in ("KmsKeyId", "RotationRules", "RotationLambdaARN", "LastRotatedDate", "NextRotationDate", "OwningService"):
            if secret.get(field) is not None:
                entry[field] = secret[field]
        # Null when rotation was never configured.
        if not secret.get("RotationEnabled") and not secret.get("RotationRules"):
            entry.pop("RotationEnabled", None)
        # A replicated primary names its own Region.
        if secret.get("ReplicationStatus"):
            entry["PrimaryRegion"] = entry["ARN"].split(":")[3]

    def list_secrets(data: dict) -> tuple:
        status, headers, body = plain_list(data)
        answer = json.loads(body)
        for entry in answer.get("SecretList", []):
            complete(entry, secretsmanager._secrets[entry["Name"]])
        return json_response(answer) if status == 200 else (status, headers, body)

    def describe_secret(data: dict) -> tuple:
        status, headers, body = plain_describe(data)
        answer = json.loads(body)
        if status == 200:
            complete(answer, secretsmanager._secrets[answer["Name"]])
        return json_response(answer) if status == 200 else (status, headers, body)

    secretsmanager._list_secrets = list_secrets
    secretsmanager._describe_secret = describe_secret

    plain_handle = secretsmanager.handle_request

    async def handle_request(method: str, path: str, headers: dict, body: bytes, query: dict) -> tuple:
        operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        if operation in OWN_OPERATIONS:
            return OWN_OPERATIONS[operation](json.loads(body))
        return await plain_handle(method, path, headers, body, query)

    secretsmanager.handle_request = handle_request

    plain_context = iam_actions.request_tag_context

    def request_context(service: str, action: str, body: bytes, params: dict) -> dict:
        # AWS sends these condition keys with a request that has the field; ministack 1.5.33 does not.
        context = plain_context(service, action, body, params)
        if service == "secretsmanager":
            sent = json.loads(body or b"{}")
            for field in ("VersionStage", "KmsKeyId", "Name"):
                if field in sent:
                    context[f"secretsmanager:{field}"] = sent[field]
        return context

    iam_actions.request_tag_context = request_context

    plain_field = iam_actions._safe_json_field

    def safe_json_field(body: bytes, field: str) -> str:
        # ListTargetsByRule names its rule in another field than ministack 1.5.33 looks at.
        return plain_field(body, field) or (plain_field(body, "Rule") if field == "RuleName" else "")

    iam_actions._safe_json_field = safe_json_field

    plain_account = organizations._public_account

    def public_account(account: dict) -> dict:
        # State replaces the retired Status.
        shown = plain_account(account)
        return shown | {"State": shown["Status"]}

    organizations._public_account = public_account

    # AWS Config evaluates; ministack 1.5.33 keeps rules alone.
    config._get_compliance_details_by_config_rule = compliance_details

    # AWS enables seventeen Regions by default; here it is three, so that a sweep is short.
    account_management._REGIONS_LIST = demo.REGIONS

    plain_metadata = kms._key_metadata

    def key_metadata(record: dict) -> dict:
        # ministack 1.5.33 takes every key for the customer's own.
        manager = "AWS" if record.get("_is_aws_managed") else "CUSTOMER"
        return plain_metadata(record) | {"KeyManager": manager, "AWSAccountId": kms.get_account_id()}

    kms._key_metadata = key_metadata

    # GetResources knows parameters too.
    tagging._COLLECTORS["ssm"] = tagging._collect_ssm


def remove_regions_from_replication(data: dict) -> tuple:
    """AWS has this call; ministack 1.5.33 does not."""
    _, secret = secretsmanager._resolve(data.get("SecretId"))
    if not secret:
        return secretsmanager.error_response_json(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400
        )
    gone = set(data.get("RemoveReplicaRegions", []))
    for region in gone:
        with request_scope(secretsmanager.get_account_id(), region):
            del secretsmanager._secrets[secret["Name"]]
    kept = [status for status in secret.get("ReplicationStatus", []) if status["Region"] not in gone]
    secret["ReplicationStatus"] = kept
    return json_response({"ARN": secret["ARN"], "ReplicationStatus": kept})


def cancel_rotate_secret(data: dict) -> tuple:
    """AWS has this call; ministack 1.5.33 does not. AWSPENDING stays where it is."""
    _, secret = secretsmanager._resolve(data.get("SecretId"))
    if not secret:
        return secretsmanager.error_response_json(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400
        )
    secret["RotationEnabled"] = False
    return json_response({"ARN": secret["ARN"], "Name": secret["Name"]})


OWN_OPERATIONS = {
    "RemoveRegionsFromReplication": remove_regions_from_replication,
    "CancelRotateSecret": cancel_rotate_secret,
}


def compliance_details(data: dict) -> tuple:
    """As AWS Config's managed rules say it, on the day before."""
    rule = config._config_rules[data["ConfigRuleName"]]
    results = []
    for name in secretsmanager._secrets:
        secret = secretsmanager._secrets[name]
        identifier = rule["Source"]["SourceIdentifier"]
        if identifier == "SECRETSMANAGER_ROTATION_ENABLED_CHECK":
            complies = bool(secret.get("RotationEnabled"))
        elif identifier == "SECRETSMANAGER_USING_CMK":
            complies = bool(secret.get("KmsKeyId"))
        else:
            read = secret.get("LastAccessedDate")
            complies = read is not None and read > at(-90, 0)
        results.append({
            "EvaluationResultIdentifier": {"EvaluationResultQualifier": {
                "ConfigRuleName": data["ConfigRuleName"],
                "ResourceType": "AWS::SecretsManager::Secret",
                "ResourceId": secret["ARN"],
            }},
            "ComplianceType": "COMPLIANT" if complies else "NON_COMPLIANT",
            "ResultRecordedTime": at(-1, 4),
        })
    return json_response({"EvaluationResults": results})


def seed_config() -> None:
    """A trail everywhere but in the sandbox; AWS Config in production, off in one Region of the network account."""
    for account in demo.ACCOUNTS:
        if account.env == "sandbox":
            continue
        name = "northwind-organization" if account.env == "prod" else "local"
        with request_scope(account.id, "us-east-1"):
            cloudtrail._create_trail({
                "Name": name,
                "S3BucketName": "northwind-log-archive",
                "IsMultiRegionTrail": account.env == "prod",
                "IsOrganizationTrail": account.env == "prod",
            })
            cloudtrail._start_logging({"Name": name})
        if account.env != "prod":
            continue
        for region in demo.REGIONS:
            with request_scope(account.id, region):
                config._put_configuration_recorder({"ConfigurationRecorder": {"name": "default"}})
                if (account.name, region) != ("Network Hub", "us-west-2"):
                    config._start_configuration_recorder({"ConfigurationRecorderName": "default"})
                for rule, parameters in demo.CONFIG_RULES.items():
                    config._put_config_rule({"ConfigRule": {
                        "ConfigRuleName": rule,
                        "Source": {"Owner": "AWS", "SourceIdentifier": rule.upper().replace("-", "_")},
                        "InputParameters": json.dumps(parameters),
                    }})


def seed_keys() -> None:
    """A key for each team with an alias, and AWS's own. In the sandbox one is pending deletion, in another disabled."""
    for account in demo.ACCOUNTS:
        for region in demo.REGIONS:
            with request_scope(account.id, region):
                for team in [*account.teams, "aws/secretsmanager", "aws/ssm"]:
                    made = json.loads(kms._create_key({})[2])["KeyMetadata"]["KeyId"]
                    key = demo.key_id(account.id, region, team)
                    kms._keys[key] = kms._keys.pop(made) | {
                        "KeyId": key,
                        "Arn": f"arn:aws:kms:{region}:{account.id}:key/{key}",
                        "_is_aws_managed": team.startswith("aws/"),
                    }
                    kms._create_alias({"AliasName": f"alias/{team}", "TargetKeyId": key})
                if account.env == "sandbox":
                    first = demo.key_id(account.id, region, account.teams[0])
                    if region == "us-east-1":
                        kms._schedule_key_deletion({"KeyId": first, "PendingWindowInDays": 14})
                    else:
                        kms._keys[first] |= {"Enabled": False, "KeyState": "Disabled"}


def seed_organization() -> None:
    master, org = demo.MANAGEMENT, demo.ORGANIZATION_ID
    with request_scope(master, "us-east-1"):
        organizations._ensure_org()
        organizations._orgs["self"] |= {
            "Id": org,
            "Arn": f"arn:aws:organizations::{master}:organization/{org}",
            "MasterAccountArn": f"arn:aws:organizations::{master}:account/{org}/{master}",
        }
        for old in list(organizations._roots):
            root = organizations._roots.pop(old)
        organizations._roots[demo.ROOT_ID] = root | {
            "Id": demo.ROOT_ID,
            "Arn": f"arn:aws:organizations::{master}:root/{org}/{demo.ROOT_ID}",
        }
        for ou in demo.OUS:
            organizations._ous[ou.id] = {
                "Id": ou.id,
                "Arn": f"arn:aws:organizations::{master}:ou/{org}/{ou.id}",
                "Name": ou.name,
                "Path": f"/{ou.name}/",
                "_ParentId": ou.parent,
            }
        for account in demo.ACCOUNTS:
            organizations._accounts[account.id] = {
                "Id": account.id,
                "Arn": f"arn:aws:organizations::{master}:account/{org}/{account.id}",
                "Email": account.email,
                "Name": account.name,
                "Status": account.state,
                "JoinedMethod": "CREATED",
                "JoinedTimestamp": at(-1500),
                "Path": "/",
                "_ParentId": account.ou,
            }
        # AWS attaches it everywhere; the emulator only to its own root.
        full = organizations.FULL_ACCESS_POLICY_ID
        for target in [demo.ROOT_ID, *(ou.id for ou in demo.OUS), *(account.id for account in demo.ACCOUNTS)]:
            organizations._attach_policy({"PolicyId": full, "TargetId": target})
        organizations._set_policy_type({"RootId": demo.ROOT_ID, "PolicyType": "TAG_POLICY"}, True)
        for name, target, content in demo.TAG_POLICIES:
            made = organizations._create_policy(
                {"Name": name, "Type": "TAG_POLICY", "Description": "", "Content": json.dumps(content)}
            )
            policy = json.loads(made[2])["Policy"]["PolicySummary"]["Id"]
            organizations._attach_policy({"PolicyId": policy, "TargetId": target})


def seed_roles(external_id: str, key_id: str, key_secret: str) -> None:
    hub_arn = f"arn:aws:iam::{demo.MANAGEMENT}:user/{HUB_USER}"
    with request_scope(demo.MANAGEMENT, "us-east-1"):
        iam._create_user({"UserName": [HUB_USER]})
        iam._put_user_policy({
            "UserName": [HUB_USER],
            "PolicyName": ["hub"],
            "PolicyDocument": [(POLICIES / "hub.json").read_text()],
        })
        iam._access_keys[key_id] = {
            "UserName": HUB_USER,
            "AccessKeyId": key_id,
            "SecretAccessKey": key_secret,
            "Status": "Active",
            "CreateDate": iam._now(),
        }
    trust = string.Template((POLICIES / "trust.json").read_text()).substitute(
        hub_principal_arn=hub_arn, external_id=external_id, organization_id=demo.ORGANIZATION_ID
    )
    for account in demo.ACCOUNTS:
        if not account.has_roles:
            continue
        with request_scope(account.id, "us-east-1"):
            optional = ("claviger-consumers", "claviger-iam") if account.id == consumers.ACCOUNT else ()
            for role in ("claviger-inventory", "claviger-access", "claviger-remediation", *optional):
                iam._create_role({
                    "RoleName": [role],
                    "AssumeRolePolicyDocument": [trust],
                    # As the templates set them.
                    "Tags.member.1.Key": ["claviger:template-version"],
                    "Tags.member.1.Value": [TEMPLATE_VERSION],
                    "Tags.member.2.Key": ["claviger:role"],
                    "Tags.member.2.Value": [role.removeprefix("claviger-")],
                })
                iam._put_role_policy({
                    "RoleName": [role],
                    "PolicyName": [role],
                    "PolicyDocument": [(POLICIES / f"{role}.json").read_text()],
                })


def seed_secret(secret: demo.Secret, rng: random.Random, canary: str) -> None:
    def version() -> str:
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))

    with request_scope(secret.account, secret.region):
        secretsmanager._create_secret({
            "Name": secret.name,
            "Description": secret.description,
            "SecretString": json.dumps({"username": "app", "password": f"{canary}{rng.getrandbits(64):016x}"}),
            "Tags": [{"Key": key, "Value": value} for key, value in secret.tags.items()],
            "KmsKeyId": secret.key,
        })
        stored = secretsmanager._secrets[secret.name]
        value = next(iter(stored["Versions"].values())) | {"CreatedDate": at(secret.value_set, 3)}
        versions = {version(): value}
        if secret.value_set > secret.created:
            versions[version()] = value | {"CreatedDate": at(secret.created), "Stages": ["AWSPREVIOUS"]}
        if secret.pending:
            versions[version()] = value | {"CreatedDate": at(-3, 3), "Stages": ["AWSPENDING"]}
        stored |= {
            "ARN": f"arn:aws:secretsmanager:{secret.region}:{secret.account}:secret:{secret.name}-{secret.suffix}",
            "CreatedDate": at(secret.created),
            "LastChangedDate": at(secret.changed),
            "LastAccessedDate": None if secret.accessed is None else at(secret.accessed, 0),
            "OwningService": secret.owning_service,
            "Versions": versions,
        }
        if secret.rotation:
            rules = {"AutomaticallyAfterDays": secret.rotation["days"]}
            if secret.rotation["schedule"]:
                rules = {"ScheduleExpression": secret.rotation["schedule"], "Duration": "3h"}
            stored |= {
                "RotationEnabled": secret.rotation["enabled"],
                "RotationRules": rules,
                "RotationLambdaARN": secret.rotation["by"],
                "LastRotatedDate": None if secret.rotation["last"] is None else at(secret.rotation["last"], 3),
                "NextRotationDate": None if secret.rotation["next"] is None else ahead(secret.rotation["next"], 23),
            }
        secretsmanager._secrets[secret.name] = stored
        if secret.policy:
            secretsmanager._put_resource_policy({"SecretId": secret.name, "ResourcePolicy": json.dumps(secret.policy)})
        if secret.replicas:
            secretsmanager._replicate_secret_to_regions({
                "SecretId": secret.name,
                "AddReplicaRegions": [{"Region": region} for region in secret.replicas],
            })
        if secret.deleted is not None:
            stored["DeletedDate"] = at(secret.deleted)
    for region in secret.replicas:
        # A replica is read where it stands: its date is its own.
        with request_scope(secret.account, region):
            secretsmanager._secrets[secret.name]["LastAccessedDate"] = at(-rng.randint(0, 20), 0)


def seed_parameter(parameter: demo.Parameter, rng: random.Random, canary: str) -> None:
    with request_scope(parameter.account, parameter.region):
        ssm._put_parameter({
            "Name": parameter.name,
            "Description": parameter.description,
            "Value": f"{canary}{rng.getrandbits(64):016x}",
            "Type": parameter.type,
            "KeyId": parameter.key,
            "Tier": parameter.tier,
        })
        ssm._parameters[parameter.name]["LastModifiedDate"] = at(parameter.modified)
        if parameter.tags is not None:
            ssm._add_tags_to_resource({
                "ResourceType": "Parameter",
                "ResourceId": parameter.name,
                "Tags": [{"Key": key, "Value": value} for key, value in parameter.tags.items()],
            })


def seed(external_id: str, key_id: str, key_secret: str, canary: str) -> None:
    """The demo's whole Organization."""
    seed_organization()
    seed_config()
    seed_keys()
    readers.seed()
    functions.seed_functions()
    seed_roles(external_id, key_id, key_secret)
    consumers.seed_boundary(POLICIES)
    consumers.seed_function(canary)
    consumers.seed_project(canary)
    consumers.seed_stack(canary)
    secrets, parameters = demo.build()
    rng = random.Random(7)
    for secret in secrets:
        seed_secret(secret, rng, canary)
    for parameter in parameters:
        seed_parameter(parameter, rng, canary)
    event_bus.open_queue(demo.MANAGEMENT, HUB_USER)
    event_bus.seed_alarms(demo.MANAGEMENT, [one.id for one in demo.ACCOUNTS], demo.REGIONS, secrets)
    print(f"seeded {len(demo.ACCOUNTS)} accounts, {len(secrets)} secrets, {len(parameters)} parameters", flush=True)


def main() -> None:
    external_id = os.environ["CLAVIGER_DEMO_EXTERNAL_ID"]
    key_id, key_secret = os.environ["CLAVIGER_DEMO_KEY_ID"], os.environ["CLAVIGER_DEMO_KEY_SECRET"]
    canary = os.environ.get("CLAVIGER_DEMO_CANARY", "CANARY-")
    complete_answers()
    consumers.complete_iam()
    consumers.complete_details()
    if os.environ.get("CLAVIGER_DEMO_EMPTY") == "true":
        # For the test of a roll-out, which starts from nothing: no account, role, key or secret.
        print("nothing is seeded", flush=True)
    else:
        seed(external_id, key_id, key_secret, canary)

    from ministack.app import main as serve

    sys.argv = sys.argv[:1]
    serve()


if __name__ == "__main__":
    main()
