"""Texts and labels are read as they are meant, counted, or refused with their line."""

import random

import pytest

from tests.codegen.loaded_script import load_script, read
from tests.codegen.training_specs import CLASSIFIER, GPT

WORDS = ["nice", "good", "fine", "bad", "poor", "sad"]


@pytest.fixture(scope="module", name="load")
def load_labelled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("script")
    script = load_script(CLASSIFIER, "classifier", folder)
    return lambda content, **settings: read(script, folder / "t\u00e4xte.csv", content, **settings)


@pytest.fixture(scope="module", name="load_text")
def load_plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("script")
    script = load_script(GPT, "gpt", folder)
    return lambda content, **settings: read(script, folder / "text.txt", content, **settings)


def table(labels=("pos", "neg"), count=60, header="text,label", texts=None):
    draw = random.Random(1)
    texts = texts or [f"{' '.join(draw.choices(WORDS, k=3))} {i}" for i in range(count)]
    rows = [f"{text},{labels[i % len(labels)]}" for i, text in enumerate(texts)]
    return "\n".join([header, *rows]) + "\n"


def with_lines(*lines, start=20):
    """Put lines into a table, from a line on."""
    whole = table().splitlines()
    return "\n".join([*whole[: start - 1], *lines, *whole[start - 1 :]]) + "\n"


