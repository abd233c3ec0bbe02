"""Refuses a dependency whose licence asks more than naming its authors, and two release lines of the crates that must agree.

Reads `cargo metadata`: every crate of the lock file for every platform, the development tools included.
"""
import json
import re
import subprocess
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "OpenSSL", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib",
}
# Our direct dependencies may name one release line of these: types of one line do not fit the other.
ONE_LINE = {"der", "digest", "spki", "x509-cert"}


def permitted(expression):
    """Whether an SPDX expression can be satisfied with the allowed licences. `/` is the old way to write OR."""
    words = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def either():
        verdict = both()
        while words and words[0] == "OR":
            words.pop(0)
            verdict = both() or verdict
        return verdict

    def both():
        verdict = one()
        while words and words[0] == "AND":
            words.pop(0)
            verdict = one() and verdict
        return verdict

    def one():
        name = words.pop(0)
        if name == "(":
            verdict = either()
            words.pop(0)
            return verdict
        if words and words[0] == "WITH":
            name = " ".join([name, words.pop(0), words.pop(0)])
        return name in ALLOWED

    return either()


def line(version):
    major, minor = version.split(".")[:2]
    return major if major != "0" else f"0.{minor}"


def main():
    # The rule itself first: a check that permits everything would pass unseen.
    assert permitted("MIT/Apache-2.0") and permitted("GPL-3.0-only OR (MIT AND Zlib)")
    assert not permitted("AGPL-3.0-or-later") and not permitted("MIT AND GPL-2.0-only")
    listing = subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1"], check=True, stdout=subprocess.PIPE).stdout
    metadata = json.loads(listing)
    packages = {package["id"]: package for package in metadata["packages"]}
    faults = []
    for package in packages.values():
        licence = package["license"] or "none named"
        if not permitted(licence):
            faults.append(f"{package['name']} {package['version']}: {licence} is not an allowed licence")
    ours = set(metadata["workspace_members"])
    direct = {dependency["pkg"] for node in metadata["resolve"]["nodes"] if node["id"] in ours for dependency in node["deps"]}
    for name in sorted(ONE_LINE):
        lines = {line(packages[package]["version"]) for package in direct if packages[package]["name"] == name}
        if len(lines) > 1:
            faults.append(f"{name}: our crates depend on more than one release line: {', '.join(sorted(lines))}")
    for fault in sorted(faults):
        print(fault, file=sys.stderr)
    everywhere = sorted({package["version"] for package in packages.values() if package["name"] == "der"})
    print(f"licences: {len(packages)} crates allowed; der in use: {', '.join(everywhere)}" if not faults else "licences: refused")
    return 1 if faults else 0


sys.exit(main())
