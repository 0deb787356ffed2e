"""What is measured: the two binaries, a Python with the peers in it, and generated exports."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import measure
import mission
import page
from measure import Failed, Program

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
MISSION_RULES = ["--select", "COD001,COD002,COD003,CAT001,CAT002,CII001,CII002"]


@dataclass(frozen=True)
class Workshop:
    """Where things are while figures are taken."""

    folder: Path
    claimlint: str
    generator: str
    # Whether claimlint was built from what is checked out here.
    built: bool

    def generate(self, file: str, recipe: Sequence[str]) -> Path:
        """Writes an export into the folder and brings it into the page cache."""
        command = [self.generator, *recipe, "-o", file]
        measure.run(Program("generate", command), self.folder)
        measure.warm(self.folder / file)
        return self.folder / file

    def check(self, name: str, file: str, *options: str) -> Program:
        """claimlint over a file, with all findings in an NDJSON report."""
        report = f"{plain(name)}.ndjson"
        fixed = ["--isolated", "-f", "none", "-r", f"ndjson={report}"]
        return Program(name, [self.claimlint, "check", file, *options, *fixed], good=(0, 1))

    def clear(self) -> None:
        """Removes the reports: a new one would lie beside an old one until it is complete."""
        for report in self.folder.glob("*.ndjson"):
            report.unlink()

    def version(self) -> str:
        """claimlint's version, and the commit that it was built from, if it was built here."""
        said = subprocess.run([self.claimlint, "--version"], capture_output=True, text=True)
        source = f"built from {page.revision()}" if self.built else "a binary from elsewhere"
        return f"{said.stdout.strip()} ({source})"


def expect_lines(program: Program, said: str, lines: int) -> None:
    """Fails unless the tally has that many lines checked and none rejected."""
    tally = re.search(r"\+ ([\d,]+) checked \+ ([\d,]+) rejected", said)
    numbers = [int(number.replace(",", "")) for number in tally.groups()] if tally else None
    if numbers != [lines, 0]:
        wrong = f"expected {lines:,} lines, its tally is {numbers}"
        raise Failed(f"{program.shown()}: {wrong}:\n{said}")


def plain(name: str) -> str:
    """A name as a file may have it."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")


def build(name: str, arguments: Sequence[str]) -> str:
    """Builds with cargo and returns the executable of the target with that name."""
    command = ["cargo", *arguments, "--locked", "--message-format=json-render-diagnostics"]
    done = subprocess.run(command, cwd=mission.ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}")
    messages = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    for message in messages:
        if message.get("executable") and message["target"]["name"] == name:
            return message["executable"]
    raise Failed(f"{' '.join(command)} built no {name}")


def build_claimlint() -> str:
    """The release binary."""
    return build("claimlint", ["build", "--release", "--bin", "claimlint"])


def build_generator() -> str:
    """The generator, optimized."""
    return build("generate", ["bench", "--bench", "generate", "--no-run"])


def python_with_peers(folder: Path) -> str:
    """The Python of a fresh virtual environment with the pinned peers."""
    environment = folder / "environment"
    python = str(environment / "bin/python")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in (
        [sys.executable, "-m", "venv", str(environment)],
        [python, *install, "-r", str(REQUIREMENTS)],
    ):
        if subprocess.run(command).returncode != 0:
            raise Failed(f"{' '.join(command)} did not work")
    return python


def peer_versions(python: str) -> list[str]:
    """The versions of the peers that a Python has."""
    code = "from importlib.metadata import version as v; print(v('polars'), v('duckdb'))"
    said = subprocess.run([python, "-c", code], capture_output=True, text=True)
    if said.returncode != 0:
        raise Failed(f"{python} lacks a peer:\n{said.stderr}")
    polars, duckdb = said.stdout.split()
    return [f"polars {polars}", f"DuckDB {duckdb}"]
