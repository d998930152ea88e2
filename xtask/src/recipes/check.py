"""Proves recipes as each says that it is proven: check.py FOLDER NPM TYPESCRIPT, where FOLDER/manifest.json lists what was written.

`check.py --seed FILE` makes the emulator's resources, and writes them for the example that writes recipes. Terraform and cargo
are run by xtask. Prints one line for each recipe and proof; ends with 1 if one failed.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
import tempfile
import time

import emulated
import formats
import node
import runs

#: What xtask does itself.
BY_XTASK = {"terraform-validate"}


def controls(recipes: list[dict], folder: pathlib.Path) -> list[str]:
    """A check that finds nothing in a broken recipe proves nothing: each is given one."""
    broken = {
        "bash-syntax": (formats.bash, lambda text: text + "if\n"),
        "yaml-syntax": (formats.buildspec, lambda text: text.replace("phases:", "phase:")),
        "tree-sitter": (formats.parsed, lambda text: text[: text.rindex("}")]),
        "agent-settings": (formats.agent_settings, lambda text: text.replace("ttl_seconds", "ttl")),
        "ecs-model": (formats.ecs_model, lambda text: text.replace("valueFrom", "value")),
        "github-schema": (
            lambda path: formats.by_builtin_schema(path, "vendor.github-workflows"),
            lambda text: text.replace("runs-on:", "run-on:"),
        ),
        "gitlab-schema": (
            lambda path: formats.by_builtin_schema(path, "vendor.gitlab-ci"),
            lambda text: text.replace("id_tokens:", "id_token:").replace("aud:", "audience:"),
        ),
        "csi-schema": (formats.csi, lambda text: text.replace("objectType:", "type:").replace("image:", "images:")),
        "cloud-formation": (
            lambda path: formats.cloud_formation(path, emulated.REGION),
            lambda text: text.replace("Type: AWS::", "Type: AWS::No").replace("Environment:", "Surroundings:"),
        ),
    }
    missed = []
    for proof, (check, spoil) in broken.items():
        one = next(one for one in recipes if one["proof"] == proof)
        source = folder / one["path"]
        with tempfile.TemporaryDirectory() as place:
            path = pathlib.Path(place) / source.name
            path.write_text(spoil(source.read_text()))
            if path.read_text() == source.read_text():
                missed.append(f"{proof}: {one['path']} could not be broken")
                continue
            try:
                check(path)
            except runs.Wrong:
                continue
            missed.append(f"{proof} finds nothing in a broken {one['path']}")
    return missed


def label(one: dict) -> str:
    """Of a file of a recipe, as a name."""
    return one["path"].replace("/", "_").rsplit(".", 1)[0]


class Checks:
    def __init__(self, folder: pathlib.Path, npm: pathlib.Path, typescript: pathlib.Path):
        self.folder, self.npm = folder, npm
        self.resources: dict[str, emulated.Resource] = {}
        self.typed = node.Workplace(npm, typescript)
        # Node.js and tools of their own need nothing of the test's credentials.
        self.plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    def prepare(self, recipes: list[dict]) -> None:
        for one in recipes:
            path = self.folder / one["path"]
            if one["proof"] == "synthesized":
                self.typed.add_stack(label(one), path)
            elif one["proof"] == "external-secrets-schema":
                self.typed.add_resources(label(one), path)
            elif path.suffix == ".mjs":
                self.typed.add_module(label(one), path)
        first = {one["path"].rsplit("/", 1)[1]: self.folder / one["path"] for one in reversed(recipes)}
        self.typed.add_broken(first["app.ts"], first["external-secret.yaml"])

    def prove(self, one: dict) -> None:
        path, region = self.folder / one["path"], one["resource"]["region"]
        match one["proof"]:
            case "run" | "run-with-stand-in" | "compiled-and-run":
                if path.suffix == ".mjs":
                    self.typed.module(label(one))
                if resource := self.resources.get(one["subject"]):
                    runs.run(one["recipe"], path, resource, self.npm)
                else:
                    runs.parse(path)
            case "synthesized":
                self.typed.stack(label(one), region, self.plain)
            case "external-secrets-schema":
                self.typed.resources(label(one), self.plain)
            case "cloud-formation":
                formats.cloud_formation(path, region)
            case "ecs-model":
                formats.ecs_model(path)
            case "github-schema":
                formats.by_builtin_schema(path, "vendor.github-workflows")
            case "gitlab-schema":
                formats.by_builtin_schema(path, "vendor.gitlab-ci")
            case "csi-schema":
                formats.csi(path)
            case "agent-settings":
                formats.agent_settings(path)
            case "bash-syntax":
                formats.bash(path)
            case "yaml-syntax":
                formats.buildspec(path)
            case "tree-sitter":
                formats.parsed(path)
            case other:
                raise runs.Wrong(f"nothing proves {other}")


def restore(folder: pathlib.Path) -> dict[str, emulated.Resource]:
    """The resources of `--seed`, which another process made."""
    found = {}
    for name, subject in json.loads((folder / "subjects.json").read_text()).items():
        one = emulated.Resource.__new__(emulated.Resource)
        one.name, one.arn, one.key, one.stage = subject["name"], subject["arn"], subject["json_key"], subject["stage"]
        kind = subject["kind"]
        one.parameter = None
        if kind != "secret":
            one.parameter = "SecureString" if kind["parameter"]["is_encrypted"] else "String"
        one._count = 2
        found[name] = one
    return found


def main() -> int:
    if sys.argv[1] == "--seed":
        subjects = {name: one.subject() for name, one in emulated.resources().items()}
        pathlib.Path(sys.argv[2]).write_text(json.dumps(subjects, indent=2))
        return 0
    folder, npm, typescript = map(pathlib.Path, sys.argv[1:4])
    manifest = json.loads((folder / "manifest.json").read_text())
    recipes = [one for one in manifest["files"] if one["proof"] not in BY_XTASK]
    checks = Checks(folder, npm, typescript)
    checks.resources = restore(folder)
    checks.prepare(recipes)
    faults: list[str] = []
    rows: dict[tuple[str, str], list[float]] = {}
    for one in recipes:
        began = time.monotonic()
        try:
            checks.prove(one)
        except Exception as error:  # noqa: BLE001: whatever it is, it is said with the recipe's name
            faults.append(f"{one['path']} ({one['proof']}): {error}")
        rows.setdefault((one["recipe"], one["proof"]), []).append(time.monotonic() - began)
    for (recipe, proof), seconds in rows.items():
        print(f"  {recipe:<18} {proof:<24} {len(seconds):>3} files {sum(seconds):>6.1f} s")
    for check, arguments in ((node.layers, (npm, manifest["extension_layers"])),
                             (formats.regions_of_codebuild, (manifest["without_codebuild"],))):
        try:
            check(*arguments)
        except runs.Wrong as error:
            faults.append(str(error))
    faults += checks.typed.controls() + controls(recipes, folder)
    for fault in faults:
        print(f"FAILED {fault}", file=sys.stderr)
    print(f"  recipes: {len(recipes) - len(faults)} files proven, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
