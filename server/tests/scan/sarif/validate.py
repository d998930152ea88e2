"""Validates a JSON file against a schema of draft 4: validate.py SCHEMA FILE. Prints each fault; the exit code is 1 if there is one."""

import json
import sys

from jsonschema import Draft4Validator, FormatChecker

with open(sys.argv[1]) as schema, open(sys.argv[2]) as document:
    validator = Draft4Validator(json.load(schema), format_checker=FormatChecker())
    faults = list(validator.iter_errors(json.load(document)))
for fault in faults:
    print("/".join(map(str, fault.absolute_path)), fault.message[:300], sep=": ")
sys.exit(1 if faults else 0)
