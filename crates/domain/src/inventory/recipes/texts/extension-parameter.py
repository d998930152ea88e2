"""Reads <<NAME>> through the AWS Parameters and Secrets Lambda Extension."""

import json
import os
import urllib.parse
import urllib.request

import boto3

NAME = "<<NAME>>"
PORT = os.environ.get("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "2773")


class Refused(Exception):
    """The target does not accept the value."""


def read() -> str:
?encrypted?     query = urllib.parse.urlencode({"name": NAME, "withDecryption": "true"})
?!encrypted?     query = urllib.parse.urlencode({"name": NAME})
    request = urllib.request.Request(
        f"http://localhost:{PORT}/systemsmanager/parameters/get?{query}",
        headers={"X-Aws-Parameters-Secrets-Token": os.environ["AWS_SESSION_TOKEN"]},
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return part(json.load(response)["Parameter"]["Value"])


def read_again() -> str:
    """Asks Parameter Store itself: after a change the extension still has the old value."""
    client = boto3.client("ssm", region_name="<<REGION>>")
    return part(client.get_parameter(Name=NAME, WithDecryption=True)["Parameter"]["Value"])


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
