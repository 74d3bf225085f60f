"""A table of a series is read as it is meant, or refused with the place of what is wrong."""

import math
import re
import statistics
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
import torch

from nodes.tasks.forecasting import Forecasting
from tests.codegen.loaded_script import load_script, read
from tests.codegen.training_specs import FORECASTER, QUICK

ROWS = 60
DAYS = [date(2020, 1, 1) + timedelta(days=i) for i in range(ROWS)]
A = [round(math.sin(i / 3) + 0.01 * i, 6) for i in range(ROWS)]
B = [round(10 + math.cos(i / 5), 6) for i in range(ROWS)]


@pytest.fixture(scope="module", name="scripts")
def load_scripts(tmp_path_factory):
    """The script of values, and that of differences."""
    return {
        changes: load_script(
            replace(FORECASTER, recipe=Forecasting(window=8, differences=changes, **QUICK)),
            "forecaster",
            tmp_path_factory.mktemp("script"),
        )
        for changes in (False, True)
    }


@pytest.fixture(name="load")
def load_table(scripts, tmp_path):
    def load(content, differences=False, **settings):
        return read(scripts[differences], tmp_path / "table.csv", content, **settings)

    return load


def table(header="a,b", rows=None, delimiter=",", end="\n"):
    """Write a table; by default, of two columns of numbers."""
    lines = [header, *(delimiter.join(map(str, row)) for row in rows or zip(A, B, strict=True))]
    return "".join(line + end for line in lines)


def dated(notation=str, order=1, header="date,a,b"):
    """Write a table with a column of dates, in a notation and an order."""
    rows = [[notation(day), a, b] for day, a, b in zip(DAYS, A, B, strict=True)]
    return table(header, rows[::order])


def with_line(number, line, text=None):
    """Replace a line of a table."""
    lines = (text or table()).splitlines()
    lines[number - 1] = line
    return "\n".join(lines) + "\n"


def values(reading):
    """The table that a script has read, as numbers again."""
    codec = reading.data.codec
    std, mean = torch.tensor(codec.std).double(), torch.tensor(codec.mean).double()
    return (reading.data.series.double() * std + mean).T.tolist()


