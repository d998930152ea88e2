"""Reads <<NAME>> from Parameter Store with Powertools for AWS Lambda."""

?key? import json

from aws_lambda_powertools.utilities.parameters import SSMProvider
from botocore.config import Config

NAME = "<<NAME>>"
TTL_SECONDS = 300

_provider = SSMProvider(boto_config=Config(region_name="<<REGION>>"))


class Refused(Exception):
    """The target does not accept the value."""


def read(again: bool = False) -> str:
    """again asks Parameter Store now: after a change the value in memory is the old one."""
?encrypted?     value = _provider.get(NAME, max_age=TTL_SECONDS, force_fetch=again, decrypt=True)
?!encrypted?     value = _provider.get(NAME, max_age=TTL_SECONDS, force_fetch=again)
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
