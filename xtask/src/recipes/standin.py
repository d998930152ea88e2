"""Answers like the Lambda extension and the Secrets Manager Agent: their documented paths, parameters, token and cache.

The programs themselves are AWS's, and are not run.
"""

from __future__ import annotations

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import botocore.exceptions

TOKEN = "a-token-of-the-test"
SECRET_FIELDS = {"secretId", "versionId", "versionStage", "refreshNow"}
PARAMETER_FIELDS = {"name", "version", "label", "withDecryption"}


class _Handler(BaseHTTPRequestHandler):
    cache: dict[str, bytes] = {}

    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802
        url = urllib.parse.urlsplit(self.path)
        fields = dict(urllib.parse.parse_qsl(url.query, strict_parsing=True))
        if self.headers.get("X-Aws-Parameters-Secrets-Token") != TOKEN:
            return self._answer(401, b"Bad Token")
        refresh = fields.pop("refreshNow", "false") == "true"
        key = json.dumps([url.path, sorted(fields.items())])
        if refresh or key not in self.cache:
            try:
                self.cache[key] = self._ask(url.path, fields)
            except (botocore.exceptions.ClientError, KeyError) as error:
                return self._answer(400, str(error).encode())
        return self._answer(200, self.cache[key])

    def _ask(self, path: str, fields: dict) -> bytes:
        region = self.server.region
        if path == "/secretsmanager/get" and fields.keys() <= SECRET_FIELDS:
            names = {"secretId": "SecretId", "versionId": "VersionId", "versionStage": "VersionStage"}
            arguments = {names[name]: value for name, value in fields.items()}
            found = boto3.client("secretsmanager", region_name=region).get_secret_value(**arguments)
        elif path == "/systemsmanager/parameters/get" and fields.keys() <= PARAMETER_FIELDS:
            decrypt = fields.get("withDecryption") == "true"
            client = boto3.client("ssm", region_name=region)
            found = client.get_parameter(Name=fields["name"], WithDecryption=decrypt)
        else:
            raise KeyError(f"{path} with {sorted(fields)}")
        found.pop("ResponseMetadata")
        return json.dumps(found, default=str).encode()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class StandIn:
    """Runs until the end of the `with`."""

    def __init__(self, region: str):
        handler = type("Handler", (_Handler,), {"cache": {}})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.region = region
        self.port = self._server.server_address[1]

    def __enter__(self) -> StandIn:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()