SAME = {
    "Windows": table().replace("\n", "\r\n"),
    "a byte order mark": "\ufeff" + table(),
    "empty lines": table().replace("\n", "\n\n"),
    "semicolons": table().replace(",", ";"),
    "tabs": table().replace(",", "\t"),
    "blanks after the names": table(header="text, label"),
    "columns without a name": table(header="text,label,,", labels=("pos,,", "neg,,")),
    "a column besides": table(header="text,label,id", labels=("pos,1", "neg,2")),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_same_texts_are_read_however_they_are_written(text, load):
    reading, expected = load(text), load(table())
    assert reading.refusal == ""
    assert reading.data.codec == expected.data.codec
    assert reading.printed == expected.printed
    assert reading.data.train.labels.tolist() == expected.data.train.labels.tolist()


def test_classes_and_texts_are_counted(load):
    assert load(table(("pos", "pos", "neg"), 60)).printed == (
        "texts: 54 for training, 6 for validation\n2 classes: 'pos' 40, 'neg' 20\n"
    )


@pytest.mark.parametrize(
    "labels",
    [
        ("pos", "neg", "pos "),
        ("pos", "neg", " pos"),
        ("pos", "neg", "POS"),
        ("pos", "neg", "Pos"),
        ("very good", "bad", "very  good"),
        ("caf\u00e9", "bar", "cafe\u0301"),
        ("\uff21", "b", "A"),
        ("stra\u00dfe", "weg", "STRASSE"),
        ("pos", "neg", "pos\u00a0"),
        ("pos", "neg", "pos\t"),
    ],
)
def test_labels_that_look_alike_are_named(labels, load):
    notes = load(table(labels)).notes
    group = ", ".join(repr(label) for label in sorted((labels[0], labels[2])))
    assert f"labels that differ only in case or blanks: {group}\n" in notes


def test_labels_that_differ_are_not_named(load):
    assert "differ only" not in load(table(("pos", "neg", "positive", "1", "1.0"))).notes


def test_a_table_of_one_class_is_refused(load):
    refusal = load(table(("only",))).refusal
    assert "at least two labels" in refusal
    assert "60 rows with ['only']" in refusal


def test_as_many_labels_as_texts_are_noted(load):
    notes = load(table([str(i / 7) for i in range(60)])).notes
    assert "almost as many labels as texts: 60 of 60\n" in notes
    assert "labels without a text for training: " in notes


def test_labels_of_validation_alone_are_named(load):
    rows = table(count=100).splitlines()
    notes = [load("\n".join([*rows[:i], f"rare{i},rare", *rows[i:]])).notes for i in range(1, 100)]
    named = ["labels without a text for training: 'rare'\n" in note for note in notes]
    assert {True, False} == {*named}


def test_texts_that_are_cut_are_counted(load):
    long = [f"{'x' * 12 if i < 25 else 'x'}{i:02}" for i in range(60)]
    assert "texts that --seq-len truncates: 25 of 60\n" in load(table(texts=long)).notes
    assert "truncates" not in load(table(texts=long), seq_len=14).notes


def test_texts_that_are_empty_are_counted(load):
    texts = [f"text {i}" if i % 3 else " " * (i % 2) for i in range(60)]
    assert "texts that are empty: 20 of 60\n" in load(table(texts=texts)).notes
    assert "empty" not in load(table()).notes


def test_texts_that_differ_only_behind_the_cut_are_shared(load):
    notes = load(table(texts=[f"{'x' * 30}{i:02}" for i in range(60)])).notes
    assert "texts with several labels: 60 of 60\n" in notes
    assert "validation texts that training has too: 6 of 6\n" in notes


def test_texts_of_validation_that_training_has_are_counted(load):
    notes = load(table(texts=[f"t{i % 30}" for i in range(60)])).notes
    rows = [(f"t{i % 30}", ("pos", "neg")[i % 2]) for i in range(60)]
    random.Random(0).shuffle(rows)
    training = {text for text, _ in rows[:54]}
    shared = sum(text in training for text, _ in rows[54:])
    assert f"validation texts that training has too: {shared} of 6\n" in notes
    assert "training has too" not in load(table()).notes


def test_a_text_may_be_longer_than_the_csv_module_allows(load):
    long = "x" * 200_000
    data = load(with_lines(f"{long},pos"), seq_len=300_000).data
    assert max(len(text) for text in data.train.texts + data.validation.texts) == 200_000
    assert "truncates: 1 of 61" in load(with_lines(f"{long},pos"), seq_len=64).notes


def test_an_evaluation_reads_a_part_of_many_texts(load):
    reading = load(table(count=3000), validation_fraction=0.5, batch_size=4)
    assert len(reading.data.validation.texts) == 400
    assert "1,500 for validation, of which 400 are read\n" in reading.printed


QUOTED = {
    "a text of several lines": '"one, two\nthree",pos',
    "a text with empty lines": '"one\n\n\nthree",pos',
    "a doubled quote": '"he said ""yes, pos"" twice",pos',
    "a quote inside": '5" screen,pos',
    "a label in quotes": 'one,"pos"',
    "a label within a text": '"it is neg\nor pos, I think\nso",pos',
}


@pytest.mark.parametrize("lines", QUOTED.values(), ids=QUOTED)
def test_quotes_as_csv_has_them_are_read(lines, load):
    reading = load(with_lines(lines))
    assert reading.refusal == ""
    assert "55 for training, 6 for validation" in reading.printed


STRAY = {
    "to the next quote": (['"lost,pos', "next,neg", 'last",pos'], "line 20 to 22"),
    "to the next line": (['"lost,pos', 'last",pos'], "line 20 to 21"),
    "to the end": (['"lost,pos'], "1 in line 20 (unexpected end of data)"),
    "to a quote within a text": (['"lost,pos', "next,neg", 'say "x" again,pos'], "1 in line 20 ("),
    "with a comma": (['"one" two, "three",pos'], "3 in line 20 ("),
}


@pytest.mark.parametrize(("lines", "place"), STRAY.values(), ids=STRAY)
def test_rows_that_a_stray_quote_swallows_are_found(lines, place, load):
    refusal = load(with_lines(*lines)).refusal
    assert place in refusal.replace("lines", "line")
    assert "quote" in refusal


@pytest.mark.parametrize("line", [r'"he \"said\" it",pos', '"one" two,pos', '"he said "hi"",pos'])
def test_a_line_with_a_stray_quote_is_a_row_of_its_own(line, load):
    reading = load(with_lines(line, "fine,neg", line))
    assert "not doubled or not closed in" in reading.notes
    assert ": line 20, line 22\n" in reading.notes
    assert "texts: 57 for training, 6 for validation\n" in reading.printed


MESSAGES = [f"{'ham' if i % 3 else 'spam'},message {i},,," for i in range(60)]


@pytest.mark.parametrize("end", [r'\""', "", '""'])
def test_messages_behind_a_quote_that_is_not_closed_are_all_read(end, load):
    rows = list(MESSAGES)
    rows[10] = f'ham,"Hi, wk been ok. Will that cause a prob for u?{end}'
    rows[13] = 'ham,"As \'Melle\' has been set, it still says ""boston"".",,,'
    reading = load("\n".join(["label,text,,,", *rows]))
    assert reading.refusal == ""
    assert "not doubled or not closed in" in reading.notes
    assert ": line 12\n" in reading.notes
    assert "texts: 54 for training, 6 for validation\n" in reading.printed
    assert "'ham' 40, 'spam' 20" in reading.printed


def test_messages_that_a_quoted_text_swallows_are_found(load):
    rows = list(MESSAGES)
    rows[10], rows[13] = 'ham,"Hi. Will that cause a prob for u?', 'ham,it still says boston.",,,'
    refusal = load("\n".join(["label,text,,,", *rows])).refusal
    assert "further rows in lines 12 to 15. Double" in refusal


def test_text_in_a_column_without_a_name_is_noted(load):
    notes = load(table(header="text,label,,", labels=("pos,,", "neg,rest of it,"))).notes
    assert "column 3 of " in notes
    assert "is not used: line 3, line 5," in notes


BROKEN = {
    "no header": (table().partition("\n")[2], "expected columns text and label in "),
    "other names": (table(header="Text,Sentiment"), "got ['Text', 'Sentiment']. Name both"),
    "one column": ("text\none\ntwo\n", "got ['text']. Name both"),
    "a name twice": (table(header="label,label"), "got 'label' more than once"),
    "a label that is empty": (with_lines("one,"), "got none in line 20. Fill"),
    "a label of blanks": (with_lines("one,  "), "got none in line 20. Fill"),
    "a row without a label": (with_lines("one"), "got 1 in line 20."),
    "a comma in a text": (with_lines("one, two,pos"), "got 3 in line 20."),
    "several such": (
        with_lines("a,b,pos", "c", "d,e,f,pos"),
        "got 3 in line 20, 1 in line 21, 4 in line 22.",
    ),
    "names alone": ("text,label\n", "got no rows"),
    "one row": ("text,label\none,pos\n", "1 rows with ['pos']"),
    "nothing": ("", "got none"),
    "Latin-1": (table(("gr\u00fcn", "rot")).encode("latin-1"), "the byte 0xfc in line 2"),
    "UTF-16": (table().encode("utf-16"), "the byte 0xff in line 1"),
    "zeros": (with_lines("a\0b,pos"), "a NUL character"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_labelled_texts_that_are_broken_are_refused_in_one_sentence(text, message, load):
    refusal = load(text).refusal
    assert refusal.startswith("data: expected ")
    assert message in refusal
    assert "t\u00e4xte.csv" in refusal
    assert "\n" not in refusal


PROSE = "".join(random.Random(2).choices("abc \n", k=2000))

UNREADABLE = {
    "nothing": (b"", "got none"),
    "blanks": (b" \n \r\n", "got none"),
    "binary": (bytes(range(1, 256)), "got the byte 0x80 in line 2"),
    "zeros": (bytes(9000), "got a NUL character"),
    "UTF-16": (PROSE.encode("utf-16"), "got the byte 0xff in line 1"),
    "UTF-16 without a mark": (PROSE.encode("utf-16-be"), "got a NUL character"),
    "UTF-32": (PROSE.encode("utf-32-le"), "got a NUL character"),
    "Latin-1": ((PROSE + "\u00e9").encode("latin-1"), "got the byte 0xe9 in line "),
    "a cut character": (PROSE.encode() + b"\xc3", "got the byte 0xc3 in line "),
    "compressed": (b"\x1f\x8b\x08", "got the byte 0x8b in line 1"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "got the byte 0x89 in line 1"),
    "too short": (b"abc", "expected more than 18 characters for training"),
}


@pytest.mark.parametrize(("content", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_text_is_refused_in_one_sentence(content, message, load_text):
    refusal = load_text(content).refusal
    assert refusal.startswith("data: expected ")
    assert message in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_every_end_of_line_is_a_newline(end, load_text):
    expected, found = load_text(PROSE).data, load_text(PROSE.replace("\n", end)).data
    assert found.codec == expected.codec
    assert found.train.tolist() == expected.train.tolist()


def test_characters_that_training_lacks_are_counted(load_text):
    assert "training lacks: 20 of 200\n" in load_text("ab" * 900 + "ab" * 90 + "\u00e9" * 20).notes
    assert load_text(PROSE).notes == ""


def test_an_evaluation_reads_a_part_of_a_long_text(load_text):
    reading = load_text(PROSE * 50, seq_len=16, batch_size=2)
    assert len(reading.data.validation) == 100 * 2 * 16 + 1
    assert "10,000 for validation, of which 3,201 are read\n" in reading.printed
