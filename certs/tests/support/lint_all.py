"""Lints many files in one process: pkilint's own commands cost 0.8 s of start-up each.

Argument: a manifest, one line per file: name, linter and its options, file, separated by tabs. Prints a line per file: name, number of
findings of severity WARNING and above, and the findings; exits 1 when there are any.
"""

import contextlib
import importlib
import io
import sys


def lint(linter, options, path):
    module = importlib.import_module("pkilint.bin." + linter)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            count = module.main(["lint", "-s", "WARNING", *options, path])
        except SystemExit as stop:  # argparse refuses an option
            count = stop.code or 1
    return count, said.getvalue().strip()


def main():
    total = 0
    with open(sys.argv[1], encoding="utf-8") as manifest:
        for line in manifest:
            name, linter, *options, path = line.rstrip("\n").split("\t")
            count, said = lint(linter, options, path)
            total += count
            print(f"{name}: {count} finding(s)")
            if count:
                print(said)
    return 1 if total else 0


sys.exit(main())
