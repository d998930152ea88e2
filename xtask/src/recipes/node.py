"""What TypeScript and npm's packages say of recipes: types of programs, CDK stacks, and resources of External Secrets."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import tempfile

import formats
from runs import Wrong

#: A resource of External Secrets as a literal, in which TypeScript refuses what the definition does not have; and the
#: validator of the definition, for its patterns and enumerations.
RESOURCE = """\
import { %(kind)s, type I%(kind)s } from "@kubernetes-models/external-secrets/external-secrets.io/v1/%(kind)s";
const resource: I%(kind)s = %(json)s;
new %(kind)s(resource).validate();
"""

SETTINGS = {
    "compilerOptions": {
        "module": "nodenext",
        "target": "es2022",
        "strict": True,
        "skipLibCheck": True,
        "types": ["node"],
        "allowJs": True,
        "checkJs": True,
        "rootDir": ".",
        "outDir": "out",
    },
    "include": ["stacks", "resources", "modules"],
}


class Workplace:
    """A folder below npm's packages, compiled at once: TypeScript reads the types of the CDK for half a minute."""

    def __init__(self, npm: pathlib.Path, typescript: pathlib.Path):
        self.folder = npm / "typed"
        self.typescript = typescript
        shutil.rmtree(self.folder, ignore_errors=True)
        for name, kind in (("stacks", "commonjs"), ("resources", "module"), ("modules", "module")):
            (self.folder / name).mkdir(parents=True)
            (self.folder / name / "package.json").write_text(json.dumps({"type": kind}))
            (self.folder / "out" / name).mkdir(parents=True)
            (self.folder / "out" / name / "package.json").write_text(json.dumps({"type": kind}))
        (self.folder / "tsconfig.json").write_text(json.dumps(SETTINGS))
        self._faults: dict[str, str] | None = None

    def add_broken(self, stack: pathlib.Path, resource: pathlib.Path) -> None:
        """A program and a resource with a name too many, in which the compiler has to find a fault."""
        text = stack.read_text()
        (self.folder / "stacks" / "broken.ts").write_text(text.replace("executionRole:", "executingRole:"))
        with tempfile.TemporaryDirectory() as place:
            path = pathlib.Path(place) / "broken.yaml"
            path.write_text(resource.read_text().replace("remoteRef:", "remote:"))
            self.add_resources("broken", path)

    def controls(self) -> list[str]:
        files = ("stacks/broken.ts", "resources/broken-0.ts")
        return [f"tsc finds nothing in a broken {file}" for file in files if not self._is_refused(file)]

    def _is_refused(self, file: str) -> bool:
        try:
            self._typed(file)
        except Wrong:
            return True
        return False

    def add_stack(self, label: str, path: pathlib.Path) -> None:
        (self.folder / "stacks" / f"{label}.ts").write_text(path.read_text())

    def add_module(self, label: str, path: pathlib.Path) -> None:
        (self.folder / "modules" / f"{label}.mjs").write_text(path.read_text())

    def add_resources(self, label: str, path: pathlib.Path) -> None:
        """Of the operator's kinds; the others are validated by Kubernetes' schemas."""
        for number, document in enumerate(formats.documents(path)):
            if document["apiVersion"] != "external-secrets.io/v1":
                formats.kubernetes(document)
                continue
            text = RESOURCE % {"kind": document["kind"], "json": json.dumps(document, indent=2)}
            (self.folder / "resources" / f"{label}-{number}.ts").write_text(text)

    def compile(self) -> None:
        done = subprocess.run(
            ["node", str(self.typescript), "--pretty", "false", "--project", str(self.folder)],
            capture_output=True, text=True, cwd=self.folder,
        )
        self._faults = {}
        for line in done.stdout.splitlines():
            file, found, _ = line.partition("(")
            if found and "/" in file:
                self._faults[file] = self._faults.get(file, "") + line + "\n"
        if done.returncode != 0 and not self._faults:
            raise Wrong(done.stdout[-3000:] + done.stderr[-3000:])

    def _typed(self, file: str) -> None:
        if self._faults is None:
            self.compile()
        if fault := self._faults.get(file):
            raise Wrong(fault)

    def _run(self, program: pathlib.Path, environment: dict[str, str]) -> None:
        done = subprocess.run(
            ["node", str(program)], capture_output=True, text=True, cwd=self.folder, env=environment,
        )
        if done.returncode != 0:
            raise Wrong(done.stdout[-2000:] + done.stderr[-3000:])

    def stack(self, label: str, region: str, environment: dict[str, str]) -> None:
        """Types, synthesis, and cfn-lint on the template."""
        self._typed(f"stacks/{label}.ts")
        out = self.folder / "out" / "assembly" / label
        self._run(self.folder / "out" / "stacks" / f"{label}.js", {**environment, "CDK_OUTDIR": str(out)})
        templates = list(out.glob("*.template.json"))
        if len(templates) != 1:
            raise Wrong(f"{len(templates)} templates were synthesized")
        formats.cloud_formation(templates[0], region, is_generated=True)

    def module(self, label: str) -> None:
        self._typed(f"modules/{label}.mjs")

    def resources(self, label: str, environment: dict[str, str]) -> None:
        files = sorted((self.folder / "resources").glob(f"{label}-*.ts"))
        if not files:
            raise Wrong("it has no resource of External Secrets")
        for file in files:
            self._typed(f"resources/{file.name}")
            self._run(self.folder / "out" / "resources" / f"{file.stem}.js", environment)


def layers(npm: pathlib.Path, written: dict[str, str]) -> None:
    """The ARNs of the extension's layers that the AWS CDK knows."""
    script = """
        const { Fact, FactName } = require("aws-cdk-lib/region-info");
        const name = FactName.paramsAndSecretsLambdaLayer("1.0.103", "x86_64");
        const found = Fact.regions.map((region) => [region, Fact.find(region, name)]).filter(([, arn]) => arn);
        console.log(JSON.stringify(Object.fromEntries(found)));
    """
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, cwd=npm)
    if done.returncode != 0 or json.loads(done.stdout) != written:
        raise Wrong(f"the CDK has other layers: {done.stdout[-3000:]}{done.stderr[-2000:]}")
