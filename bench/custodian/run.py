"""Runs c7n-org once, and prints what it found with the seconds and the processor's seconds that it took.

Usage: run.py C7N_ORG ACCOUNTS_YML POLICIES_YML OUTPUT_FOLDER
"""

from __future__ import annotations

import json
import pathlib
import resource
import subprocess
import sys
import time

program, accounts, policies, folder = sys.argv[1:]
began = time.monotonic()
done = subprocess.run(
    [program, "run", "-c", accounts, "-u", policies, "-s", folder, "-r", "us-east-1", "-r", "eu-west-1"],
    capture_output=True,
    text=True,
)
seconds = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
if done.returncode != 0:
    sys.exit(f"c7n-org failed ({done.returncode})\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
fails: dict[str, list[str]] = {}
for file in pathlib.Path(folder).glob("*/*/*/resources.json"):
    fails.setdefault(file.parent.name, []).extend(one["ARN"] for one in json.loads(file.read_text()))
print(json.dumps({"seconds": seconds, "processor": used.ru_utime + used.ru_stime, "fails": fails}))
