"""One wrong character in a table changes the row that it is in, or is refused: no row is lost."""

import math
import random
from contextlib import redirect_stderr
from io import StringIO

import pytest

from tests.codegen.loaded_script import load_script
from tests.codegen.training_specs import CLASSIFIER, FORECASTER

MUTATIONS = 400
CHARACTERS = '",;\n\t 1a-%|.\'\r\0\u00e99eE+x/:"""'
NUMBERS = [(round(math.sin(i), 3), round(10 + math.cos(i), 3)) for i in range(1, 31)]
SERIES = [f"2020-01-{i:02},{a},{b}" for i, (a, b) in enumerate(NUMBERS, 1)]
TEXTS = [
    (f"well, text {i}" if i % 4 else f"plain {i}", "pos" if i % 3 else "neg") for i in range(40)
]
LABELLED = [(f'"{text}"' if "," in text else text, label) for text, label in TEXTS]


def mutate(lines, draw):
    """Insert or remove a character, repeat, remove or cut a line, but not the first."""
    text, place = "\n".join(lines), draw.randrange(len(lines))
    kind = draw.choice(["insert", "insert", "remove", "repeat", "drop", "cut"])
    if kind in ("insert", "remove"):
        at = draw.randrange(len(text))
        added = draw.choice(CHARACTERS) if kind == "insert" else ""
        return text[:at] + added + text[at + (not added) :]
    line = lines[place]
    replaced = {"repeat": [line, line], "drop": [], "cut": [line[: draw.randrange(len(line))]]}
    return "\n".join([*lines[:place], *replaced[kind], *lines[place + 1 :]])


def rows_of(read, path, text):
    """The rows that a script reads, or None if it refuses the file in one sentence."""
    path.write_text(text, encoding="utf-8", newline="")
    try:
        with redirect_stderr(StringIO()):
            return read(str(path))
    except SystemExit as refusal:
        assert str(refusal).startswith("data: expected ")
        assert "\n" not in str(refusal)
        return None


def test_a_mutated_series_loses_at_most_one_row(tmp_path):
    script, path = load_script(FORECASTER, "forecaster", tmp_path), tmp_path / "table.csv"
    draw, outcomes = random.Random(0), []

    def read(path):
        return script.read_series(path, ["a", "b"])[1].tolist()

    for _ in range(MUTATIONS):
        text = "date,a,b\n" + mutate(SERIES, draw) + "\n"
        rows = rows_of(read, path, text)
        if rows is not None:
            lost = [row for row in NUMBERS if list(row) not in rows]
            assert len(lost) <= 1, text
        outcomes.append(rows is None)
    assert {*outcomes} == {True, False}


@pytest.mark.parametrize("header", ["text,label", "label,text"])
def test_a_mutated_table_of_texts_loses_at_most_one_row(header, tmp_path):
    script, path = load_script(CLASSIFIER, "classifier", tmp_path), tmp_path / "table.csv"
    draw, outcomes = random.Random(0), []
    order = 1 if header == "text,label" else -1
    lines = [",".join(row[::order]) for row in LABELLED]
    for _ in range(MUTATIONS):
        text = f"{header}\n" + mutate(lines, draw) + "\n"
        rows = rows_of(script.read_rows, path, text)
        if rows is not None:
            lost = [row for row in TEXTS if row not in rows]
            assert len(lost) <= 1, text
        outcomes.append(rows is None)
    assert {*outcomes} == {True, False}
