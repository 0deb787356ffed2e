"""The page of figures: tables, the machine they are from, and the markers they stand between."""

import datetime
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import mission

PAGE = mission.ROOT / "docs/PERFORMANCE.md"


def replace_part(name: str, text: str, page: Path = PAGE) -> None:
    """Puts a text between `<!-- name -->` and `<!-- /name -->`."""
    first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(first)
    _, closed, after = rest.partition(last)
    if not found or not closed:
        raise ValueError(f"{page} has no part between {first.strip()} and {last}")
    page.write_text(f"{before}{first}{text.rstrip()}\n{last}{after}", encoding="utf-8")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table: the first column is text, the others are set to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def provenance(versions: Sequence[str], file: str, commands: Sequence[str]) -> str:
    """When, on what and with what figures were taken."""
    facts = [
        f"- Taken on {datetime.date.today().isoformat()}; {', '.join(versions)}.",
        f"- Machine: {machine()}.",
        f"- {file}",
    ]
    typed = "".join(f"{command}\n" for command in commands)
    return "\n".join(facts) + f"\n\n```sh\n{typed}```\n"


def machine() -> str:
    """Processor, cores, memory, kernel, and how busy it was."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    busy = os.getloadavg()[0]
    kernel = f"{platform.system()} {platform.release()}"
    return (
        f"{processor()}, {cores()} cores, {memory:.0f} GiB of memory, {kernel}, Python "
        f"{platform.python_version()}, load of {busy:.1f} at the end"
    )


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """The processor's name."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        named = (line.partition(":")[2] for line in text.splitlines() if "model name" in line)
        return next(named).strip()
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def revision() -> str:
    """The commit that is checked out, marked where files differ from it."""
    command = ["git", "-C", str(mission.ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "an unknown revision"


def verdict(holds: bool) -> str:
    """Whether a bound holds."""
    return "PASS" if holds else "**FAIL**"


def rounds(count: int) -> str:
    """How many rounds, in words."""
    return "one round" if count == 1 else f"{count} rounds"


def seconds(values: Sequence[float]) -> str:
    """The median of times, with the smallest and the largest."""
    middle = statistics.median(values)
    digits = 2 if middle >= 1 else 3
    if len(values) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def megabytes(size: float) -> str:
    """A size in MB, so that it goes with GB/s."""
    return f"{size / 1e6:,.1f}"


def mebibytes(size: float) -> str:
    """A size in MiB."""
    return f"{size / (1 << 20):,.0f}"
