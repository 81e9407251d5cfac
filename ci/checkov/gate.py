#!/usr/bin/env python3
"""checkov with badgateway's check, so that it fails closed.

    python3 ci/checkov/gate.py -d .

checkov exits with 0 when a check cannot be imported, or when none of that name is there. So the
check is first shown a task that it has to fail: with a badgateway that does not exist. Only when it
does, checkov is run with the given arguments. 0 is a pass, 1 a finding, 2 that it cannot be told.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECK = "CKV_BADGATEWAY_1"
CHECKOV = os.environ.get("CHECKOV", "checkov").split()


def checkov(arguments, **variables):
    checks = os.environ.get("BADGATEWAY_CHECKS", str(HERE / "checks"))
    return subprocess.run(
        CHECKOV + ["--skip-download", "--external-checks-dir", checks, "--check", CHECK] + arguments,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if variables else None,
        stderr=subprocess.PIPE if variables else None,
    )


def is_alive() -> bool:
    """Whether the check was loaded and fails what it cannot judge."""
    canary = str(HERE / "canary.yml")
    arguments = ["--framework", "ansible", "-f", canary, "-o", "json", "--compact", "--quiet"]
    ended = checkov(arguments, BADGATEWAY="/nowhere/badgateway")
    try:
        report = json.loads(ended.stdout)
        failed = [one["check_id"] for one in report["results"]["failed_checks"]]
    except (ValueError, KeyError, TypeError):
        return False
    return CHECK in failed


def main() -> int:
    try:
        if not is_alive():
            print("error: checkov did not run " + CHECK + ": nothing was judged", file=sys.stderr)
            return 2
        ended = checkov(["--framework", "ansible"] + sys.argv[1:])
    except OSError as error:
        print(f"error: checkov cannot be run: {error}", file=sys.stderr)
        return 2
    return ended.returncode if ended.returncode in (0, 1) else 2


if __name__ == "__main__":
    sys.exit(main())
