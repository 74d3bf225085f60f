"""What a crash leaves is found again, whatever else is wrong with it."""

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
from builder.storage.journal import discard, recoverable
from builder.storage.journal_records import frames, pack, unpack
from nodes.core.files.strict_json import FileError
from tests.builder.sessions import (
    a_session,
    an_entry,
    die_after,
    edit,
    journal_of,
    journals,
    leave,
    left,
)
from tests.nodes.desk import in_child

ENTRIES = [an_entry(1), an_entry(2), an_entry(3)]
HELD = [pack(entry) for entry in ENTRIES]
DATA = journal_of(*ENTRIES)


# Programs that die


def test_what_a_killed_program_had_not_saved_is_recovered(tmp_path: Path):
    die_after(tmp_path, lambda session: [edit(session, name) for name in ("one", "two")])
    found = left(tmp_path)
    assert (found.model.name, found.name, found.path, found.edits) == ("two", "two", None, 2)
    assert time.time() - 3600 < found.saved_at.timestamp() <= time.time()


@pytest.mark.parametrize("largest", [1000, journal_file.LARGEST])
def test_killed_at_any_moment_a_program_loses_no_edit_that_is_on_the_disk(
    largest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(journal_file, "LARGEST", largest)
    for number in range(40):
        state = tmp_path / str(number)
        answers, answer = os.pipe()
        child = os.fork()
        if not child:
            edit_for_ever(state, answer)
        os.close(answer)
        with os.fdopen(answers, "rb", buffering=0) as lines:
            told = lines.read(10 * (1 + number % 5))
            time.sleep(number % 10 / 5000)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            told += lines.read()
        assert int(left(state).model.name) >= int(told.split()[-1])


def edit_for_ever(state: Path, answer: int) -> None:
    session, number = a_session(state), 0
    while True:
        number += 1
        edit(session, f"{number:09}")
        if session.journal.flush():
            os.write(answer, b"%09d\n" % number)


def test_a_living_program_keeps_its_journal_to_itself(tmp_path: Path):
    session = a_session(tmp_path)
    edit(session, "one")
    assert session.journal.flush()
    before = journals(tmp_path)
    assert in_child(lambda: len(recoverable(tmp_path))) == 0
    assert recoverable(tmp_path) == []
    assert journals(tmp_path) == before != []
    session.close()


def test_of_many_edits_at_once_the_last_one_is_kept(tmp_path: Path):
    die_after(tmp_path, lambda session: [edit(session, str(number)) for number in range(2000)])
    found = left(tmp_path)
    assert (found.model.name, found.edits) == ("1999", 2000)


def test_a_journal_is_nobody_elses_to_read(tmp_path: Path):
    die_after(tmp_path / "state", lambda session: edit(session, "one"))
    folder = tmp_path / "state" / "journals"
    modes = [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())]
    assert modes == [0o700, 0o600]


def test_a_journal_that_grows_large_goes_on_in_another_file(tmp_path: Path):
    def work(session) -> None:
        document = session.store.settled
        for number in range(30):
            model = replace(document.model, name=str(number))
            graph = replace(model.graph, notes="\n".join(["x" * 50_000] * 8))
            session.store.commit("Write", replace(document, model=replace(model, graph=graph)))
            assert session.journal.flush()

    die_after(tmp_path, work)
    (name,) = journals(tmp_path)
    assert int(name[33:39]) > 1
    assert left(tmp_path).model.name == "29"


def test_a_journal_that_is_deleted_meanwhile_is_begun_again(tmp_path: Path):
    def work(session) -> None:
        edit(session, "one")
        assert session.journal.flush()
        for path in (tmp_path / "journals").iterdir():
            path.unlink()
        edit(session, "two")

    die_after(tmp_path, work)
    assert left(tmp_path).model.name == "two"


# Files that are torn or spoiled


def test_an_entry_is_read_back_as_it_was():
    strange = Path(os.fsdecode(b"/somewhere/\xff \n\xe2\x82\xac%41.json"))
    for entry in (*ENTRIES, an_entry(4, path=strange), an_entry(5, path=None, stamp=None)):
        assert unpack(pack(entry)) == entry


def test_cut_at_any_byte_a_journal_gives_what_was_whole_before(tmp_path: Path):
    ends = [len(journal_of(*ENTRIES[:count])) for count in range(4)]
    for cut in range(len(DATA) + 1):
        whole = sum(end <= cut for end in ends) - 1
        assert list(frames(DATA[:cut])) == HELD[:whole]
    for cut in (*range(1, len(DATA), 41), *(end - 1 for end in ends[1:]), *ends[1:]):
        leave(tmp_path, DATA[:cut])
        whole = sum(end <= cut for end in ends) - 1
        assert [one.model for one in recoverable(tmp_path)] == [
            entry.model for entry in ENTRIES[max(0, whole - 1) : whole]
        ]


