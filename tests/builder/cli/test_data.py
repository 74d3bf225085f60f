"""Sample data: real, complete and reproducible."""

import csv
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from builder.cli.sample_data import SAMPLES, Sample
from builder.storage.export import write_file
from nodes.core.files.project_save import AlreadyExists

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
EVERY_SAMPLE = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(SAMPLES[name].text().splitlines()))


def write(sample: Sample, target: Path, overwrite: bool = False) -> Path:
    write_file(sample.path(target), sample.text(), overwrite)
    return sample.path(target)


def bare_python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program that sees the standard library and this checkout, but no installed package."""
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.append(sys.argv[1]); {program}"]
    return subprocess.run([*command, ROOT, *arguments], capture_output=True, text=True, check=False)


@EVERY_SAMPLE
def test_samples_are_mapped_by_name(sample):
    assert SAMPLES[sample.name] is sample


@EVERY_SAMPLE
def test_writing_to_a_folder_uses_the_name_of_the_sample(sample, tmp_path):
    assert write(sample, tmp_path) == tmp_path / sample.filename


@EVERY_SAMPLE
def test_writing_twice_gives_the_same_bytes(sample, tmp_path):
    first, second = (write(sample, tmp_path / name).read_bytes() for name in ("first", "second"))
    assert first == second


@EVERY_SAMPLE
def test_line_ends_are_the_same_on_every_system(sample, tmp_path):
    content = write(sample, tmp_path).read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")


@EVERY_SAMPLE
def test_a_file_with_other_content_is_kept(sample, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("mine")
    with pytest.raises(AlreadyExists):
        write(sample, path)
    assert path.read_text() == "mine"


@EVERY_SAMPLE
def test_a_file_is_replaced_on_request(sample, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("mine")
    write(sample, path, overwrite=True)
    assert path.read_text(encoding="utf-8") == sample.text()


@EVERY_SAMPLE
def test_the_same_content_may_be_written_again(sample, tmp_path):
    write(sample, tmp_path)
    write(sample, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [sample.filename]


def test_the_python_reference_explains_the_language():
    text = SAMPLES["python-reference"].text()
    assert len(text) > 400_000
    assert 'The "while" statement' in text


def test_stocks_have_one_row_a_month_without_gaps():
    rows = table("stocks")
    months = [date.fromisoformat(row["date"]) for row in rows]
    steps = {(b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(months)}
    assert steps == {1}
    assert (rows[0]["date"], rows[-1]["date"]) == ("2000-01-01", "2010-03-01")


def test_stocks_have_a_price_in_every_cell():
    rows = table("stocks")
    assert list(rows[0]) == ["date", "AAPL", "AMZN", "IBM", "MSFT"]
    assert all(float(row[symbol]) > 0 for row in rows for symbol in list(row)[1:])


def test_stock_prices_stay_with_their_month():
    assert table("stocks")[1] == {
        "date": "2000-02-01",
        "AAPL": "28.66",
        "AMZN": "68.87",
        "IBM": "92.11",
        "MSFT": "36.35",
    }


def test_seattle_weather_has_one_row_a_day_without_gaps():
    days = [date.fromisoformat(row["date"]) for row in table("seattle-weather")]
    assert {(b - a).days for a, b in pairwise(days)} == {1}
    assert (days[0], days[-1]) == (date(2012, 1, 1), date(2015, 12, 31))


def test_seattle_weather_is_numbers():
    rows = table("seattle-weather")
    assert list(rows[0]) == ["date", "precipitation", "temp_max", "temp_min", "wind"]
    assert all(-50 < float(row[column]) < 100 for row in rows for column in list(row)[1:])


def test_a_text_belongs_to_one_language():
    repeated = Counter(row["text"] for row in table("languages"))
    assert set(repeated.values()) == {1}


def test_every_language_has_hundreds_of_texts():
    counts = Counter(row["label"] for row in table("languages"))
    assert len(counts) == 29
    assert min(counts.values()) > 500


def test_texts_are_labelled_with_their_language():
    labels = {row["text"]: row["label"] for row in table("languages")}
    assert (labels["Deutschland"], labels["Япония"]) == ("German", "Russian")


def test_a_missing_package_is_named_with_its_remedy():
    program = (
        "from builder.cli.sample_data import SAMPLES, MissingExtraError\n"
        "for name in sorted(SAMPLES):\n"
        "    try: SAMPLES[name].text() and sys.stdout.write(f'{name}\\n')\n"
        "    except MissingExtraError as error: sys.stdout.write(f'{name}: {error}\\n')\n"
    )
    output = bare_python(program).stdout
    reason = (
        'from which this sample is made, got none. Install it with: pip install "wireformer[data]"'
    )
    assert output.splitlines() == [
        f"languages: expected the package babel, {reason}",
        "python-reference",
        f"seattle-weather: expected the package vega_datasets, {reason}",
        f"stocks: expected the package vega_datasets, {reason}",
    ]
