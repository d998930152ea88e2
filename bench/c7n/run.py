"""Runs c7n-org once, and prints what it found with the seconds and the processor's seconds that it took.

Usage: run.py PROGRAM ACCOUNTS_YML POLICIES_YML FOLDER, where PROGRAM is c7n-org or a Python file that calls it. FOLDER is
new: the results and c7n-org's cache go there, so that nothing of an earlier run is found. C7N_ORG_PARALLEL says how many
processes c7n-org uses; without it, four for each core.
"""

from __future__ import annotations

import json
import pathlib
import resource
import subprocess
import sys
import time

program, accounts, policies, folder = sys.argv[1:]
results, cache = pathlib.Path(folder, "results"), pathlib.Path(folder, "cache")
for made in (results, cache):
    made.mkdir(parents=True)
command = [sys.executable, program, "run", "-c", accounts, "-u", policies, "-s", str(results)]
command += ["--cache-path", str(cache), "-r", "us-east-1", "-r", "eu-west-1"]
began = time.monotonic()
done = subprocess.run(command, capture_output=True, text=True)
seconds = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
if done.returncode != 0:
    sys.exit(f"c7n-org failed ({done.returncode})\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
fails: dict[str, list[str]] = {}
for file in results.glob("*/*/*/resources.json"):
    fails.setdefault(file.parent.name, []).extend(one["ARN"] for one in json.loads(file.read_text()))
print(json.dumps({"seconds": seconds, "processor": used.ru_utime + used.ru_stime, "fails": fails}))