SAME = {
    "Windows": table(end="\r\n"),
    "an old Mac": table(end="\r"),
    "a byte order mark": "\ufeff" + table(),
    "no end of the last line": table().rstrip("\n"),
    "empty lines at the end": table() + "\n\n",
    "empty lines between": table(end="\n\n"),
    "empty lines before": "\n\n" + table(),
    "doubled line ends": table(end="\r\r\n"),
    "quotes": table('"a","b"', [(f'"{a}"', f'"{b}"') for a, b in zip(A, B, strict=True)]),
    "blanks": table("a , b", [(a, f" {b} ") for a, b in zip(A, B, strict=True)]),
    "semicolons": table("a;b", delimiter=";"),
    "tabs": table("a\tb", delimiter="\t"),
    "bars": table("a|b", delimiter="|"),
    "exponents": table(rows=[(f"{a:.9e}", f"{b:.9E}") for a, b in zip(A, B, strict=True)]),
    "a comma at the end of each line": table(end=",\n"),
    "a comma at the end of each row": table("a,b", [(a, b, "") for a, b in zip(A, B, strict=True)]),
    "a comma at the end of the names": table("a,b,"),
    "an index without a name": table(
        ",a,b", [(i, a, b) for i, (a, b) in enumerate(zip(A, B, strict=True))]
    ),
    "dates without a name": dated(header=",a,b"),
    "a line break in a name": table('"a\n",b'),
    "words": table("a,sky,b", [(a, "clear", b) for a, b in zip(A, B, strict=True)]),
    "times of day": table("time,a,b", [("09:30", a, b) for a, b in zip(A, B, strict=True)]),
    "an empty column": table("a,c,b", [(a, "", b) for a, b in zip(A, B, strict=True)]),
    "a column that is never known": table(
        "a,c,b", [(a, "NaN", b) for a, b in zip(A, B, strict=True)]
    ),
    "one series and a name": table("id,a,b", [("Rome", a, b) for a, b in zip(A, B, strict=True)]),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_same_table_is_read_however_it_is_written(text, load):
    reading = load(text)
    assert reading.refusal == ""
    assert reading.data.codec.features == ["a", "b"]
    for found, expected in zip(values(reading), (A, B), strict=True):
        assert found == pytest.approx(expected, abs=1e-6)


NOTATIONS = {
    "ISO 8601": str,
    "midnight": lambda day: f"{day} 00:00:00",
    "a time zone": lambda day: f"{day}T12:00:00+01:00",
    "Zulu": lambda day: f"{day}T12:00:00Z",
    "slashes": lambda day: f"{day:%Y/%m/%d}",
    "the United States": lambda day: f"{day.month}/{day.day}/{day.year}",
    "the United Kingdom": lambda day: f"{day:%d/%m/%Y}",
    "Germany": lambda day: f"{day:%d.%m.%Y}",
    "a time in Germany": lambda day: f"{day:%d.%m.%Y} 14:05",
    "two digits": lambda day: f"{day:%d-%m-%y}",
    "half of the day": lambda day: f"{day:%m/%d/%Y} 02:30 PM",
    "a month in letters": lambda day: f'"{day:%b %d, %Y}"',
    "a full month": lambda day: f"{day:%d %B %Y}",
    "a short year": lambda day: f"{day:%d-%b-%y}",
    "eight digits": lambda day: f"{day:%Y%m%d}",
    "no leading zeros": lambda day: f"{day.year}-{day.month}-{day.day}",
}


@pytest.mark.parametrize("notation", NOTATIONS.values(), ids=NOTATIONS)
@pytest.mark.parametrize("differences", [False, True])
def test_rows_that_are_newest_first_are_read_in_reverse(notation, differences, load):
    rising, falling = (load(dated(notation, order), differences) for order in (1, -1))
    assert rising.refusal == falling.refusal == ""
    assert torch.equal(rising.data.series, falling.data.series)
    assert rising.data.codec == falling.data.codec
    assert rising.data.codec.features == ["a", "b"]
    assert ("newest first" in rising.notes, "newest first" in falling.notes) == (False, True)


@pytest.mark.parametrize("notation", NOTATIONS.values(), ids=NOTATIONS)
def test_rows_in_no_order_are_refused_with_the_line(notation, load):
    lines = dated(notation).splitlines(keepends=True)
    lines[20], lines[30] = lines[30], lines[20]
    refusal = load("".join(lines)).refusal
    assert "in the order of column 'date'" in refusal
    assert "in line 21." in refusal


# Eight digits are numbers too.
@pytest.mark.parametrize("notation", sorted(NOTATIONS.keys() - {"eight digits"}))
@pytest.mark.parametrize("wrong", ["", "Total", "2020-02-31", "32.13.2020"])
@pytest.mark.parametrize("line", [2, 20, 61])
def test_a_date_that_is_none_is_named(notation, wrong, line, load):
    lines = dated(NOTATIONS[notation]).splitlines()
    lines[line - 1] = f"{wrong},1,2"
    refusal = load("\n".join(lines)).refusal
    assert refusal.startswith("data: expected dates such as ")
    assert "in column 'date' of " in refusal
    assert f", got {wrong!r} in line {line}. Write all in one way." in refusal


@pytest.mark.parametrize("order", [1, -1])
def test_one_column_of_dates_in_order_is_enough(order, load):
    rows = [(DAYS[7 * i % ROWS], DAYS[i], a, b) for i, (a, b) in enumerate(zip(A, B, strict=True))]
    reading = load(table("born,date,a,b", rows[::order]))
    same = load(table("born,date,a,b", [("2020-01-01", *row[1:]) for row in rows[::order]]))
    assert torch.equal(same.data.series, reading.data.series)
    assert values(reading)[0] == pytest.approx(A, abs=1e-6)
    assert ("newest first" in reading.notes) == (order < 0)


def test_dates_in_several_notations_are_refused(load):
    lines = dated(lambda day: f"{day:%d/%m/%Y}").splitlines()
    lines[14] = f"{DAYS[13]:%m/%d/%Y},1,2"
    assert "dates such as " in load("\n".join(lines)).refusal


def test_series_below_one_another_are_refused(load):
    assert "put each series into a column" in load(dated() + dated().partition("\n")[2]).refusal


def test_rows_of_one_date_are_counted(load):
    rows = [[DAYS[i // 2], a, b] for i, (a, b) in enumerate(zip(A, B, strict=True))]
    assert (
        "with the same 'date' are taken for steps in time: 30 dates in 60 rows"
        in load(table("date,a,b", rows)).notes
    )


@pytest.mark.parametrize("name", ["year", "t"])
def test_a_number_that_falls_in_every_row_may_be_a_time(name, load):
    rows = [(2000 - i, a) for i, a in enumerate(A)]
    assert f"column {name!r} falls in every row" in load(table(f"{name},a", rows)).notes
    assert "falls" not in load(table(f"{name},a", rows[::-1])).notes


def test_numeric_columns_with_a_date_are_no_dates(load):
    rows = [(f"{1 + i % 12}.{2000 + i}", a) for i, a in enumerate(A)]
    assert load(table("version,a", rows)).data.codec.features == ["version", "a"]


WRONG = {
    "an empty cell": (with_line(30, "0.5,"), "'b'", "'' in line 30."),
    "a missing value": (with_line(30, "nan,1"), "'a'", "'nan' in line 30."),
    "infinity": (with_line(30, "1,-inf"), "'b'", "'-inf' in line 30."),
    "more than can be squared": (with_line(30, "1,1e200"), "'b'", "'1e200' in line 30."),
    "a word": (with_line(30, "1,broken"), "'b'", "'broken' in line 30."),
    "a unit": (with_line(30, "1,5 kg"), "'b'", "'5 kg' in line 30."),
    "a line of totals": (table() + "Total,12\n", "'a'", "'Total' in line 62."),
    "a line of blanks": (table() + " , \n", "'a'", "' ' in line 62."),
    "commas alone": (table() + ",\n", "'a'", "'' in line 62."),
    "percent": (table(rows=[(f"{a}%", b) for a, b in zip(A, B, strict=True)]), "'a'", "%' in"),
    "money": (table(rows=[(a, f"${b}") for a, b in zip(A, B, strict=True)]), "'b'", "'$11.0'"),
    "units": (table(rows=[(a, f"{b} m") for a, b in zip(A, B, strict=True)]), "'b'", "'11.0 m'"),
    "thousands": (table(rows=[(a, '"1,000.5"') for a in A]), "'b'", "'1,000.5' in line 2,"),
    "apostrophes": (table(rows=[(a, "1'000.5") for a in A]), "'b'", '"1\'000.5" in line 2,'),
    "blanks in numbers": (table(rows=[(a, "1 000") for a in A]), "'b'", "'1 000' in line 2,"),
    "a real minus sign": (table(rows=[(a, "\u22121") for a in A]), "'b'", "'\u22121' in line 2,"),
    "decimal commas": (
        table("a;b", [(str(a).replace(".", ","), 1) for a in A], ";"),
        "'a'",
        "'0,0' in line 2,",
    ),
    "quoted decimal commas": (table(rows=[(1, f'"{a}"'.replace(".", ",")) for a in A]), "'b'", ""),
    "an empty line in one column": (
        table("a", [[a] for a in A[:30]]) + "\n" + table("1", [[a] for a in A[30:]]),
        "1 cells",
        "0 in line 32.",
    ),
}


@pytest.mark.parametrize(("text", "column", "place"), WRONG.values(), ids=WRONG)
def test_a_cell_that_is_no_number_is_named(text, column, place, load):
    refusal = load(text).refusal
    assert refusal.startswith("data: expected ")
    assert column in refusal
    assert place in refusal


BROKEN = {
    "no header": (table().partition("\n")[2], "expected names of columns in the first line"),
    "no header but dates": (dated().partition("\n")[2], "got '2020-01-01'"),
    "a header of numbers": (table("1,2"), "got '1'"),
    "a name twice": (table("close,close"), "got 'close' more than once"),
    "a name twice but for blanks": (table("a, a"), "got 'a' more than once"),
    "a short row": (with_line(30, "0.5"), "got 1 in line 30."),
    "a long row": (with_line(30, "1,2,3"), "got 3 in line 30."),
    "unquoted decimal commas": (with_line(30, "1,5,2,5"), "got 4 in line 30."),
    "a comment above": ("# from the sensor\n" + table(), "got 2 in line 2,"),
    "a separator of Excel": ("sep=;\n" + table("a;b", delimiter=";"), "column 'sep='"),
    "a quote that is not closed": (
        with_line(30, '"1,2'),
        "got 1 in line 30 (unexpected end of data)",
    ),
    "text after a quote": (with_line(30, '"1"x,2'), "'1x' in line 30."),
    "names alone": ("a,b\n", "got no rows"),
    "nothing": ("", "got none"),
    "blanks": (" \n\t\n", "got none"),
    "words alone": (table(rows=[("x", "y")] * 60), "columns of numbers in"),
    "HTML": ("<!DOCTYPE html>\n<html>\n<p>a, b</p>\n</html>\n", "got 2 in line 3."),
    "JSON": ('{"a": [1, 2],\n"b": [3, 4]}\n', "data: expected"),
    "too few rows": ("a,b\n1,2\n2,3\n", "got 2 and 0 of"),
    "UTF-16": (table().encode("utf-16"), "got the byte 0xff in line 1"),
    "UTF-16 without a mark": (table().encode("utf-16-le"), "got a NUL character"),
    "Latin-1": (table("a,h\u00f6he").encode("latin-1"), "got the byte 0xf6 in line 1"),
    "a spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xff\xfe", "got the byte 0xff in line"),
    "compressed": (b"\x1f\x8b\x08\x00" + bytes(range(128, 200)), "got the byte 0x8b in line 1"),
    "zeros": (bytes(100), "got a NUL character"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_table_that_is_broken_is_refused_in_one_sentence(text, message, load):
    refusal = load(text).refusal
    assert refusal.startswith("data: expected ")
    assert message in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"columns": ("a", "c")}, "among ['date', 'a', 'b'], got ['a', 'c']. Choose"),
        ({"columns": ("a", "a")}, "got ['a', 'a']. Choose"),
        ({"columns": ("date",)}, "'2020-01-01' in line 2"),
        ({"targets": ("c",)}, "among the columns of numbers, ['a', 'b'], got ['c']. Choose"),
        ({"targets": ("a", "a")}, "got ['a', 'a']. Choose"),
        ({"columns": ("a",), "targets": ("b",)}, "['a'], got ['b']. Choose"),
    ],
)
def test_columns_that_cannot_be_chosen_are_named(settings, message, load):
    assert message in load(dated(), **settings).refusal


def test_other_columns_may_hold_anything_when_columns_are_chosen(load):
    assert load(with_line(30, "0.5,?"), columns=("a",)).data.codec.features == ["a"]


def test_columns_that_are_not_used_are_named(load):
    assert (
        "not used: 'date' ('2020-01-01'), 'sky' ('blue')"
        in load(
            table("date,sky,a", [[day, "blue", a] for day, a in zip(DAYS, A, strict=True)])
        ).notes
    )


@pytest.mark.parametrize("level", [0, 101_325_000, -1e12])
def test_small_changes_on_a_high_level_are_kept(level, load):
    series = [level + 0.25 * ((i * i) % 7) for i in range(ROWS)]
    codec = load(table("p", [[repr(p)] for p in series]), differences=True).data.codec
    steps = [later - earlier for earlier, later in pairwise(series)]
    assert codec.mean == pytest.approx([statistics.fmean(steps[:53])], rel=1e-9)
    assert codec.std == pytest.approx([statistics.stdev(steps[:53])], rel=1e-9)


@pytest.mark.parametrize("value", [0, 1234567.1, -0.1, 1e90])
@pytest.mark.parametrize("differences", [False, True])
def test_a_constant_column_contributes_nothing(value, differences, load):
    reading = load(table("a,k", [(a, value) for a in A]), differences)
    assert "constant in the rows for training: k\n" in reading.notes
    assert not reading.data.series[:, 1].any()
    assert reading.data.series[:, 0].std() == pytest.approx(1, abs=0.3)


def test_forecasts_are_read_back_in_double_precision(scripts):
    codec = scripts[False].Codec(["p"], ["p"], [101_325_000.0], [0.25], 8)
    assert codec.decode(torch.tensor([2.0])).tolist() == [101_325_000.5]


def test_an_evaluation_reads_a_part_of_many_windows(load):
    long = table("a", [[i % 17] for i in range(20_000)])
    data = load(long, validation_fraction=0.5).data
    batches = data.validation(2)
    starts = torch.cat(batches)
    assert len(batches) <= 100
    assert starts[0] == data.split - 8
    assert starts[-1] > 0.98 * len(data.series)


def test_a_forecast_shows_the_digits_that_change(scripts, tmp_path, monkeypatch, capsys):
    series = [101_325_000 + 0.25 * ((i * i) % 7) for i in range(ROWS)]
    (tmp_path / "p.csv").write_text(table("p", [[p] for p in series]))
    monkeypatch.chdir(tmp_path)
    for command in (["train", "--steps", "2"], ["predict"]):
        monkeypatch.setattr("sys.argv", ["train.py", *command, "--data", "p.csv"])
        scripts[False].main()
    (value,) = re.findall(r"^p: (\d+\.\d{3})$", capsys.readouterr().out, re.MULTILINE)
    assert float(value) == pytest.approx(101_325_000, abs=3)
