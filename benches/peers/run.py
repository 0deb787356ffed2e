#!/usr/bin/env python3
"""Takes the figures of docs/PERFORMANCE.md: claimlint beside polars and DuckDB, or the cliffs.

    python3 benches/peers/run.py              the peers, written into the page
    python3 benches/peers/run.py --cliffs     the cases that might be slow, the same
    python3 benches/peers/run.py --quick      a million lines, three rounds, printed only

It builds with cargo, puts the peers into a virtual environment in a temporary folder, and removes
that folder at the end. Only Python 3.11 and cargo are assumed. The exit code is 1 where programs
disagree on what is wrong with the file.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cliffs
import measure
import page
import workshop
from measure import Failed, Program, Usage, median
from workshop import MISSION_RULES, Workshop

HERE = Path(__file__).resolve().parent
EXPORT = "claims.csv"
SEED = 1
MISSION, DEFAULT, POLARS, DUCKDB = "claimlint", "claimlint default", "polars", "duckdb"
LABELS = {
    MISSION: "claimlint, mission rules",
    DEFAULT: "claimlint, all default rules",
    POLARS: "polars, mission checks",
    DUCKDB: "DuckDB, mission checks",
}
# Whose time must be how many times that of which run of claimlint.
BOUNDS = [(MISSION, POLARS, 5.0), (MISSION, DUCKDB, 10.0), (DEFAULT, POLARS, 3.0)]
GIGABYTES_A_SECOND = 0.8

Rounds = dict[str, list[Usage]]


def main() -> int:
    """Does what the arguments ask for and returns the exit code."""
    wish = arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="claimlint-peers-", dir=wish.dir) as folder:
            shop = Workshop(
                Path(folder).resolve(),
                wish.claimlint or workshop.build_claimlint(),
                wish.generator or workshop.build_generator(),
                built=wish.claimlint is None,
            )
            if wish.cliffs:
                text, name = cliffs.take(shop, wish.lines, wish.rounds, wish.only), "cliffs"
            else:
                text, name = take(shop, wish), "peers"
    except Failed as failure:
        print(f"run.py: {failure}", file=sys.stderr)
        return 1
    print(text)
    if not (wish.quick or wish.only or wish.print):
        page.replace_part(name, text)
    return 0


def arguments() -> argparse.Namespace:
    """The arguments, with what `--quick` changes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, help="lines of the export (default: 10 million)")
    parser.add_argument("--rounds", type=int, help="runs of each program (default: 5; cliffs: 3)")
    parser.add_argument("--quick", action="store_true", help="a million lines, three rounds, print")
    parser.add_argument("--cliffs", action="store_true", help="the cases that might be slow")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="only programs or cases with this in their name; may be repeated; print only",
    )
    parser.add_argument("--print", action="store_true", help="leave the page as it is")
    parser.add_argument("--dir", help="where the temporary folder goes (peers 2 GB, cliffs 10 GB)")
    parser.add_argument("--claimlint", type=absolute, help="a binary, instead of building one")
    parser.add_argument("--generator", type=absolute, help="the same for the generator")
    parser.add_argument("--python", type=absolute, help="a Python that has the peers")
    wish = parser.parse_args()
    wish.lines = wish.lines or (1_000_000 if wish.quick else 10_000_000)
    wish.rounds = wish.rounds or (3 if wish.quick or wish.cliffs else 5)
    return wish


def absolute(path: str) -> str:
    """A path that means the same in another folder. Links stay: they make a virtual environment."""
    return str(Path(path).absolute())


def take(shop: Workshop, wish: argparse.Namespace) -> str:
    """Measures the peers, compares what they found, and returns the part of the page."""
    chosen = [name for name in LABELS if not wish.only or any(part in name for part in wish.only)]
    peers = POLARS in chosen or DUCKDB in chosen
    python = (wish.python or workshop.python_with_peers(shop.folder)) if peers else sys.executable
    recipe = ["--lines", str(wish.lines), "--seed", str(SEED)]
    size = shop.generate(EXPORT, recipe).stat().st_size
    programs = [program for program in all_programs(shop, python) if program.name in chosen]
    rounds = measure_all(shop, programs, wish.rounds, wish.lines)
    compared = compare(shop, chosen) if peers and MISSION in chosen else "Nothing was compared."
    versions = [shop.version(), *(workshop.peer_versions(python) if peers else [])]
    file = (
        f"File: {wish.lines:,} lines, {size:,} bytes, seed {SEED}: 20 columns, claims side by "
        f"side, something wrong with 5 % of the lines. Medians of {page.rounds(wish.rounds)}, "
        f"after one that is not counted; smallest and largest in brackets."
    )
    commands = [f"generate {' '.join(recipe)} -o {EXPORT}", *(p.shown() for p in programs)]
    parts = [
        programs_table(rounds, size),
        bounds_table(rounds, size),
        compared,
        page.provenance(versions, file, commands),
    ]
    return "\n".join(part for part in parts if part)


