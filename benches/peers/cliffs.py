"""The cases that might be slow: shapes of exports and ways of running, each beside a plain one.

Every case is run in turn with the case that it is held against, so that a busy machine hurts both.
A file is written when it is needed and removed when a case does not need it. The most room is taken
by 100 % bad lines: two files and a report that is larger than both.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import measure
import page
from measure import Failed, Program, Usage, median
from workshop import MISSION_RULES, Workshop, expect_lines, plain

LONG = 1 << 20
STARTS = 50
PIPED_MEMORY = "256MiB"
HEADER = [
    "case",
    "lines",
    "MB",
    "wall, s",
    "CPU, s",
    "GB/s",
    "peak, MiB",
    "held against",
    "wall",
    "per line",
    "per byte",
    "wanted",
    "",
]


@dataclass(frozen=True)
class Export:
    """A generated file: its name, how many lines for each of the plain one, and its recipe."""

    name: str
    share: float = 1.0
    recipe: tuple[str, ...] = ()


GROUPED = Export("grouped")
CLEAN = Export("clean", recipe=("--bad", "0"))


@dataclass(frozen=True)
class Case:
    """An export and how it is checked, and what it is held against."""

    name: str
    export: Export
    options: tuple[str, ...] = tuple(MISSION_RULES)
    against: Export = GROUPED
    # The largest ratio of wall times that will do.
    bound: float | None = None


def shape(name: str, *recipe: str, share: float = 1.0, **more) -> Case:
    """A case of a file of its own."""
    return Case(name, Export(plain(name), share, recipe), **more)


CASES = [
    Case("grouped, 0 % bad", CLEAN),
    shape("grouped, 100 % bad", "--bad", "100", against=CLEAN, bound=4.0),
    shape("scattered", "--order", "scattered"),
    shape("shuffled", "--order", "shuffled", bound=2.5),
    shape("every cell quoted", "--quoted"),
    shape("CR LF", "--crlf"),
    shape("150 columns", "--width", "150", share=1 / 10),
    shape("cells of 1 MiB", "--field-bytes", str(LONG), share=1 / 160),
    shape("every line the same claim id", "--claims", "one", share=1 / 2),
    shape("every line its own claim id", "--claims", "single", share=5),
    Case("all default rules", GROUPED, ()),
    Case("one thread", GROUPED, (*MISSION_RULES, "-j", "1")),
    Case("two threads", GROUPED, (*MISSION_RULES, "-j", "2")),
]


@dataclass
class Shelf:
    """The exports that are on the disk, by name."""

    shop: Workshop
    lines: int
    files: dict[str, Path] = field(default_factory=dict)

    def count(self, export: Export) -> int:
        """The lines of an export."""
        return max(1, round(self.lines * export.share))

    def recipe(self, export: Export) -> list[str]:
        """What the generator is told."""
        return ["--lines", str(self.count(export)), *export.recipe]

    def get(self, export: Export) -> Path:
        """The file, written if it is not there."""
        if export.name not in self.files:
            path = self.shop.generate(f"{export.name}.csv", self.recipe(export))
            self.files[export.name] = path
        return self.files[export.name]

    def keep(self, names: Iterable[str]) -> None:
        """Removes the exports that are not named, and all reports."""
        for name in set(self.files) - set(names):
            self.files.pop(name).unlink()
        self.shop.clear()


def take(shop: Workshop, lines: int, rounds: int, only: Sequence[str]) -> str:
    """Measures the cases and returns the part of the page."""
    shelf = Shelf(shop, lines)
    chosen = [case for case in CASES if wanted(case.name, only)]
    rows = [plain_row(shelf, rounds)] if wanted("grouped", only) else []
    for case in chosen:
        shelf.keep({case.export.name, case.against.name})
        rows.append(case_row(shelf, case, rounds))
    rows += [row for name, of in SPECIAL.items() if wanted(name, only) for row in of(shelf, rounds)]
    shelf.keep([])
    note = (
        f"Where nothing else is said, files have seed 1, 20 columns, claims side by side and 5 % "
        f"bad lines, and are checked with `{' '.join(MISSION_RULES)}` and an NDJSON report of all "
        f"findings. Medians of {page.rounds(rounds)}; piped ones once, with the generator beside."
    )
    again = "python3 benches/peers/run.py --cliffs" + lines_option(lines)
    commands = [again, *typed(shelf, chosen)]
    return page.table(HEADER, rows) + "\n" + page.provenance([shop.version()], note, commands)


def typed(shelf: Shelf, chosen: Sequence[Case]) -> list[str]:
    """What each case ran, as one would type it."""
    commands = []
    for case in chosen:
        program = shelf.shop.check(case.name, f"{case.export.name}.csv", *case.options)
        recipe = " ".join(shelf.recipe(case.export))
        commands.append(f"generate {recipe} -o {case.export.name}.csv && {program.shown()}")
    return commands


def lines_option(lines: int) -> str:
    """The option that says how many lines, where it is not the default."""
    return "" if lines == 10_000_000 else f" --lines {lines}"


def wanted(name: str, only: Sequence[str]) -> bool:
    """Whether a case was asked for."""
    return not only or any(part in name for part in only)


def progress(name: str, usage: Usage) -> None:
    """Says how far it is."""
    print(f"{name}: {usage.wall:.2f} s", file=sys.stderr)


def checked(shop: Workshop, program: Program, lines: int) -> Usage:
    """One run, which must have checked that many lines and rejected none."""
    shop.clear()
    usage, said = measure.run(program, shop.folder)
    expect_lines(program, said, lines)
    progress(program.name, usage)
    return usage


@dataclass(frozen=True)
class Figures:
    """The runs of one case, and the size of what it read."""

    usages: list[Usage]
    lines: int
    size: int

    @property
    def walls(self) -> list[float]:
        """The wall times."""
        return [usage.wall for usage in self.usages]


def row(
    name: str,
    figures: Figures,
    against: str = "",
    plain: Figures | None = None,
    verdict: tuple[str, bool] | None = None,
) -> list[str]:
    """A row of the table; ratios are medians over rounds."""
    walls = figures.walls
    cells = [
        name,
        f"{figures.lines:,}",
        page.megabytes(figures.size),
        page.seconds(walls),
        f"{median([usage.cpu for usage in figures.usages]):.2f}",
        f"{figures.size / median(walls) / 1e9:.2f}",
        page.mebibytes(max(usage.peak for usage in figures.usages)),
    ]
    if plain is None:
        cells += [against, "", "", ""]
    else:
        ratio = ratio_to(figures, plain)
        by_line = ratio * plain.lines / figures.lines
        by_byte = ratio * plain.size / figures.size
        cells += [against, f"{ratio:.2f}", f"{by_line:.2f}", f"{by_byte:.2f}"]
    return cells + ([verdict[0], page.verdict(verdict[1])] if verdict else ["", ""])


def ratio_to(figures: Figures, plain: Figures) -> float:
    """The median over rounds of the ratio of wall times."""
    return median([mine / other for mine, other in zip(figures.walls, plain.walls, strict=True)])


def plain_row(shelf: Shelf, rounds: int) -> list[str]:
    """The case that most others are held against."""
    size = shelf.get(GROUPED).stat().st_size
    program = shelf.shop.check("grouped", f"{GROUPED.name}.csv", *MISSION_RULES)
    checked(shelf.shop, program, shelf.lines)
    usages = [checked(shelf.shop, program, shelf.lines) for _ in range(rounds)]
    return row("grouped, 5 % bad", Figures(usages, shelf.lines, size))


def case_row(shelf: Shelf, case: Case, rounds: int) -> list[str]:
    """A case, run in turn with what it is held against."""
    files = [shelf.get(case.against).name, shelf.get(case.export).name]
    programs = [
        (shelf.shop.check(f"against {case.name}", files[0], *MISSION_RULES), case.against),
        (shelf.shop.check(case.name, files[1], *case.options), case.export),
    ]
    usages: list[list[Usage]] = [[], []]
    for _ in range(rounds):
        for taken, (program, export) in zip(usages, programs, strict=True):
            taken.append(checked(shelf.shop, program, shelf.count(export)))
    plain, figures = (
        Figures(taken, shelf.count(export), shelf.get(export).stat().st_size)
        for taken, (_, export) in zip(usages, programs, strict=True)
    )
    verdict = None
    if case.bound is not None:
        verdict = (f"wall <= {case.bound:g}", ratio_to(figures, plain) <= case.bound)
    return row(case.name, figures, case.against.name, plain, verdict)


def halves_rows(shelf: Shelf, rounds: int) -> list[list[str]]:
    """Two processes of one thread on the halves of a file, and one of two threads on all of it."""
    whole = shelf.get(GROUPED)
    halves = split(whole)
    shop = shelf.shop
    one = ("-j", "1")
    apart = [shop.check(f"half {half.stem}", half.name, *MISSION_RULES, *one) for half in halves]
    together = shop.check("two threads beside", whole.name, *MISSION_RULES, "-j", "2")
    usages: tuple[list[Usage], list[Usage]] = ([], [])
    for _ in range(rounds):
        usages[0].append(measure.run_together(apart, shop.folder))
        progress("two processes on halves", usages[0][-1])
        usages[1].append(checked(shop, together, shelf.lines))
    for half in halves:
        half.unlink()
    size = whole.stat().st_size
    processes, threads = (Figures(taken, shelf.lines, size) for taken in usages)
    # Of the same work, throughput is the inverse of time.
    speed = ratio_to(processes, threads)
    verdict = (f"speed {speed:.2f} >= 0.85", speed >= 0.85)
    return [
        row("two processes of one thread, on halves", processes),
        row("one process of two threads", threads, "the two processes", processes, verdict),
    ]


def split(whole: Path) -> list[Path]:
    """Two files with the header and about half of the records each; no cell has a line break."""
    halves = [whole.with_name("first.csv"), whole.with_name("second.csv")]
    with open(whole, "rb") as source:
        header = source.readline()
        for half, size in ((halves[0], whole.stat().st_size // 2), (halves[1], sys.maxsize)):
            with open(half, "wb") as target:
                target.write(header)
                while size > 0 and (block := source.read(min(size, 1 << 20))):
                    size -= target.write(block)
                target.write(source.readline())
    for half in halves:
        measure.warm(half)
    return halves


def piped_rows(shelf: Shelf, _: int) -> list[list[str]]:
    """Ten times the lines from a pipe in little memory, beside the lines once."""
    shelf.keep([])
    rows = []
    for bad in ("5", "0"):
        few, few_size = piped(shelf, shelf.lines, bad)
        many, many_size = piped(shelf, shelf.lines * 10, bad)
        name = f"piped, {bad} % bad, {PIPED_MEMORY}"
        small = Figures([few], shelf.lines, few_size)
        large = Figures([many], shelf.lines * 10, many_size)
        holds = many.wall <= 11 * few.wall and many.peak <= 320 << 20
        verdict = ("wall <= 11, peak <= 320 MiB", holds)
        rows.append(row(name, small))
        rows.append(row(f"{name}, ten times", large, "the same once", small, verdict))
    return rows


def piped(shelf: Shelf, lines: int, bad: str) -> tuple[Usage, int]:
    """The generator's output checked as it comes; what both counted must be the same.

    With lines that lost their claim ids, the generator counts claims that nobody can see.
    """
    shop = shelf.shop
    source = Program("generate", [shop.generator, "--lines", str(lines), "--bad", bad])
    sink = shop.check(f"piped {lines}", "-", *MISSION_RULES, "--memory-limit", PIPED_MEMORY)
    usage, wrote, said = measure.run_piped(source, sink, shop.folder)
    progress(f"piped {lines:,} lines, {bad} % bad", usage)
    written = re.match(r"(\d+) lines of (\d+) claims", wrote)
    if not written or int(written[1]) != lines:
        raise Failed(f"the generator wrote {wrote}")
    expect_lines(sink, said, lines)
    claims = re.search(r"clean claims: [\d,]+ of ([\d,]+)", said)
    if bad == "0" and (not claims or int(claims[1].replace(",", "")) != int(written[2])):
        raise Failed(f"{sink.shown()}: expected {written[2]} claims:\n{said}")
    return usage, bytes_written(source)


def bytes_written(source: Program) -> int:
    """How many bytes the generator writes; the same in every run."""
    count = 0
    with subprocess.Popen(
        source.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        while block := running.stdout.read(1 << 20):
            count += len(block)
    if running.returncode != 0:
        raise Failed(f"{source.shown()} ended with {running.returncode}")
    return count


def start_rows(shelf: Shelf, _: int) -> list[list[str]]:
    """How long a file of ten lines takes, from the start of the process to its end."""
    path = shelf.shop.generate("ten.csv", ["--lines", "10"])
    program = shelf.shop.check("ten lines", path.name)
    usages = [measure.run(program, shelf.shop.folder)[0] for _ in range(STARTS)]
    figures = Figures(usages, 10, path.stat().st_size)
    took = median(figures.walls) * 1000
    cells = row(f"ten lines, all default rules, {STARTS} starts", figures)
    cells[-2:] = [f"{took:.1f} ms < 20 ms", page.verdict(took < 20)]
    return [cells]


SPECIAL = {"halves": halves_rows, "piped": piped_rows, "ten lines": start_rows}
