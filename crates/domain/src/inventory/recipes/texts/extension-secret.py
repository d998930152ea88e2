"""Reads <<NAME>> through the AWS Parameters and Secrets Lambda Extension."""

import json
import os
import urllib.parse
import urllib.request

import boto3

SECRET_ID = "<<ARN>>"
PORT = os.environ.get("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "2773")


class Refused(Exception):
    """The target does not accept the value."""


def read() -> str:
?!stage?     query = urllib.parse.urlencode({"secretId": SECRET_ID})
?stage?     query = urllib.parse.urlencode({"secretId": SECRET_ID, "versionStage": "<<STAGE>>"})
    request = urllib.request.Request(
        f"http://localhost:{PORT}/secretsmanager/get?{query}",
        headers={"X-Aws-Parameters-Secrets-Token": os.environ["AWS_SESSION_TOKEN"]},
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return part(json.load(response)["SecretString"])


def read_again() -> str:
    """Asks Secrets Manager itself: after a rotation the extension still has the old value."""
    client = boto3.client("secretsmanager", region_name="<<REGION>>")
?!stage?     return part(client.get_secret_value(SecretId=SECRET_ID)["SecretString"])
?stage?     found = client.get_secret_value(SecretId=SECRET_ID, VersionStage="<<STAGE>>")
?stage?     return part(found["SecretString"])


def part(value: str) -> str:
?!key?     return value
?key?     return json.loads(value)[<<KEY>>]


def handler(event, context):
    try:
        return work(read(), event)
    except Refused:
        return work(read_again(), event)


def work(value: str, event):
    """Yours: use the value, and raise Refused if the target does not accept it."""
    raise NotImplementedError
