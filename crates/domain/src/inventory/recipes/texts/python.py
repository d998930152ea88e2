"""Reads <<NAME>> from Secrets Manager, and keeps it in memory.

pip install boto3 "aws-secretsmanager-caching>=1.2"
"""

?key? import json

import boto3
from aws_secretsmanager_caching import SecretCache, SecretCacheConfig

SECRET_ID = "<<ARN>>"
TTL_SECONDS = 300

_cache = SecretCache(
    config=SecretCacheConfig(secret_refresh_interval=TTL_SECONDS),
    client=boto3.client("secretsmanager", region_name="<<REGION>>"),
)


def read() -> str:
?!stage?     value = _cache.get_secret_string(SECRET_ID)
?stage?     value = _cache.get_secret_string(SECRET_ID, "<<STAGE>>")
?!key?     return value
?key?     return json.loads(value)[<<KEY>>]


def read_again() -> str:
    """Asks Secrets Manager now: after a rotation the value in memory is the old one."""
    _cache.refresh_secret_now(SECRET_ID)
    return read()


def connected(connect, refused):
    """What connect(value) returns. Once more with a fresh value if it raises refused."""
    try:
        return connect(read())
    except refused:
        return connect(read_again())
