"""The demo Organization as plain data: the same every time, with the flaws that real ones have.

Nothing here talks to anything. Dates are days before or after the day of the start, so that what is
overdue stays overdue.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field

REGIONS = ["us-east-1", "eu-west-1", "us-west-2"]
ORGANIZATION_ID = "o-n0rthw1nd1"
ROOT_ID = "r-n0rt"
MANAGEMENT = "204917356680"


@dataclass(frozen=True)
class Ou:
    id: str
    name: str
    parent: str


@dataclass(frozen=True)
class Account:
    id: str
    name: str
    ou: str
    teams: tuple[str, ...]
    env: str
    secrets: int
    parameters: int
    state: str = "ACTIVE"
    has_roles: bool = True

    @property
    def email(self) -> str:
        return f"aws+{self.name.lower().replace(' ', '-')}@northwind.example"


SECURITY = Ou("ou-n0rt-5ecur1ty", "Security", ROOT_ID)
INFRASTRUCTURE = Ou("ou-n0rt-1nfra001", "Infrastructure", ROOT_ID)
WORKLOADS = Ou("ou-n0rt-w0rkload", "Workloads", ROOT_ID)
PRODUCTION = Ou("ou-n0rt-pr0ducti", "Production", WORKLOADS.id)
DEVELOPMENT = Ou("ou-n0rt-devel0pm", "Development", WORKLOADS.id)
SANDBOX = Ou("ou-n0rt-sandb0x1", "Sandbox", ROOT_ID)
OUS = [SECURITY, INFRASTRUCTURE, WORKLOADS, PRODUCTION, DEVELOPMENT, SANDBOX]

ACCOUNTS = [
    Account(MANAGEMENT, "Northwind Management", ROOT_ID, ("platform",), "prod", 9, 6),
    Account("318840275512", "Security Tooling", SECURITY.id, ("identity", "security"), "prod", 42, 14),
    Account("377105918264", "Log Archive", SECURITY.id, ("security",), "prod", 8, 5),
    Account("402618835970", "Network Hub", INFRASTRUCTURE.id, ("network",), "prod", 26, 12),
    Account("419930762158", "Shared CI", INFRASTRUCTURE.id, ("platform", "ci"), "prod", 58, 22),
    Account("441205839201", "Payments Prod", PRODUCTION.id, ("payments",), "prod", 96, 24),
    Account("458812704336", "Checkout Prod", PRODUCTION.id, ("checkout",), "prod", 84, 28),
    Account("472093615847", "Analytics Prod", PRODUCTION.id, ("data", "ml-research"), "prod", 66, 18),
    Account("489316607725", "Partner Gateway", PRODUCTION.id, ("partners",), "prod", 24, 8, has_roles=False),
    Account("506274918803", "Payments Dev", DEVELOPMENT.id, ("payments",), "dev", 64, 20),
    Account("523981046617", "Platform Dev", DEVELOPMENT.id, ("platform", "checkout"), "dev", 72, 26),
    Account("548107392265", "Growth Dev", DEVELOPMENT.id, ("growth",), "dev", 46, 16),
    Account("561840927734", "Research Sandbox", SANDBOX.id, ("ml-research",), "sandbox", 29, 9),
    Account("587026413398", "Legacy Sandbox", SANDBOX.id, ("growth",), "sandbox", 12, 4, state="SUSPENDED"),
]

# Name, where it is attached, content.
TAG_POLICIES = [
    ("northwind-tags", ROOT_ID, {"tags": {
        "env": {
            "tag_key": {"@@assign": "env"},
            "tag_value": {"@@assign": ["prod", "dev"], "@@operators_allowed_for_child_policies": ["@@append"]},
        },
        "cost-center": {"tag_key": {"@@assign": "cost-center"}, "tag_value": {"@@assign": ["cc-1*"]}},
    }}),
    ("sandbox-environments", SANDBOX.id, {"tags": {"env": {"tag_value": {"@@append": ["sandbox"]}}}}),
    ("production-owners", PRODUCTION.id, {"tags": {"owner": {
        "tag_key": {"@@assign": "owner"},
        "report_required_tag_for": {"@@assign": ["secretsmanager:secret"]},
    }}}),
]

# Managed rules of AWS Config with their parameters, in production.
CONFIG_RULES = {
    "secretsmanager-rotation-enabled-check": {},
    "secretsmanager-using-cmk": {},
    "secretsmanager-secret-unused": {"unusedForDays": "90"},
}

THINGS = {
    "payments": ["ledger/postgres", "ledger/readonly", "stripe/api-key", "stripe/webhook-signing", "adyen/merchant",
                 "kafka/mtls-client", "fraud/redis", "settlement/sftp", "paypal/oauth-client", "vault-card/hsm-pin",
                 "reporting/postgres", "iso20022/signing-key"],
    "checkout": ["session-signing", "cart/dynamo-dax", "orders/postgres", "tax/avalara-token", "shipping/easypost-key",
                 "search/algolia-admin", "email/sendgrid", "cdn/fastly-token", "feature-flags/sdk-key"],
    "identity": ["okta/scim-token", "okta/admin-api", "auth0/client-secret", "ldap/bind-password", "saml/signing-key"],
    "security": ["siem/splunk-hec", "crowdstrike/api-client", "pagerduty/routing-key", "guardduty/webhook", "wiz/connector"],
    "network": ["vpn/preshared-key", "cloudflare/api-token", "firewall/panorama", "dns/ns1-key", "bgp/md5-peer"],
    "platform": ["datadog/api", "datadog/app", "github/app-private-key", "terraform/cloud-token", "argo/repo-deploy-key",
                 "grafana/admin", "slack/bot-token", "opsgenie/api"],
    "ci": ["github/runner-registration", "dockerhub/pull", "npm/publish-token", "sonar/token", "codesign/p12-password"],
    "data": ["snowflake/loader", "snowflake/admin", "redshift/etl", "airflow/fernet-key", "dbt/service-token", "fivetran/api",
             "looker/client"],
    "ml-research": ["openai/org-key", "huggingface/token", "wandb/api-key", "sagemaker/studio-git", "labelbox/api"],
    "partners": ["ftp/partner-upload", "edi/as2-cert", "acme/api-client", "webhooks/hmac"],
    "growth": ["segment/write-key", "amplitude/api", "braze/rest", "facebook/capi-token", "hubspot/private-app"],
}
SERVICES = ["api", "worker", "batch", "admin", "edge", "etl", "portal", "sync"]
SETTINGS = ["log-level", "feature/new-flow", "db/host", "db/port", "queue-url", "allowed-origins", "timeout-ms", "cache/ttl"]
SECURE_SETTINGS = ["db/password", "jwt-key", "datadog/api", "session-signing", "smtp/password", "license-key"]
MISSPELT = ["Owner", "owners", "onwer", "team-owner"]
DESCRIPTIONS = ["{thing} credentials of the {team} team", "{thing} for {env}", "Application user, {thing}", "", ""]


@dataclass
class Secret:
    account: str
    region: str
    name: str
    description: str
    tags: dict[str, str]
    created: int
    value_set: int
    changed: int
    accessed: int | None
    key: str | None = None
    rotation: dict | None = None  # enabled, days | schedule, last, next, by
    pending: bool = False
    owning_service: str | None = None
    deleted: int | None = None
    replicas: list[str] = field(default_factory=list)
    policy: dict | None = None
    suffix: str = ""


@dataclass
class Parameter:
    account: str
    region: str
    name: str
    type: str
    description: str
    tags: dict[str, str] | None
    modified: int
    key: str | None = None
    tier: str = "Standard"


def _tags(rng: random.Random, team: str, env: str) -> dict[str, str]:
    tags = {"owner": team, "env": env, "cost-center": f"cc-{1000 + sum(map(ord, team)) % 900}"}
    flaw = rng.random()
    if flaw < 0.10:
        del tags["owner"]
    elif flaw < 0.17:
        tags[rng.choice(MISSPELT)] = tags.pop("owner")
    elif flaw < 0.24:
        del tags["env"]
    elif flaw < 0.28:
        tags["env"] = rng.choice(["production", "Prod", "PROD", "develop"])
    elif flaw < 0.34:
        tags = {}
    if rng.random() < 0.3:
        tags["tier"] = str(rng.randint(1, 3))
    if rng.random() < 0.2:
        tags["data-class"] = rng.choice(["confidential", "internal", "restricted"])
    return tags


def _rotation(rng: random.Random, account: Account, region: str, thing: str) -> dict | None:
    roll = rng.random()
    if roll < 0.44:
        return None
    days = rng.choice([7, 30, 30, 60, 90, 90])
    kind = "postgres-single-user" if "postgres" in thing else "generic"
    base = {
        "days": days,
        "by": f"arn:aws:lambda:{region}:{account.id}:function:rotate-{kind}",
        "schedule": rng.choice([None, None, "rate(30 days)", "cron(0 3 1 * ? *)"]),
    }
    if roll < 0.50:
        return base | {"enabled": False, "last": None, "next": None}
    if roll < 0.60:
        late = rng.randint(2, 60)
        return base | {"enabled": True, "last": -days - late, "next": -late}
    ahead = rng.randint(0, days)
    return base | {"enabled": True, "last": ahead - days, "next": ahead}


def _policy(rng: random.Random, account: Account) -> dict | None:
    roll = rng.random()
    if roll > 0.08:
        return None
    other = rng.choice([a for a in ACCOUNTS if a.id != account.id])
    if roll < 0.015:
        principal: object = "*"
    elif roll < 0.035:
        principal = {"AWS": "arn:aws:iam::773100984412:root"}
    else:
        principal = {"AWS": f"arn:aws:iam::{other.id}:role/{rng.choice(['etl-batch', 'fraud-batch', 'deploy'])}"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    if roll >= 0.06:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def key_id(account: str, region: str, team: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{account}/{region}/{team}"))


def _key(account: Account, region: str, team: str) -> str:
    """Some name their key by its alias, some by itself."""
    key = key_id(account.id, region, team)
    name = f"alias/{team}" if int(key[0], 16) % 2 else f"key/{key}"
    return f"arn:aws:kms:{region}:{account.id}:{name}"


def _secrets(rng: random.Random, account: Account) -> list[Secret]:
    found: list[Secret] = []
    names: set[tuple[str, str]] = set()
    while len(found) < account.secrets:
        team = rng.choice(account.teams)
        thing = rng.choice(THINGS[team])
        region = rng.choices(REGIONS, weights=[6, 3, 2])[0]
        name = f"{team}/{thing}"
        if (region, name) in names:
            name = f"{team}/{rng.choice(SERVICES)}/{thing}"
        if (region, name) in names:
            name = f"{name}-{rng.randint(2, 9)}"
        if (region, name) in names:
            continue
        names.add((region, name))
        created = -rng.randint(20, 1400)
        rotation = _rotation(rng, account, region, thing)
        value_set = rotation["last"] if rotation and rotation["last"] is not None else -rng.randint(1, -created)
        value_set = max(value_set, created)
        roll = rng.random()
        accessed = None if roll < 0.07 else -rng.randint(91, 400) if roll < 0.2 else -rng.choice([0, 0, 0, 1, 1, 2, 6])
        if accessed is not None:
            accessed = max(accessed, created)
        secret = Secret(
            account.id, region, name,
            rng.choice(DESCRIPTIONS).format(thing=thing.replace("/", " "), team=team, env=account.env),
            _tags(rng, team, account.env), created, value_set, max(value_set, -rng.randint(0, 90)), accessed,
            key=_key(account, region, team) if rng.random() < 0.52 else None,
            rotation=rotation,
            pending=rotation is not None and rotation["enabled"] and rng.random() < 0.03,
            policy=_policy(rng, account),
            suffix="".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", k=6)),
        )
        roll = rng.random()
        if roll < 0.03:
            secret.deleted, secret.rotation, secret.pending = -rng.randint(0, 6), None, False
        elif roll < 0.10 and account.env == "prod":
            free = [r for r in REGIONS if (r, name) not in names]
            secret.replicas = rng.sample(free, min(len(free), rng.choice([1, 1, 2])))
            names.update((r, name) for r in secret.replicas)
        elif roll < 0.13 and account.env == "prod":
            secret.name = f"rds!db-{uuid.UUID(int=rng.getrandbits(128))}"
            secret.owning_service, secret.key, secret.pending = "rds", None, False
            ahead = rng.randint(0, 6)
            secret.rotation = {"enabled": True, "days": 7, "schedule": None, "by": None, "last": ahead - 7, "next": ahead}
        found.append(secret)
    return found


def _parameters(rng: random.Random, account: Account) -> list[Parameter]:
    found: dict[tuple[str, str], Parameter] = {}
    while len(found) < account.parameters:
        team, service = rng.choice(account.teams), rng.choice(SERVICES)
        region = rng.choices(REGIONS, weights=[6, 3, 2])[0]
        secure = rng.random() < 0.5
        name = f"/{team}/{account.env}/{service}/{rng.choice(SECURE_SETTINGS if secure else SETTINGS)}"
        kind = "SecureString" if secure and rng.random() < 0.85 else "StringList" if name.endswith("origins") else "String"
        found[(region, name)] = Parameter(
            account.id, region, name, kind,
            rng.choice(["", "", f"Setting of {team}/{service}"]),
            _tags(rng, team, account.env) if rng.random() < 0.8 else None,
            -rng.randint(0, 700),
            key=f"alias/{team}" if kind == "SecureString" and rng.random() < 0.4 else None,
            tier="Advanced" if rng.random() < 0.06 else "Standard",
        )
    return list(found.values())


def build(seed: int = 42) -> tuple[list[Secret], list[Parameter]]:
    """Every secret and parameter of the Organization."""
    secrets: list[Secret] = []
    parameters: list[Parameter] = []
    for account in ACCOUNTS:
        rng = random.Random(f"{seed}:{account.id}")
        secrets += _secrets(rng, account)
        parameters += _parameters(rng, account)
    return secrets, parameters


if __name__ == "__main__":
    all_secrets, all_parameters = build()
    print(f"{len(ACCOUNTS)} accounts, {len(all_secrets)} secrets, {len(all_parameters)} parameters")
