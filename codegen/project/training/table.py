import csv
from collections.abc import Iterator
from dataclasses import dataclass

from train import note, read_data, refuse


@dataclass
class Table:
    delimiter: str
    names: list[str]
    unnamed: list[str]  # those of names that are made of the position
    rows: dict[int, list[str]]  # by the line that each begins in

    def column(self, name: str) -> dict[int, str]:
        """The cells of a column, by the lines that their rows begin in."""
        place = self.names.index(name)
        return {line: cells[place] for line, cells in self.rows.items()}


def listed(items: list[str]) -> str:
    """The first items, and how many there are besides."""
    return ", ".join(items[:4]) + (f" and {len(items) - 4:,} more" if items[4:] else "")


def parse(text: str, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """Yield each row: the line that it begins in, its cells, and an error in its quotes.

    A cell in quotes may extend over several lines, but a line with an error ends its row.
    """
    csv.field_size_limit(2**31 - 1)
    lines, first = text.split("\n"), 0
    while first < len(lines):
        rest = (lines[i] + "\n" for i in range(first, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        try:
            yield first + 1, next(reader), ""
            first += reader.line_num
        except csv.Error as error:
            yield (
                first + 1,
                next(csv.reader([lines[first]], delimiter=delimiter)),
                str(error),
            )
            first += 1


def read_table(path: str) -> Table:
    """Read a table whose first line names the columns.

    Cells are separated by the one of , ; | and the tab that the first line has most of.
    Empty lines are skipped, unless the table has one column, where each is an empty cell.
    """
    text = read_data(path).rstrip("\n")
    delimiter = max(",;\t|", key=text.lstrip("\n").partition("\n")[0].count)
    if delimiter != ",":
        note(f"the cells of {path!r} are separated by {delimiter!r}")
    names, rows, quoted, uneven = [], {}, [], []
    for line, cells, error in parse(text, delimiter):
        width = len(names)
        quoted += [f"line {line}"] if error else []
        if not names:
            names = [" ".join(cell.split()) for cell in cells]
        elif any(cells[width:]) or any(names[len(cells) :]):
            if cells or width == 1:
                uneven.append(f"{len(cells)} in line {line}{error and f' ({error})'}")
        else:
            rows[line] = cells[:width] + [""] * (width - len(cells))
    if uneven:
        refuse(
            f"{len(names)} cells in each row of {path!r}, as in its first line",
            listed(uneven),
            "Correct these lines. A cell that contains a quote or "
            f"{delimiter!r} must be in quotes, and the quote in it doubled.",
        )
    if quoted:
        note(f"quotes that are not doubled or not closed in {path!r}: {listed(quoted)}")
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
