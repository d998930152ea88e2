"""Prints ten secrets of one account of the demo, so that each kind of set-up is among them: JSON with name, Region and ARN."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "demo"))

import organization as demo  # noqa: E402

ACCOUNT = sys.argv[1]
KINDS = [
    lambda s: s.owning_service is not None,
    lambda s: bool(s.replicas),
    lambda s: s.policy is not None,
    lambda s: s.rotation is not None and s.rotation["enabled"] and s.rotation["schedule"] is not None and s.rotation["by"],
    lambda s: s.rotation is not None and s.rotation["enabled"] and s.rotation["schedule"] is None and s.rotation["by"],
    lambda s: s.rotation is not None and not s.rotation["enabled"],
    lambda s: s.key is not None and ":alias/" in s.key,
    lambda s: s.key is not None and ":key/" in s.key,
    lambda s: s.key is None and s.rotation is None,
    lambda s: not s.tags,
    lambda s: not s.description,
]

every = [s for s in demo.build()[0] if s.account == ACCOUNT and s.deleted is None]
chosen = []
for kind in KINDS:
    chosen += [s for s in every if s not in chosen and kind(s)][:1]
chosen += [s for s in every if s not in chosen]
print(json.dumps([
    {
        "name": s.name,
        "region": s.region,
        "arn": f"arn:aws:secretsmanager:{s.region}:{s.account}:secret:{s.name}-{s.suffix}",
        "is_owned": s.owning_service is not None,
    }
    for s in chosen[:10]
]))
