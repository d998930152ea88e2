"""Runs recipes against an emulator, over a change of the value."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from emulated import Resource
from standin import TOKEN, StandIn

HERE = pathlib.Path(__file__).parent
#: Seconds for one answer of a recipe.
PATIENCE = 60


class Wrong(Exception):
    """A recipe did not do what it says."""


def expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise Wrong(f"{what}: {found!r} instead of {wanted!r}")


def _program(path: pathlib.Path, npm: pathlib.Path) -> list[str]:
    if path.suffix == ".py":
        return [sys.executable, str(HERE / "drive.py"), str(path)]
    if path.suffix == ".mjs":
        # Packages are looked for above the file.
        copy = npm / "run" / path.parent.parent.name / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
        return ["node", str(HERE / "drive.mjs"), str(copy)]
    if path.suffix == ".rs":
        return [str(path.with_name("program"))]
    raise Wrong(f"nothing runs {path.name}")


def program(path: pathlib.Path, resource: Resource, npm: pathlib.Path, environment: dict[str, str]) -> None:
    """The value is read, is kept over a change, and is read again when the target refuses it."""
    with subprocess.Popen(
        _program(path, npm), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **environment},
    ) as process:
        def ask(line: str) -> object:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            if not answer:
                raise Wrong(f"it ended: {process.stderr.read()[-3000:]}")
            return json.loads(answer)

        try:
            first = resource.value()
            expect(ask("read"), first, "the value")
            resource.change()
            second = resource.value()
            if first == second:
                raise Wrong("the emulator's value did not change")
            expect(ask("read"), first, "the value from the cache")
            expect(ask(f"connected {json.dumps(second)}"), second, "the value after a refusal")
            expect(ask("connected " + json.dumps(second)), second, "the value of the next connection")
            process.stdin.close()
            expect(process.wait(PATIENCE), 0, "the exit status")
        finally:
            process.kill()


def shell(path: pathlib.Path, environment: dict[str, str]) -> str:
    """What a script sets its exported variable to. It must print nothing."""
    name = re.search(r"^export (\w+)$", path.read_text(), re.MULTILINE)
    if not name:
        raise Wrong("it exports no variable")
    with tempfile.NamedTemporaryFile("r") as out:
        command = f'source "$1" && printf %s "${name[1]}" > "$2"'
        done = subprocess.run(
            ["bash", "-c", command, "bash", str(path), out.name], capture_output=True, text=True, timeout=PATIENCE,
            env={**os.environ, **environment},
        )
        if done.returncode != 0:
            raise Wrong(f"it failed: {done.stderr[-3000:]}")
        expect(done.stdout, "", "what it prints")
        return pathlib.Path(out.name).read_text()


def script(path: pathlib.Path, resource: Resource) -> None:
    """The AWS CLI of the emulators' environment reads it, before and after a change."""
    tools = {"PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}
    for _ in range(2):
        expect(shell(path, tools), resource.value(), "the value")
        resource.change()


def agent(path: pathlib.Path, resource: Resource) -> None:
    """curl and cat are led to the stand-in: its port is a free one, and the token's file is the system's."""
    with StandIn(resource.subject()["region"]) as stand_in, tempfile.TemporaryDirectory() as folder:
        tools = pathlib.Path(folder)
        _tool(tools / "cat", f'[ "$*" = /var/run/awssmatoken ] || exit 1\nprintf %s {TOKEN}\n')
        url = f"http://127.0.0.1:{stand_in.port}"
        lead = 'for word; do set -- "$@" "${word/http:\\/\\/localhost:2773/' + url + '}"; shift; done\n'
        _tool(tools / "curl", lead + 'PATH=${PATH#*:} exec curl "$@"\n')
        environment = {"PATH": f"{folder}:{os.environ['PATH']}"}
        first = resource.value()
        expect(shell(path, environment), first, "the value")
        resource.change()
        expect(shell(path, environment), first, "the value from the cache")
        refreshed = shell(path, {**environment, "REFRESH": "true"})
        expect(refreshed, resource.value(), "the value after refreshNow")


def _tool(path: pathlib.Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}")
    path.chmod(0o755)


def extension(path: pathlib.Path, resource: Resource, npm: pathlib.Path) -> None:
    with StandIn(resource.subject()["region"]) as stand_in:
        environment = {
            "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": str(stand_in.port),
            "AWS_SESSION_TOKEN": TOKEN,
        }
        program(path, resource, npm, environment)


def run(recipe: str, path: pathlib.Path, resource: Resource, npm: pathlib.Path) -> None:
    """By what the recipe is."""
    if recipe == "lambda-extension":
        extension(path, resource, npm)
    elif recipe == "ec2-agent":
        agent(path, resource)
    elif path.suffix == ".sh":
        script(path, resource)
    else:
        program(path, resource, npm, {})


def parse(path: pathlib.Path) -> None:
    """What is known of a recipe of a resource that the emulator does not have: it is the same text with other names."""
    if path.suffix == ".py":
        compile(path.read_text(), str(path), "exec")
        return
    if path.suffix == ".rs":
        # Compiled, though it has nothing to read.
        if not path.with_name("program").is_file():
            raise Wrong("it is not compiled")
        return
    commands = {".sh": ["bash", "-n"], ".mjs": ["node", "--check"]}
    done = subprocess.run([*commands[path.suffix], str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Wrong(f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
