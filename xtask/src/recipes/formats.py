"""Validates recipes by the schemas and parsers of their formats."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import tomllib

import botocore.loaders
import botocore.model
import botocore.session
import botocore.validate
import jsonschema
import tree_sitter
import tree_sitter_c_sharp
import tree_sitter_go
import tree_sitter_java
import yaml
from runs import Wrong

HERE = pathlib.Path(__file__).parent
BIN = pathlib.Path(sys.executable).parent
#: Of the check of infra, so that its version is pinned once.
CFN_LINT = os.environ["CFN_LINT"]


def _tool(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Wrong(f"{done.stdout[-3000:]}{done.stderr[-3000:]}")


def cloud_formation(path: pathlib.Path, region: str, *, is_generated: bool = False) -> None:
    """Of a template that a program writes, its style is not the recipe's."""
    style = [] if is_generated else ["--include-checks", "I"]
    _tool(CFN_LINT, *style, "--regions", region, "--", str(path))


def ecs_model(path: pathlib.Path) -> None:
    """AWS's model of the API, as botocore ships it, refuses unknown names, wrong types and what is missing."""
    model = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("ecs", "service-2"))
    shape = model.operation_model("RegisterTaskDefinition").input_shape
    report = botocore.validate.ParamValidator().validate(json.loads(path.read_text()), shape)
    if report.has_errors():
        raise Wrong(report.generate_report())


def by_builtin_schema(path: pathlib.Path, schema: str) -> None:
    _tool(str(BIN / "check-jsonschema"), "--builtin-schema", schema, str(path))


def documents(path: pathlib.Path) -> list[dict]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one is not None]


def kubernetes(document: dict) -> None:
    """One of Kubernetes' own kinds."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(document, file)
        file.flush()
        _tool(str(BIN / "kubernetes-validate"), "--strict", "--quiet", "--no-warn", file.name)


def csi(path: pathlib.Path) -> None:
    schema = json.loads((HERE / "schemas/secret-provider-class.json").read_text())
    objects = json.loads((HERE / "schemas/aws-provider-objects.json").read_text())
    for document in documents(path):
        if document["kind"] != "SecretProviderClass":
            kubernetes(document)
            continue
        try:
            jsonschema.validate(document, schema)
            jsonschema.validate(yaml.safe_load(document["spec"]["parameters"]["objects"]), objects)
        except jsonschema.ValidationError as error:
            raise Wrong(str(error)) from None


#: The agent's settings and their values, as its documentation lists them.
AGENT = {
    "log_level": {"enum": ["DEBUG", "INFO", "WARN", "ERROR", "NONE"]},
    "log_to_file": {"type": "boolean"},
    "http_port": {"type": "integer", "minimum": 1024, "maximum": 65535},
    "region": {"type": "string"},
    "ttl_seconds": {"type": "integer", "minimum": 0, "maximum": 3600},
    "cache_size": {"type": "integer", "minimum": 1, "maximum": 1000},
    "ssrf_headers": {"type": "array", "items": {"type": "string"}},
    "ssrf_env_variables": {"type": "array", "items": {"type": "string"}},
    "path_prefix": {"type": "string"},
    "max_conn": {"type": "integer", "minimum": 1, "maximum": 1000},
}


def _by(value: object, schema: dict) -> None:
    try:
        jsonschema.validate(value, schema)
    except jsonschema.ValidationError as error:
        raise Wrong(error.message) from None


def agent_settings(path: pathlib.Path) -> None:
    try:
        settings = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise Wrong(str(error)) from None
    _by(settings, {"properties": AGENT, "additionalProperties": False})


#: What a buildspec of ours has, of the fields that AWS documents.
BUILDSPEC = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "env", "phases"],
    "properties": {
        "version": {"const": 0.2},
        "env": {
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {
                name: {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}}
                for name in ("secrets-manager", "parameter-store")
            },
        },
        "phases": {
            "additionalProperties": False,
            "required": ["build"],
            "properties": {
                "build": {
                    "additionalProperties": False,
                    "required": ["commands"],
                    "properties": {"commands": {"type": "array", "items": {"type": "string"}}},
                }
            },
        },
    },
}


def buildspec(path: pathlib.Path) -> None:
    try:
        found = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise Wrong(str(error)) from None
    _by(found, BUILDSPEC)


def bash(path: pathlib.Path) -> None:
    _tool("bash", "-n", str(path))


GRAMMARS = {".java": tree_sitter_java, ".go": tree_sitter_go, ".cs": tree_sitter_c_sharp}


def parsed(path: pathlib.Path) -> None:
    grammar = tree_sitter.Language(GRAMMARS[path.suffix].language())
    root = tree_sitter.Parser(grammar).parse(path.read_bytes()).root_node
    if root.has_error or not root.child_count:
        raise Wrong("the grammar does not parse it")


def regions_of_codebuild(without: list[str]) -> None:
    """botocore knows an endpoint of CodeBuild in each Region with Secrets Manager but these, and none in these."""
    session = botocore.session.get_session()
    missing, there = set(), set()
    for partition in session.get_available_partitions():
        builds = set(session.get_available_regions("codebuild", partition))
        missing |= set(session.get_available_regions("secretsmanager", partition)) - builds
        there |= builds & set(without)
    if there or not missing <= set(without):
        raise Wrong(f"CodeBuild is in {sorted(there)}, and missing in {sorted(missing - set(without))}")
