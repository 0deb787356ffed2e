"""Runs programs as whole processes and takes what the kernel counted of each."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Failed(Exception):
    """A program did not do what it was started for."""


@dataclass(frozen=True)
class Usage:
    """What one run took."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True)
class Program:
    """A command, and the exit codes that mean that it did its work."""

    name: str
    command: Sequence[str]
    good: tuple[int, ...] = (0,)

    def shown(self) -> str:
        """The command as one would type it."""
        return " ".join([Path(self.command[0]).name, *map(shown_argument, self.command[1:])])


def shown_argument(argument: str) -> str:
    """An argument; a path of this machine is shown by its name."""
    return Path(argument).name if argument.startswith("/") else argument


def start(
    program: Program,
    folder: Path,
    stdin: int | IO | None = subprocess.DEVNULL,
    stdout: int | IO | None = subprocess.DEVNULL,
) -> tuple[subprocess.Popen, Path]:
    """Starts a program in a folder. What it says on standard error goes to the file returned."""
    said = folder / f"{program.name.replace(' ', '-').replace('/', '-')}.stderr"
    # Temporary data goes where the exports are, and not where there may be less room.
    surroundings = {**os.environ, "TMPDIR": str(folder)}
    with open(said, "wb") as errors:
        child = subprocess.Popen(
            program.command,
            cwd=folder,
            env=surroundings,
            stdin=stdin,
            stdout=stdout,
            stderr=errors,
        )
    return child, said


def finish(program: Program, child: subprocess.Popen, said: Path, since: float) -> Usage:
    """Waits for a child. Its usage comes from the kernel, since the time that is given."""
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - since
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in program.good:
        raise Failed(f"{program.shown()} ended with {child.returncode}:\n{read(said)[-2000:]}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * MAXRSS_UNIT)


def run(program: Program, folder: Path) -> tuple[Usage, str]:
    """One run of a program in a folder, and what it said on standard error."""
    since = time.perf_counter()
    child, said = start(program, folder)
    usage = finish(program, child, said, since)
    return usage, read(said)


def read(said: Path) -> str:
    """What a program said."""
    return said.read_text(encoding="utf-8", errors="replace")


def run_piped(source: Program, sink: Program, folder: Path) -> tuple[Usage, str, str]:
    """Two programs with a pipe between them: the sink's usage, and what each of them said."""
    since = time.perf_counter()
    first, first_said = start(source, folder, stdout=subprocess.PIPE)
    second, second_said = start(sink, folder, stdin=first.stdout)
    if first.stdout:
        # Or the source would not notice that the sink is gone.
        first.stdout.close()
    try:
        usage = finish(sink, second, second_said, since)
    finally:
        # If the sink gave up, the source ends with a broken pipe; the sink's error is the cause.
        first.wait()
    if first.returncode != 0:
        raise Failed(f"{source.shown()} ended with {first.returncode}")
    return usage, read(first_said), read(second_said)


def run_together(programs: Sequence[Program], folder: Path) -> Usage:
    """Programs started at the same time: from the first start to the last end, summed up."""
    since = time.perf_counter()
    children = [(program, *start(program, folder)) for program in programs]
    try:
        usages = [finish(program, child, said, since) for program, child, said in children]
    finally:
        # Does nothing for those that have ended; one that is left over must not go on.
        for _, child, _ in children:
            child.kill()
    return Usage(
        max(usage.wall for usage in usages),
        sum(usage.cpu for usage in usages),
        sum(usage.peak for usage in usages),
    )


def warm(path: Path) -> None:
    """Reads a file once, so that it is in the page cache as far as that has room."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)
