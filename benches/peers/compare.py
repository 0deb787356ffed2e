"""Whether all programs found the same lines: `python compare.py CLAIMLINT PEER...`, NDJSON each.

A finding is a family of rules, a record number and a claim id. `format` and `category` are
compared as they are. The peers do not repair damaged codes, and claimlint counts a damaged code as
what it can be repaired to; so of `companion` these are left out, and counted:

- findings of a peer on a claim that has a damaged Category I code (claimlint saw a companion);
- findings of claimlint on a line whose own code is damaged (the peer saw no Category II code).

Which codes are damaged is taken from claimlint's COD003. The counts are printed as JSON. The exit
code is 1 where anything differs. This is a process of its own so that the one which measures stays
small: what a parent holds is counted as the peak of the programs that it starts.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import mission

FAMILIES = {
    "COD001": "format",
    "COD002": "format",
    "COD003": "format",
    "CAT001": "category",
    "CAT002": "category",
    "CII001": "companion",
    "CII002": "companion",
}
SHOWN = 5

Finding = tuple[str, int, str]


@dataclass
class Reported:
    """What claimlint found, and which of it stands on damage."""

    findings: set[Finding] = field(default_factory=set)
    damaged_records: set[int] = field(default_factory=set)
    claims_with_damaged_one: set[str] = field(default_factory=set)


def main() -> int:
    """Compares, prints counts, and returns the exit code."""
    own, *peers = sys.argv[1:]
    reported = read_own(own)
    expected = {item for item in reported.findings if not on_damaged_line(item, reported)}
    left_out: dict[str, int] = {}
    same = True
    for peer in peers:
        every = set(read_peer(peer))
        found = {item for item in every if not with_damaged_one(item, reported)}
        left_out[peer] = len(every) - len(found)
        same &= found == expected
        show("only claimlint", peer, expected - found)
        show("only the peer", peer, found - expected)
    answer = {
        "compared": count(expected),
        "left_out_of_claimlint": len(reported.findings) - len(expected),
        "left_out_of_peers": left_out,
        "same": same,
    }
    print(json.dumps(answer))
    return 0 if same else 1


def rows(path: str) -> Iterator[dict]:
    """The objects of an NDJSON file."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def claim(cell: str | None) -> str:
    """A claim id for comparing: trimmed, and empty where it means "no value"."""
    tidied = (cell or "").strip(mission.BLANKS)
    return "" if tidied.upper() in MISSING else tidied


def read_own(path: str) -> Reported:
    """claimlint's findings."""
    is_one = re.compile(f"{mission.CATEGORY_1}|{mission.CATEGORY_1_WITH_LETTER}").fullmatch
    reported = Reported()
    for row in rows(path):
        record, claim_id = row["record"], claim(row["claim_id"])
        reported.findings.add((FAMILIES[row["rule"]], record, claim_id))
        if row["rule"] == "COD003":
            reported.damaged_records.add(record)
            if claim_id and is_one(row["suggestion"]):
                reported.claims_with_damaged_one.add(claim_id)
    return reported


def read_peer(path: str) -> Iterator[Finding]:
    """A peer's findings."""
    return ((row["family"], row["record"], claim(row["claim_id"])) for row in rows(path))


def on_damaged_line(item: Finding, reported: Reported) -> bool:
    """Whether it is a Category II line only by its repair."""
    return item[0] == "companion" and item[1] in reported.damaged_records


def with_damaged_one(item: Finding, reported: Reported) -> bool:
    """Whether the claim has a Category I code only by a repair."""
    return item[0] == "companion" and item[2] in reported.claims_with_damaged_one


def count(findings: set[Finding]) -> dict[str, int]:
    """How many findings each family has."""
    counts = dict.fromkeys(FAMILIES.values(), 0)
    for family, _, _ in findings:
        counts[family] += 1
    return counts


def show(what: str, peer: str, findings: set[Finding]) -> None:
    """Names the first findings that only one has."""
    for family, record, claim_id in sorted(findings)[:SHOWN]:
        print(f"{peer}: {what}: {family}, record {record}, claim {claim_id}", file=sys.stderr)
    if len(findings) > SHOWN:
        print(f"{peer}: {what}: {len(findings):,} findings in all", file=sys.stderr)


MISSING = frozenset(mission.missing_words())

if __name__ == "__main__":
    sys.exit(main())
