"""The rows that every engine gets: what the console would make of the load simulator's answers (crates/testkit/src/simulator)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

REGIONS = [
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
    "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1",
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
]
FIRST_ACCOUNT = 300_000_000_000
UNITS = 10
TEAMS = 40
DAY = 86_400
# Everything was changed at one date, 2026-11-01 09:00 UTC, and is asked for on 2026-11-24 12:00 UTC.
CHANGED = 1_793_523_600
NOW = 1_795_521_600

# What a facet counts, by the number that rows hold. `fresh-…` are teams that nobody has at first.
WORDS = {
    "kind": ["secret", "parameter"],
    "key": ["aws-managed", "customer-managed"],
    "owner": ["named", "missing"],
    "state": ["live", "deleting"],
    "base": ["not-applicable", "on", "off"],
    "region": REGIONS,
    "ou": [f"ou-0001-{n:08}" for n in range(UNITS)],
    "team": ["", *[f"team-{n:02}" for n in range(TEAMS)], *[f"fresh-{n}" for n in range(5)]],
}

COLUMNS = [
    "id", "kind", "account", "region", "ou", "base", "next_rotation_at", "key", "owner", "state", "team",
    "used_on", "changed_at", "name", "arn", "description", "tags", "search",
]


@dataclass(frozen=True)
class Size:
    accounts: int
    regions: int
    secrets: int
    parameters: int

    @property
    def rows(self) -> int:
        return self.accounts * self.regions * (self.secrets + self.parameters)


def size_of(rows: int) -> Size:
    """About so many rows, spread as the inventory's benchmark spreads them; its three sizes exactly."""
    known = {10_000: (50, 17, 10, 2), 100_000: (500, 17, 10, 2), 1_000_000: (500, 17, 108, 10)}
    if rows in known:
        return Size(*known[rows])
    accounts = 500 if rows >= 100_000 else 50
    in_place = max(2, round(rows / (accounts * len(REGIONS))))
    parameters = max(1, round(in_place * 0.085))
    return Size(accounts, len(REGIONS), in_place - parameters, parameters)


def word(field: str, number: int) -> str:
    """What a number of a row stands for."""
    return str(FIRST_ACCOUNT + number) if field == "account" else WORDS[field][number]


def make(size: Size):
    """Every row, as a tuple in the order of COLUMNS."""
    for account in range(size.accounts):
        for region in range(size.regions):
            for n in range(size.secrets):
                yield secret(account, region, n)
            for n in range(size.parameters):
                yield parameter(account, region, n)


def secret(account: int, region: int, n: int) -> tuple:
    number, code = FIRST_ACCOUNT + account, REGIONS[region]
    name = f"{['prod', 'staging', 'dev'][n % 3]}/team-{n % TEAMS:02}/service-{n % 7}/secret-{n:06}"
    signs = f"{(n * 7_919 + number) % 1_000_000:06}"
    arn = f"arn:aws:secretsmanager:{code}:{number}:secret:{name}-{signs}"
    description = f"What service-{n % 7} of {number} needs in {code}, number {n}, revision 0"
    tags = [] if n % 10 == 0 else [f"owner=team-{n % TEAMS:02}"]
    tags += [f"cost-center={1_000 + n % 40}", f"data-class={['internal', 'restricted', 'public'][n % 3]}"]
    rotates = n % 3 != 0
    return (
        identity(arn), 0, account, region, account % UNITS,
        1 if rotates else 2,
        (CHANGED if n % 11 == 0 else CHANGED + 60 * DAY) if rotates else 0,
        1 if n % 2 == 0 else 0,
        1 if n % 10 == 0 else 0,
        0,
        0 if n % 10 == 0 else 1 + n % TEAMS,
        (CHANGED - n % 200 * DAY) // DAY if n % 5 else 0,
        CHANGED, name, arn, description, tags, searched(arn, description, tags),
    )


def parameter(account: int, region: int, n: int) -> tuple:
    number, code = FIRST_ACCOUNT + account, REGIONS[region]
    name = f"/team-{n % TEAMS:02}/config/parameter-{n:06}"
    arn = f"arn:aws:ssm:{code}:{number}:parameter{name}"
    return (
        identity(arn), 1, account, region, account % UNITS, 0, 0, 0, 1, 0, 0, 0, CHANGED, name, arn, "", [],
        searched(arn, "", []),
    )


def identity(arn: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, arn))


def searched(arn: str, description: str, tags: list[str]) -> str:
    """What words are looked for in; no word goes across a line."""
    return "\n".join([arn, description, *tags]).lower()