def all_programs(shop: Workshop, python: str) -> list[Program]:
    """The four programs of a round."""

    def peer(name: str) -> Program:
        return Program(name, [python, str(HERE / f"{name}_checks.py"), EXPORT, f"{name}.ndjson"])

    return [
        shop.check(MISSION, EXPORT, *MISSION_RULES),
        shop.check(DEFAULT, EXPORT),
        peer(POLARS),
        peer(DUCKDB),
    ]


def measure_all(shop: Workshop, programs: Sequence[Program], rounds: int, lines: int) -> Rounds:
    """Runs every program once in each round, so that a busy machine hurts all alike."""
    usages: Rounds = {program.name: [] for program in programs}
    for number in range(rounds + 1):
        for program in programs:
            usage, said = measure.run(program, shop.folder)
            if program.name in (MISSION, DEFAULT):
                workshop.expect_lines(program, said, lines)
            told = f"{program.name}: {usage.wall:.2f} s"
            print(f"round {number or 'not counted'}: {told}", file=sys.stderr)
            if number > 0:
                usages[program.name].append(usage)
    return usages


def compare(shop: Workshop, chosen: Sequence[str]) -> str:
    """Has the findings compared by a process of its own, and tells what came out."""
    peers = [name for name in (POLARS, DUCKDB) if name in chosen]
    files = [f"{name}.ndjson" for name in (MISSION, *peers)]
    command = [sys.executable, str(HERE / "compare.py"), *files]
    done = subprocess.run(command, cwd=shop.folder, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"the programs disagree: {done.stdout.strip()}")
    answer = json.loads(done.stdout)
    found = ", ".join(f"{count:,} {family}" for family, count in answer["compared"].items())
    left = max(answer["left_out_of_peers"].values())
    return (
        f"Same lines found by all: {found}. Left out as *How it is measured* explains: "
        f"{answer['left_out_of_claimlint']:,} findings of claimlint and {left:,} of the peers.\n"
    )


def ratios(rounds: Rounds, own: str, peer: str) -> list[float]:
    """How many times as long the peer took, round by round."""
    pairs = zip(rounds[own], rounds[peer], strict=True)
    return [other.wall / mine.wall for mine, other in pairs]


def told(values: Sequence[float]) -> str:
    """The median of ratios, with each of them."""
    return f"{median(values):.2f} ({', '.join(f'{value:.2f}' for value in values)})"


def programs_table(rounds: Rounds, size: int) -> str:
    """What each program took."""
    header = ["program", "wall, s", "CPU, s", "GB/s", "peak, MiB", "wall to claimlint's, by round"]
    rows = []
    for name, usages in rounds.items():
        walls = [usage.wall for usage in usages]
        times = told(ratios(rounds, MISSION, name)) if MISSION in rounds else "–"
        cells = [
            LABELS[name],
            page.seconds(walls),
            page.seconds([usage.cpu for usage in usages]),
            f"{size / median(walls) / 1e9:.2f}",
            page.mebibytes(max(usage.peak for usage in usages)),
            "1" if name == MISSION else times,
        ]
        rows.append(cells)
    return page.table(header, rows)


def bounds_table(rounds: Rounds, size: int) -> str:
    """Which bounds hold."""
    rows = []
    for own, peer, bound in BOUNDS:
        if own in rounds and peer in rounds:
            value = median(ratios(rounds, own, peer))
            what = f"{LABELS[peer]}, to {LABELS[own]}"
            rows.append([what, f"{value:.2f}", f">= {bound:g}", page.verdict(value >= bound)])
    if MISSION in rounds:
        value = size / median([usage.wall for usage in rounds[MISSION]]) / 1e9
        holds = page.verdict(value >= GIGABYTES_A_SECOND)
        rows.append([f"{LABELS[MISSION]}, GB/s", f"{value:.2f}", f">= {GIGABYTES_A_SECOND}", holds])
    return page.table(["bound", "median", "wanted", ""], rows) if rows else ""


if __name__ == "__main__":
    sys.exit(main())
