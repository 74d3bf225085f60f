import re
from collections.abc import Iterator
from datetime import UTC, datetime

from train import Table, is_number, listed, note, refuse

# Notations of dates and times besides ISO 8601, with a hyphen between all their parts.
DAYS = "%Y-%m-%d %d-%m-%Y %m-%d-%Y %d-%m-%y %m-%d-%y %d-%b-%Y %b-%d-%Y %d-%B-%Y"
DATES = f"{DAYS} %B-%d-%Y %d-%b-%y %Y-%m %m-%Y %b-%Y %B-%Y %b-%y %Y-%b".split()
TIMES = "", "-%H:%M", "-%H:%M:%S", "-%I:%M-%p", "-%I:%M:%S-%p"


def read_date(text: str, notation: str) -> datetime:
    if notation:
        return datetime.strptime(re.sub(r"[\s/.,-]+", "-", text.strip()), notation)
    date = datetime.fromisoformat(text.strip())
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def dates(texts: list[str]) -> Iterator[list[datetime]]:
    """Yield a column as dates, once for each notation in which all of it is written.

    Numbers are not dates, unless they have eight digits, as 20201231.
    """
    if any(is_number(t) and not re.fullmatch(r"\d{8}", t.strip()) for t in texts):
        return
    for notation in ["", *(day + hour for hour in TIMES for day in DATES)]:
        try:
            yield [read_date(text, notation) for text in texts]
        except ValueError:
            continue


def read_dates(name: str, column: dict[int, str], path: str) -> list[list[datetime]]:
    """Every reading of a column as dates; exit if only a part of it are dates."""
    cells = list(column.values())
    readings, middle = list(dates(cells)), cells[len(cells) // 2]
    if not readings and not is_number(middle) and any(dates([middle])):
        wrong = [
            f"{cell!r} in line {line}"
            for line, cell in column.items()
            if not any(dates([middle, cell]))
        ]
        refuse(
            f"dates such as {middle!r} in column {name!r} of {path!r}",
            listed(wrong) or "several notations",
            "Write all in one way.",
        )
    if readings and (count := len(set(readings[0]))) < len(cells):
        note(
            f"rows of {path!r} with the same {name!r} are taken for steps in time: "
            f"{count:,} dates in {len(cells):,} rows"
        )
    return readings


def is_newest_first(table: Table, path: str) -> bool:
    """Whether dates fall from row to row; exit if they neither rise nor fall."""
    readings = [
        (name, days)
        for name in table.names
        for days in read_dates(name, table.column(name), path)
        if len(set(days)) > 1
    ]
    if not readings or any(days == sorted(days) for _, days in readings):
        return False
    if any(days == sorted(days, reverse=True) for _, days in readings):
        return True
    name, days = readings[0]
    steps = zip(table.column(name).items(), days, days[1:], strict=False)
    line, date = next(cell for cell, day, later in steps if later < day)
    refuse(
        f"rows of {path!r} in the order of column {name!r}",
        f"an earlier date after {date!r} in line {line}",
        "Sort the rows; put each series into a column, or a table, of its own.",
    )
