"""Runs a recipe's module. A line `read` prints what it reads as JSON; `connected VALUE` connects to a target that accepts only
this value, as JSON, and prints the value that connected."""

import importlib.util
import json
import sys


class Refused(Exception):
    pass


def load(path):
    spec = importlib.util.spec_from_file_location("recipe", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def accepting(expected, refused):
    def connect(value, *_):
        if value != expected:
            raise refused
        return value

    return connect


recipe = load(sys.argv[1])
for line in sys.stdin:
    command, _, rest = line.strip().partition(" ")
    if command == "read":
        found = recipe.read()
    elif hasattr(recipe, "handler"):
        recipe.work = accepting(json.loads(rest), recipe.Refused)
        found = recipe.handler({}, None)
    else:
        found = recipe.connected(accepting(json.loads(rest), Refused), Refused)
    print(json.dumps(found), flush=True)
