"""Real sample data to train on, from installed packages: nothing is downloaded."""

import csv
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from types import MappingProxyType

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LANGUAGES = (
    "ar bn cs da de el en es fa fi fr he hi hu id it ja ko nl pl pt ro ru sv th tr uk vi zh"
)


class MissingExtraError(Exception):
    """The package that a sample comes from is not installed."""


@dataclass(frozen=True)
class Sample:
    """A data set that can be written to a file.

    Attributes:
        name: its name on the command line.
        description: its content in one sentence.
        filename: the default name of its file.
        text: returns its content, always the same; without the extra ``wireformer[data]``, some
            raise `MissingExtraError`.
    """

    name: str
    description: str
    filename: str
    text: Callable[[], str]

    def path(self, target: Path) -> Path:
        """Return the path for its file: the target, or its default name in that folder."""
        return target / self.filename if os.path.isdir(target) else target


def _python_reference() -> str:
    from pydoc_data.topics import topics

    return "\n\n".join(topics[name] for name in sorted(topics))


def _stocks() -> str:
    prices: dict[str, dict[str, str]] = {}
    for row in _vega("stocks.csv"):
        month, _, year = row["date"].split()
        date = f"{year}-{_MONTHS.index(month) + 1:02}-01"
        prices.setdefault(row["symbol"], {})[date] = row["price"]
    dates = sorted(set().union(*prices.values()))
    symbols = sorted(symbol for symbol, known in prices.items() if len(known) == len(dates))
    rows = ([date, *(prices[symbol][date] for symbol in symbols)] for date in dates)
    return _table(["date", *symbols], rows)


def _seattle_weather() -> str:
    columns = ["date", "precipitation", "temp_max", "temp_min", "wind"]
    rows = _vega("seattle-weather.csv")
    dated = ({**row, "date": row["date"].replace("/", "-")} for row in rows)
    return _table(columns, ([row[column] for column in columns] for row in dated))


def _languages() -> str:
    _package("babel")
    from babel import Locale

    spoken: dict[str, set[str]] = {}
    for code in _LANGUAGES.split():
        words = Locale(code)
        for names in (words.territories, words.languages, words.currencies):
            for name in names.values():
                spoken.setdefault(name, set()).add(code)
    english = Locale("en").languages
    labelled = ((english[min(codes)], name) for name, codes in spoken.items() if len(codes) == 1)
    return _table(["text", "label"], ([name, label] for label, name in sorted(labelled)))


def _vega(filename: str) -> list[dict[str, str]]:
    """Read a table of vega_datasets without importing the package, which would import pandas."""
    path = _package("vega_datasets") / "_data" / filename
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise MissingExtraError(
            f"expected the package {name}, from which this sample is made, got none. "
            'Install it with: pip install "wireformer[data]"'
        )
    return Path(spec.origin).parent


def _table(columns: list[str], rows: Iterable[list[str]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue()


_SAMPLES = (
    Sample(
        "python-reference",
        "The reference of the Python language, as text.",
        "python-reference.txt",
        _python_reference,
    ),
    Sample(
        "stocks",
        "Monthly prices of four stocks from 2000 to 2010, a column each.",
        "stocks.csv",
        _stocks,
    ),
    Sample(
        "seattle-weather",
        "Rain, temperatures and wind in Seattle on each day from 2012 to 2015.",
        "seattle-weather.csv",
        _seattle_weather,
    ),
    Sample(
        "languages",
        f"Names of countries, languages and currencies in {len(_LANGUAGES.split())} languages.",
        "languages.csv",
        _languages,
    ),
)

SAMPLES: Mapping[str, Sample] = MappingProxyType({sample.name: sample for sample in _SAMPLES})
"""Every sample by name."""
