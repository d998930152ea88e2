"""Resources of an emulator for which recipes are run, and what they give. Its endpoint is in AWS_ENDPOINT_URL.

The key of the JSON has what languages treat specially; the values are made up.
"""

from __future__ import annotations

import json

import boto3

REGION = "eu-west-1"
ACCOUNT = "441205839201"
KEY = "it's a \"key\" of ${x}.y"

_secrets = boto3.client("secretsmanager", region_name=REGION)
_parameters = boto3.client("ssm", region_name=REGION)


class Resource:
    """A secret or parameter, whose value can be read directly and changed."""

    def __init__(self, name: str, *, key: str | None = None, stage: str | None = None, parameter: str | None = None):
        self.name, self.key, self.stage, self.parameter = name, key, stage, parameter
        self._count = 0
        if parameter:
            self.arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}"
        else:
            self.arn = _secrets.create_secret(Name=name, SecretString=self._next())["ARN"]
        self.change()

    def _next(self) -> str:
        self._count += 1
        text = f"value {self._count} with 'quotes' \"and\" $signs\\"
        return json.dumps({self.key: text, "other": "not this one"}) if self.key else text

    def change(self) -> None:
        """A new version, as after a rotation."""
        if self.parameter:
            _parameters.put_parameter(Name=self.name, Type=self.parameter, Value=self._next(), Overwrite=True)
        else:
            _secrets.put_secret_value(SecretId=self.arn, SecretString=self._next())

    def value(self) -> str:
        """What a recipe has to give now."""
        if self.parameter:
            text = _parameters.get_parameter(Name=self.name, WithDecryption=True)["Parameter"]["Value"]
        else:
            stage = {"VersionStage": self.stage} if self.stage else {}
            text = _secrets.get_secret_value(SecretId=self.arn, **stage)["SecretString"]
        return json.loads(text)[self.key] if self.key else text

    def subject(self) -> dict:
        """As the example that writes recipes takes it."""
        kind: object = "secret"
        if self.parameter:
            kind = {"parameter": {"is_encrypted": self.parameter == "SecureString", "is_advanced": False}}
        return {
            "name": self.name, "arn": self.arn, "account": ACCOUNT, "region": REGION, "kind": kind,
            "json_key": self.key, "stage": self.stage,
        }


def resources() -> dict[str, Resource]:
    """Made in the emulator, which is empty."""
    return {
        "emulated-text": Resource("recipes/text"),
        "emulated-key": Resource("recipes/json", key="password"),
        "emulated-stage": Resource("recipes/staged", key=KEY, stage="AWSPREVIOUS"),
        "emulated-parameter": Resource("/recipes/text", parameter="SecureString"),
        "emulated-parameter-key": Resource("/recipes/json", parameter="SecureString", key=KEY),
        "emulated-parameter-plain": Resource("/recipes/plain", parameter="String"),
    }
