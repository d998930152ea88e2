"""Reads <<NAME>> from Parameter Store, and keeps it in memory.

pip install boto3 aws-lambda-powertools
"""

?key? import json

from aws_lambda_powertools.utilities.parameters import SSMProvider
from botocore.config import Config

NAME = "<<NAME>>"
TTL_SECONDS = 300

_provider = SSMProvider(boto_config=Config(region_name="<<REGION>>"))


def read(again: bool = False) -> str:
    """again asks Parameter Store now: after a change the value in memory is the old one."""
?encrypted?     value = _provider.get(NAME, max_age=TTL_SECONDS, force_fetch=again, decrypt=True)
?!encrypted?     value = _provider.get(NAME, max_age=TTL_SECONDS, force_fetch=again)
?!key?     return value
?key?     return json.loads(value)[<<KEY>>]


def connected(connect, refused):
    """What connect(value) returns. Once more with a fresh value if it raises refused."""
    try:
        return connect(read())
    except refused:
        return connect(read(again=True))
