"""The write-ahead journal: what a crash leaves is found, even in torn or corrupted files."""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.storage import journal_file
from builder.storage.journal import discard, recoverable_documents
from builder.storage.journal_records import dump_payload, iter_payloads, parse_payload
from nodes.core.files.strict_json import FileError, quote
from tests.builder.sessions import (
    a_record,
    a_session,
    die_after,
    edit,
    journal_of,
    journals,
    leave,
    left,
)
from tests.nodes.save_workspace import in_child

pytestmark = pytest.mark.slow

RECORDS = [a_record(1), a_record(2), a_record(3)]
PAYLOADS = [dump_payload(record) for record in RECORDS]
DATA = journal_of(*RECORDS)


# Programs that die


def test_unsaved_edits_of_a_killed_program_are_recovered(tmp_path: Path):
    die_after(tmp_path, lambda session: [edit(session, name) for name in ("one", "two")])
    found = left(tmp_path)
    assert (found.model.name, found.name, found.path, found.edits) == ("two", "two", None, 2)
    assert time.time() - 3600 < found.saved_at.timestamp() <= time.time()


@pytest.mark.parametrize("max_size", [1000, journal_file.MAX_SIZE])
def test_a_program_killed_at_any_moment_loses_no_flushed_edit(
    max_size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(journal_file, "MAX_SIZE", max_size)
    for number in range(40):
        state = tmp_path / str(number)
        answers, answer = os.pipe()
        child = os.fork()
        if not child:
            edit_for_ever(state, answer)
        os.close(answer)
        with os.fdopen(answers, "rb", buffering=0) as lines:
            output = lines.read(10 * (1 + number % 5))
            time.sleep(number % 10 / 5000)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            output += lines.read()
        assert int(left(state).model.name) >= int(output.split()[-1])


def edit_for_ever(state: Path, answer: int) -> None:
    session, number = a_session(state), 0
    while True:
        number += 1
        edit(session, f"{number:09}")
        if session.journal.flush():
            os.write(answer, b"%09d\n" % number)


def test_the_journal_of_a_running_program_is_not_offered(tmp_path: Path):
    session = a_session(tmp_path)
    edit(session, "one")
    assert session.journal.flush()
    before = journals(tmp_path)
    assert in_child(lambda: len(recoverable_documents(tmp_path))) == 0
    assert recoverable_documents(tmp_path) == []
    assert journals(tmp_path) == before != []
    session.close()


def test_of_many_edits_at_once_the_last_is_written(tmp_path: Path):
    die_after(tmp_path, lambda session: [edit(session, str(number)) for number in range(2000)])
    found = left(tmp_path)
    assert (found.model.name, found.edits) == ("1999", 2000)


def test_a_journal_is_readable_by_its_owner_only(tmp_path: Path):
    die_after(tmp_path / "state", lambda session: edit(session, "one"))
    folder = tmp_path / "state" / "journals"
    modes = [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())]
    assert modes == [0o700, 0o600]


def test_a_large_journal_continues_in_another_file(tmp_path: Path):
    def work(session) -> None:
        document = session.store.committed
        for number in range(30):
            model = replace(document.model, name=str(number))
            graph = replace(model.graph, notes="\n".join(["x" * 50_000] * 8))
            session.store.commit("Write", replace(document, model=replace(model, graph=graph)))
            assert session.journal.flush()

    die_after(tmp_path, work)
    (name,) = journals(tmp_path)
    assert int(name[33:39]) > 1
    assert left(tmp_path).model.name == "29"


def test_a_journal_that_is_deleted_meanwhile_is_created_again(tmp_path: Path):
    def work(session) -> None:
        edit(session, "one")
        assert session.journal.flush()
        for path in (tmp_path / "journals").iterdir():
            path.unlink()
        edit(session, "two")

    die_after(tmp_path, work)
    assert left(tmp_path).model.name == "two"


# Files that are torn or corrupted


def test_a_record_is_parsed_as_it_was_written():
    strange = Path(os.fsdecode(b"/somewhere/\xff \n\xe2\x82\xac%41.json"))
    for record in (*RECORDS, a_record(4, path=strange), a_record(5, path=None, stamp=None)):
        assert parse_payload(dump_payload(record)) == record


def test_a_journal_torn_at_any_byte_gives_its_complete_records(tmp_path: Path):
    ends = [len(journal_of(*RECORDS[:count])) for count in range(4)]
    for cut in range(len(DATA) + 1):
        whole = sum(end <= cut for end in ends) - 1
        assert list(iter_payloads(DATA[:cut])) == PAYLOADS[:whole]
    for cut in (*range(1, len(DATA), 41), *(end - 1 for end in ends[1:]), *ends[1:]):
        leave(tmp_path, DATA[:cut])
        whole = sum(end <= cut for end in ends) - 1
        assert [recovered.model for recovered in recoverable_documents(tmp_path)] == [
            record.model for record in RECORDS[max(0, whole - 1) : whole]
        ]


