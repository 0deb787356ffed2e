"""What the three mission checks go by, for the peers: blanks, missing words, classes, ranges.

The words and ranges are read from `rules/`, which claimlint has compiled in; the rest is written
down here once more, so that a mistake in either shows as a difference.
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What is dropped from both ends of a cell.
BLANKS = " \t\n\r\x0b\x0c\u00a0\u2007\u202f\u200b\ufeff\u00ad"

# The classes of codes, trimmed and in upper case; each pattern must match the whole code.
CATEGORY_1 = "[0-9]{5}"
CATEGORY_1_WITH_LETTER = "[0-9]{4}[AMU]"
CATEGORY_2 = "[0-9]{4}F"
OTHER_SERVICE = "[0-9]{4}T|[ABCDEGHJKLMPQRSTUV][0-9]{4}"


def missing_words() -> list[str]:
    """The cells that hold no value, trimmed and in upper case."""
    words = tomllib.loads((ROOT / "rules/words.toml").read_text(encoding="utf-8"))["missing"]
    return sorted({word.upper() for word in words} | {""})


def ranges(category: str) -> list[tuple[int, int]]:
    """The ranges of `category-1` or `category-2`, both ends inclusive."""
    text = (ROOT / "rules/categories.toml").read_text(encoding="utf-8")
    written = [pair for section in tomllib.loads(text)[category] for pair in section["ranges"]]
    return [(int(first), int(last)) for first, last in (pair.split("-") for pair in written)]
