"""Refuses a dependency whose licence asks more than naming its authors, and two release lines of the crates that must agree.

Reads `cargo metadata` of both workspaces: every crate of the lock files for every platform, the development tools included. And every
package of the screens' lock file.
"""
import json
import re
import subprocess
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "OpenSSL", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib",
}
# The service's and the app's.
WORKSPACES = (".", "mobile/shell")
NODE_LOCKS = ("mobile/ui/package-lock.json",)
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


def crates(folder):
    """What `cargo metadata` says of the workspace in a folder."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    return json.loads(subprocess.run(command, check=True, cwd=folder, stdout=subprocess.PIPE).stdout)


def node_packages(file):
    """(name, version, licence) of every package in a package-lock file but ourselves."""
    with open(file, encoding="utf-8") as lock:
        packages = json.load(lock)["packages"]
    for path, package in packages.items():
        if path:
            yield path.rpartition("node_modules/")[2], package["version"], package.get("license", "none named")


def main():
    # The rule itself first: a check that permits everything would pass unseen.
    assert permitted("MIT/Apache-2.0") and permitted("GPL-3.0-only OR (MIT AND Zlib)")
    assert not permitted("AGPL-3.0-or-later") and not permitted("MIT AND GPL-2.0-only")
    metadata = crates(".")
    packages = {package["id"]: package for package in metadata["packages"]}
    named = {(one["name"], one["version"], one["license"] or "none named") for folder in WORKSPACES for one in crates(folder)["packages"]}
    node = {package for file in NODE_LOCKS for package in node_packages(file)}
    faults = [f"{name} {version}: {licence} is not an allowed licence" for name, version, licence in named | node if not permitted(licence)]
    ours = set(metadata["workspace_members"])
    direct = {dependency["pkg"] for node in metadata["resolve"]["nodes"] if node["id"] in ours for dependency in node["deps"]}
    for name in sorted(ONE_LINE):
        lines = {line(packages[package]["version"]) for package in direct if packages[package]["name"] == name}
        if len(lines) > 1:
            faults.append(f"{name}: our crates depend on more than one release line: {', '.join(sorted(lines))}")
    for fault in sorted(faults):
        print(fault, file=sys.stderr)
    everywhere = sorted({package["version"] for package in packages.values() if package["name"] == "der"})
    print(f"licences: {len(named)} crates and {len(node)} Node packages allowed; der in use: {', '.join(everywhere)}" if not faults else "licences: refused")
    return 1 if faults else 0


sys.exit(main())
