import csv
from dataclasses import dataclass
from io import StringIO

from train import note, read_data, refuse


@dataclass
class Table:
    delimiter: str
    names: list[str]
    unnamed: list[str]  # those of names that only tell the place of a column
    rows: dict[int, list[str]]  # by the line that each begins in

    def column(self, name: str) -> dict[int, str]:
        """The cells of a column, by the lines that their rows begin in."""
        place = self.names.index(name)
        return {line: cells[place] for line, cells in self.rows.items()}


def listed(items: list[str]) -> str:
    """The first items, and how many there are besides."""
    return ", ".join(items[:4]) + (f" and {len(items) - 4:,} more" if items[4:] else "")


def read_table(path: str) -> Table:
    """Read a table whose first line names the columns.

    Cells are separated by the one of , ; | and the tab that the first line has most of.
    A cell in quotes may extend over several lines. Empty lines are skipped, unless the
    table has one column, where each is an empty cell.
    """
    text = read_data(path).rstrip("\n")
    delimiter = max(",;\t|", key=text.lstrip("\n").partition("\n")[0].count)
    if delimiter != ",":
        note(f"the cells of {path!r} are separated by {delimiter!r}")
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    count, names, rows, wrong = text.count("\n") + 1, [], {}, []
    while reader.line_num < count:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except csv.Error as error:
            last = f" to {reader.line_num}" if reader.line_num > line else ""
            wrong.append(f"a quote in line {line}{last} ({error})")
            continue
        if not names:
            names = [cell.strip() for cell in cells]
        elif len(cells) == len(names):
            rows[line] = cells
        elif cells or len(names) == 1:
            wrong.append(f"{len(cells)} cells in line {line}")
    if wrong:
        refuse(
            f"{len(names)} cells in each row of {path!r}, as in its first line",
            listed(wrong),
            "Correct these lines. A cell that contains a quote or "
            f"{delimiter!r} must be in quotes, and the quote in it doubled.",
        )
    twice = sorted({repr(name) for name in names if name and names.count(name) > 1})
    if twice or not rows:
        refuse(
            f"different names of columns in the first line of {path!r}, and rows below",
            f"{listed(twice)} more than once" if twice else "no rows",
            "Rename the columns." if twice else "Add rows.",
        )
    unnamed = [f"column {i}" for i, name in enumerate(names, 1) if not name]
    names = [name or f"column {i}" for i, name in enumerate(names, 1)]
    return Table(delimiter, names, unnamed, rows)
