"""The three mission checks in polars: `python polars_checks.py EXPORT FINDINGS [ENGINE]`.

Three of twenty columns are read, by the streaming engine unless ENGINE is `in-memory`. A file has
some hundred different codes, so each is judged once; that takes about half of the time of judging
every line. A claim id is compared only where its claim has a Category II line. FINDINGS is NDJSON
in no particular order.
"""

import sys
from typing import Literal, cast

import polars as pl

import mission

SERVICE, NONE, ONE, TWO = 3, 0, 1, 2
Engine = Literal["streaming", "in-memory"]


def main() -> None:
    """Reads an export and writes what the checks find."""
    export, findings = sys.argv[1], sys.argv[2]
    engine = cast(Engine, sys.argv[3] if len(sys.argv) > 3 else "streaming")
    lines = read(export, engine)
    codes = judge_codes(lines)
    of_interest = codes.filter(pl.col("class").is_in([NONE, TWO]) | pl.col("outside"))
    suspects = lines.join(of_interest, on="raw", nulls_equal=True).with_columns(
        claim_id=tidy("claim")
    )
    found = [
        finding(suspects.filter(has_no_code()), "format"),
        finding(suspects.filter("outside"), "category"),
        finding(without_companion(lines, codes, suspects, engine), "companion"),
    ]
    pl.concat(found).write_ndjson(findings)


def read(export: str, engine: Engine) -> pl.DataFrame:
    """The lines with their number and the three columns that matter, as they stand."""
    columns = {"claim": "claim_id", "raw": "procedure_code", "revenue": "revenue_code"}
    scan = pl.scan_csv(export, infer_schema=False)
    chosen = scan.select(**{name: pl.col(column) for name, column in columns.items()})
    # Numbering afterwards is faster than having the scan number the lines.
    return chosen.collect(engine=engine).with_row_index("record", 1)


def tidy(column: str) -> pl.Expr:
    """A column without blanks at the ends of its cells; an empty cell is an empty text."""
    return pl.col(column).fill_null("").str.strip_chars(mission.BLANKS)


def is_missing(tidied: pl.Expr) -> pl.Expr:
    """Whether tidied cells mean "no value"."""
    return tidied.str.to_uppercase().is_in(mission.missing_words())


def within(number: pl.Expr, category: str) -> pl.Expr:
    """Whether code numbers are in a range of a category."""
    pairs = mission.ranges(category)
    return pl.any_horizontal([number.is_between(first, last) for first, last in pairs])


def judge_codes(lines: pl.DataFrame) -> pl.DataFrame:
    """Each different cell with a code: its class, whether it is missing or outside all ranges."""

    def matches(pattern: str) -> pl.Expr:
        return pl.col("code").str.contains(f"^(?:{pattern})$")

    def outside(pattern: str, category: str) -> pl.Expr:
        number = pl.col("code").str.strip_suffix("F").cast(pl.UInt32, strict=False)
        return matches(pattern) & ~within(number, category).fill_null(False)

    different = lines.lazy().select(pl.col("raw").unique())
    judged = different.with_columns(code=tidy("raw").str.to_uppercase()).select(
        "raw",
        pl.when(matches(f"{mission.CATEGORY_1}|{mission.CATEGORY_1_WITH_LETTER}"))
        .then(ONE)
        .when(matches(mission.CATEGORY_2))
        .then(TWO)
        .when(matches(mission.OTHER_SERVICE))
        .then(SERVICE)
        .otherwise(NONE)
        .alias("class"),
        is_missing(pl.col("code")).alias("missing"),
        (
            outside(mission.CATEGORY_1, "category-1") | outside(mission.CATEGORY_2, "category-2")
        ).alias("outside"),
    )
    return judged.collect()


def has_no_code() -> pl.Expr:
    """Lines with a cell of no class; a line with a revenue code needs no procedure code."""
    excused = pl.col("missing") & ~is_missing(tidy("revenue"))
    return (pl.col("class") == NONE) & ~excused


def without_companion(
    lines: pl.DataFrame, codes: pl.DataFrame, suspects: pl.DataFrame, engine: Engine
) -> pl.DataFrame:
    """Category II lines on claims that have no Category I line anywhere."""
    twos = suspects.filter((pl.col("class") == TWO) & ~is_missing(pl.col("claim_id")))
    claims = twos.lazy().select(pl.col("claim_id").unique())
    ones = codes.filter(pl.col("class") == ONE)["raw"]
    # The claims in question are few: the many lines are only looked up in them.
    claim_of_line = lines.lazy().select("raw", claim_id=tidy("claim"))
    accompanied = (
        claim_of_line.join(claims, on="claim_id", how="semi")
        .filter(pl.col("raw").is_in(ones.implode()))
        .select(pl.col("claim_id").unique())
        .collect(engine=engine)
    )
    return twos.join(accompanied, on="claim_id", how="anti")


def finding(lines: pl.DataFrame, family: str) -> pl.DataFrame:
    """Lines as findings of one family of rules."""
    code = pl.col("raw").fill_null("").alias("code")
    return lines.select("record", "claim_id", pl.lit(family).alias("family"), code)


if __name__ == "__main__":
    main()