def test_a_flipped_bit_is_detected(tmp_path: Path):
    for bit in range(8 * len(DATA)):
        data = bytearray(DATA)
        data[bit // 8] ^= 1 << bit % 8
        found = list(iter_payloads(bytes(data)))
        assert found == PAYLOADS[: len(found)]
        assert len(found) < 3
    models = [record.model for record in RECORDS]
    for at in range(0, len(DATA), 29):
        leave(tmp_path, DATA[:at] + bytes([DATA[at] ^ 1]) + DATA[at + 1 :])
        assert all(recovered.model in models for recovered in recoverable_documents(tmp_path))


def test_a_record_of_another_journal_is_invalid():
    first, second, third = (journal_of(record) for record in RECORDS)
    assert list(iter_payloads(first + third)) == PAYLOADS[:1]
    assert list(iter_payloads(DATA[len(first) :])) == []
    assert list(iter_payloads(first + first)) == PAYLOADS[:1]
    assert list(iter_payloads(second)) == PAYLOADS[1:2]


def test_an_unreadable_newest_record_is_skipped(tmp_path: Path):
    leave(tmp_path, journal_of(*RECORDS, b"{}", b"nonsense"))
    assert left(tmp_path).model == RECORDS[-1].model


def test_a_newest_file_without_records_is_skipped(tmp_path: Path):
    leave(tmp_path, DATA)
    leave(tmp_path, b"", count=1)
    leave(tmp_path, DATA[:99], count=2)
    found = left(tmp_path)
    assert found.model == RECORDS[-1].model
    discard(found)
    assert journals(tmp_path) == []


WRONG = {
    "journal": [0, 2, None, "1", True],
    "path": ["a.json", "", "%00", "/a%00b", 3, [], f"/{'a' * 20_000}"],
    "stamp": ["anything", "", "0" * 63, f"{'0' * 64}\\n", f"{'A' * 64}", 7, []],
    "edits": [0, -1, 1.0, True, None, "1", 2**52 * 2],
    "at": [0.0, -1.0, 5, 1e300, None, True],
    "model": [None, [], {}, {"wireformer": 2}, {"wireformer": 1, "name": "", "nodes": {}}],
}


@pytest.mark.parametrize("key", WRONG)
def test_an_invalid_field_is_refused(key: str):
    fields = json.loads(PAYLOADS[0])
    for wrong in WRONG[key]:
        with pytest.raises(FileError):
            parse_payload(json.dumps({**fields, key: wrong}).encode())


def test_missing_and_unknown_fields_are_refused():
    fields = json.loads(PAYLOADS[0])
    for key in ("journal", "edits", "at", "model"):
        with pytest.raises(FileError):
            parse_payload(json.dumps({k: v for k, v in fields.items() if k != key}).encode())
    with pytest.raises(FileError, match="unknown entry"):
        parse_payload(json.dumps({**fields, "more": 1}).encode())


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    payloads=st.lists(st.binary(min_size=1, max_size=80) | st.sampled_from(PAYLOADS), max_size=4),
    at=st.integers(0, 400),
    piece=st.binary(max_size=6),
    raw=st.binary(max_size=60),
)
def test_no_content_of_a_journal_raises(tmp_path, payloads, at, piece, raw):
    changed = [payload[:at] + piece + payload[at + len(piece) :] for payload in payloads]
    leave(tmp_path, journal_of(*(one for one in changed if one)) + raw)
    for found in recoverable_documents(tmp_path):
        assert found.edits > 0


def test_what_is_no_regular_file_is_skipped(tmp_path: Path):
    folder = tmp_path / "journals"
    folder.mkdir()
    names = [f"{number:032x}-000000.journal" for number in range(4)]
    (folder / names[0]).mkdir()
    os.mkfifo(folder / names[1])
    (folder / names[2]).symlink_to(names[2])
    with (folder / names[3]).open("wb") as file:
        file.truncate(2**33)
    leave(tmp_path, DATA, token="f" * 32)
    assert left(tmp_path).model == RECORDS[-1].model
    assert len(journals(tmp_path)) == 5


@pytest.mark.parametrize("name", ["none", "file"])
def test_without_a_folder_nothing_is_recoverable(name: str, tmp_path: Path):
    (tmp_path / "file").touch()
    assert recoverable_documents(tmp_path / name) == []


def test_a_journal_that_cannot_be_written_is_a_warning(tmp_path: Path):
    (tmp_path / "file").touch()
    session = a_session(tmp_path / "file")
    edit(session, "one")
    assert not session.journal.flush()
    folder = quote(str(tmp_path / "file" / "journals"))
    assert session.warnings == [
        "unsaved edits would be lost in a crash: the journal cannot be written to "
        f"{folder}: a part of the path is a file, not a folder; choose another folder; until then "
        "save often"
    ]
    session.close()


def test_an_empty_file_is_not_locked_as_it_may_just_have_been_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    leave(tmp_path, b"")
    locked = []
    monkeypatch.setattr("fcntl.flock", lambda *arguments: locked.append(arguments))
    assert recoverable_documents(tmp_path) == []
    assert locked == []
    leave(tmp_path, DATA)
    assert left(tmp_path).model == RECORDS[-1].model
    assert len(locked) == 1
