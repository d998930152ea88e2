"""c7n-org without its DescribeSecret for each secret: it is not to be had from c7n-org itself, whose source of secrets always
makes these calls. Shows what part of the difference they are. Usage as c7n-org's.
"""

from __future__ import annotations

import multiprocessing

from c7n.resources.secretsmanager import DescribeSecret
from c7n_org.cli import cli

DescribeSecret.augment = lambda self, secrets: secrets

if __name__ == "__main__":
    # The processes of c7n-org begin as copies of this one.
    multiprocessing.set_start_method("fork")
    cli(prog_name="c7n-org")
