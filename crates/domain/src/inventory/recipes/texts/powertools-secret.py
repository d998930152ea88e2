"""Reads <<NAME>> from Secrets Manager with Powertools for AWS Lambda."""

?key? import json

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

SECRET_ID = "<<ARN>>"
TTL_SECONDS = 300

_provider = SecretsProvider(boto_config=Config(region_name="<<REGION>>"))


class Refused(Exception):
    """The target does not accept the value."""


def read(again: bool = False) -> str:
    """again asks Secrets Manager now: after a change the value in memory is the old one."""
    value = _provider.get(
        SECRET_ID,
        max_age=TTL_SECONDS,
        force_fetch=again,
?stage?         VersionStage="<<STAGE>>",
    )
?!key?     return value
?key?     return json.loads(value)[<<KEY>>]


def handler(event, context):
    try:
        return work(read(), event)
    except Refused:
        return work(read(again=True), event)


def work(value: str, event):
    """Yours: use the value, and raise Refused if the target does not accept it."""
    raise NotImplementedError
