"""The three mission checks in DuckDB: `python duckdb_checks.py EXPORT FINDINGS`.

Three of twenty columns are read into a table in memory, with all cores and without sniffing; the
table's row id is the record number, since DuckDB keeps the order of the file. Numbering with
row_number() while reading takes away most of what a second core gives. Each different code is
judged once, and claim ids are compared only where a claim has a Category II line. FINDINGS is
NDJSON in no particular order.
"""

import sys

import duckdb

import mission

SERVICE, NONE, ONE, TWO = 3, 0, 1, 2


def main() -> None:
    """Reads an export and writes what the checks find."""
    export, findings = sys.argv[1], sys.argv[2]
    database = duckdb.connect()
    database.execute(f"CREATE TEMP TABLE lines AS {lines(export)}")
    database.execute(f"CREATE TEMP TABLE codes AS {codes()}")
    database.execute(f"CREATE TEMP TABLE suspects AS {suspects()}")
    database.execute(f"COPY ({found()}) TO {text(findings)} (FORMAT json)")


def text(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def lines(export: str) -> str:
    """The three columns that matter, as they stand."""
    with open(export, encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split(",")
    columns = ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
    return f"""
        SELECT claim_id AS claim, procedure_code AS raw, revenue_code AS revenue
        FROM read_csv({text(export)}, header = true, auto_detect = false, delim = ',',
                      quote = '"', escape = '"', columns = {{{columns}}})"""


def tidy(column: str) -> str:
    """A column without blanks at the ends of its cells; an empty cell is an empty text.

    To trim a set of characters is slow, and hardly any cell needs it.
    """
    blanks = " || ".join(f"chr({ord(blank)})" for blank in mission.BLANKS)
    trimmed = f"trim(coalesce({column}, ''), {blanks})"
    return f"CASE WHEN regexp_full_match({column}, '[!-~]+') THEN {column} ELSE {trimmed} END"


def is_missing(tidied: str) -> str:
    """Whether a tidied cell means "no value"."""
    words = ", ".join(text(word) for word in mission.missing_words())
    return f"upper({tidied}) IN ({words})"


def outside(pattern: str, category: str) -> str:
    """Whether a code of this pattern is in no range of a category."""
    pairs = mission.ranges(category)
    within = " OR ".join(f"number BETWEEN {first} AND {last}" for first, last in pairs)
    return f"(regexp_full_match(code, '{pattern}') AND NOT ({within}))"


def codes() -> str:
    """Each different cell with a code: its class, whether it is missing or outside all ranges."""
    return f"""
        WITH different AS (SELECT DISTINCT raw FROM lines),
        tidied AS (SELECT raw, upper({tidy("raw")}) AS code FROM different),
        numbered AS (
            SELECT *, TRY_CAST(regexp_extract(code, '^[0-9]{{4,5}}') AS INTEGER) AS number
            FROM tidied)
        SELECT raw, {is_missing("code")} AS missing,
            CASE WHEN regexp_full_match(
                    code, '{mission.CATEGORY_1}|{mission.CATEGORY_1_WITH_LETTER}') THEN {ONE}
                 WHEN regexp_full_match(code, '{mission.CATEGORY_2}') THEN {TWO}
                 WHEN regexp_full_match(code, '{mission.OTHER_SERVICE}') THEN {SERVICE}
                 ELSE {NONE} END AS class,
            {outside(mission.CATEGORY_1, "category-1")}
                OR {outside(mission.CATEGORY_2, "category-2")} AS outside
        FROM numbered"""


def suspects() -> str:
    """The lines that may be findings, with their record numbers."""
    return f"""
        SELECT lines.rowid + 1 AS record, {tidy("claim")} AS claim_id,
            coalesce(lines.raw, '') AS code, revenue, class, missing, outside
        FROM lines JOIN codes ON lines.raw IS NOT DISTINCT FROM codes.raw
        WHERE class IN ({NONE}, {TWO}) OR outside"""


def found() -> str:
    """The findings of the three families."""
    revenue = f"({tidy('revenue')})"
    return f"""
        WITH twos AS (
            SELECT * FROM suspects WHERE class = {TWO} AND NOT {is_missing("claim_id")}),
        accompanied AS (
            SELECT DISTINCT claim_id
            FROM (SELECT {tidy("claim")} AS claim_id, raw FROM lines) AS tidied
            SEMI JOIN twos USING (claim_id)
            SEMI JOIN (SELECT raw FROM codes WHERE class = {ONE}) AS ones USING (raw))
        SELECT record, claim_id, 'format' AS family, code FROM suspects
        WHERE class = {NONE} AND NOT (missing AND NOT {is_missing(revenue)})
        UNION ALL
        SELECT record, claim_id, 'category', code FROM suspects WHERE outside
        UNION ALL
        SELECT record, claim_id, 'companion', code FROM twos ANTI JOIN accompanied USING (claim_id)
        """


if __name__ == "__main__":
    main()