def test_no_flipped_bit_gives_another_model(tmp_path: Path):
    for bit in range(8 * len(DATA)):
        data = bytearray(DATA)
        data[bit // 8] ^= 1 << bit % 8
        found = list(frames(bytes(data)))
        assert found == HELD[: len(found)]
        assert len(found) < 3
    models = [entry.model for entry in ENTRIES]
    for at in range(0, len(DATA), 29):
        leave(tmp_path, DATA[:at] + bytes([DATA[at] ^ 1]) + DATA[at + 1 :])
        assert all(one.model in models for one in recoverable(tmp_path))


def test_a_record_from_elsewhere_does_not_count():
    first, second, third = (journal_of(entry) for entry in ENTRIES)
    assert list(frames(first + third)) == HELD[:1]
    assert list(frames(DATA[len(first) :])) == []
    assert list(frames(first + first)) == HELD[:1]
    assert list(frames(second)) == HELD[1:2]


def test_where_the_newest_entry_cannot_be_read_the_one_before_is_taken(tmp_path: Path):
    leave(tmp_path, journal_of(*ENTRIES, b"{}", b"nonsense"))
    assert left(tmp_path).model == ENTRIES[-1].model


def test_where_the_newest_file_holds_nothing_the_one_before_is_taken(tmp_path: Path):
    leave(tmp_path, DATA)
    leave(tmp_path, b"", count=1)
    leave(tmp_path, DATA[:99], count=2)
    found = left(tmp_path)
    assert found.model == ENTRIES[-1].model
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
def test_an_entry_that_is_not_as_it_should_be_is_refused(key: str):
    told = json.loads(HELD[0])
    for wrong in WRONG[key]:
        with pytest.raises(FileError):
            unpack(json.dumps({**told, key: wrong}).encode())


def test_an_entry_has_all_its_parts_and_no_more():
    told = json.loads(HELD[0])
    for key in ("journal", "edits", "at", "model"):
        with pytest.raises(FileError):
            unpack(json.dumps({k: v for k, v in told.items() if k != key}).encode())
    with pytest.raises(FileError, match="unknown entry"):
        unpack(json.dumps({**told, "more": 1}).encode())


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    held=st.lists(st.binary(min_size=1, max_size=80) | st.sampled_from(HELD), max_size=4),
    at=st.integers(0, 400),
    piece=st.binary(max_size=6),
    raw=st.binary(max_size=60),
)
def test_no_journal_whatever_it_holds_raises_anything(tmp_path, held, at, piece, raw):
    changed = [one[:at] + piece + one[at + len(piece) :] for one in held]
    leave(tmp_path, journal_of(*(one for one in changed if one)) + raw)
    for found in recoverable(tmp_path):
        assert found.edits > 0


def test_what_is_no_file_is_passed_over(tmp_path: Path):
    folder = tmp_path / "journals"
    folder.mkdir()
    names = [f"{number:032x}-000000.journal" for number in range(4)]
    (folder / names[0]).mkdir()
    os.mkfifo(folder / names[1])
    (folder / names[2]).symlink_to(names[2])
    with (folder / names[3]).open("wb") as file:
        file.truncate(2**33)
    leave(tmp_path, DATA, token="f" * 32)
    assert left(tmp_path).model == ENTRIES[-1].model
    assert len(journals(tmp_path)) == 5


@pytest.mark.parametrize("place", ["none", "file"])
def test_where_there_is_no_folder_nothing_was_left(place: str, tmp_path: Path):
    (tmp_path / "file").touch()
    assert recoverable(tmp_path / place) == []


def test_where_no_journal_can_be_written_the_person_is_told_in_a_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    session = a_session(tmp_path / "file")
    edit(session, "one")
    assert not session.journal.flush()
    (told,) = session.warnings
    assert told.startswith("unsaved edits would be lost in a crash: ")
    assert told.endswith("does not take them: not a directory; save often")
    session.close()


def test_a_file_that_was_only_just_made_is_left_to_whoever_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    leave(tmp_path, b"")
    locked = []
    monkeypatch.setattr("fcntl.flock", lambda *arguments: locked.append(arguments))
    assert recoverable(tmp_path) == []
    assert locked == []
    leave(tmp_path, DATA)
    assert left(tmp_path).model == ENTRIES[-1].model
    assert len(locked) == 1
