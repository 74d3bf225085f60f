"""A save keeps what it must, overwrites nothing unexpected, and leaves nothing behind."""

import os
import re
import stat
import tempfile
import time
from pathlib import Path

import pytest

from nodes.core.files import atomic_save as protocol
from nodes.core.files.atomic_save import ANYTHING, Changed, FileStamp, NotSaved, read, save
from nodes.core.files.strict_json import FileError, read_json
from tests.nodes.desk import NEW, OLD, Desk, calls_of, in_child, killed

NOBODY = 65534


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def full(desk: Desk) -> Desk:
    desk.save(OLD, None)
    return desk


# What a save does


def test_what_is_saved_is_read_back_with_the_same_stamp(desk: Desk):
    stamp = desk.save(NEW, None)
    assert read(desk.path) == (NEW, stamp)
    assert stamp == FileStamp.of(NEW)
    assert desk.names() == {"a.json"}


def test_saving_twice_gives_the_same_bytes(desk: Desk):
    first = desk.save(NEW, None)
    assert desk.save(NEW, first) == first
    assert desk.path.read_bytes() == NEW


def test_nothing_and_much_can_be_saved(desk: Desk):
    stamp = desk.save(b"", None)
    assert desk.path.read_bytes() == b""
    data = os.urandom(3_000_000)
    desk.save(data, stamp)
    assert desk.path.read_bytes() == data


def test_the_old_mode_stays_and_a_new_file_gets_the_umask(desk: Desk):
    before = os.umask(0o027)
    try:
        stamp = desk.save(OLD, None)
    finally:
        os.umask(before)
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o640
    for mode in (0o600, 0o664, 0o755):
        desk.path.chmod(mode)
        stamp = desk.save(NEW, stamp)
        assert stat.S_IMODE(desk.path.stat().st_mode) == mode


def test_a_symbolic_link_stays_and_its_file_is_replaced(full: Desk, tmp_path: Path):
    link, hanging = tmp_path / "link.json", tmp_path / "hanging.json"
    link.symlink_to("desk/a.json")
    hanging.symlink_to("desk/b.json")
    save(link, NEW, FileStamp.of(OLD), state_dir=full.state)
    save(hanging, NEW, None, state_dir=full.state)
    assert link.is_symlink()
    assert hanging.is_symlink()
    assert full.path.read_bytes() == (full.folder / "b.json").read_bytes() == NEW


def test_a_name_may_be_as_long_as_the_disk_allows(desk: Desk):
    desk.path = desk.folder / ("a" * 255)
    desk.save(NEW, desk.save(OLD, None))
    assert desk.path.read_bytes() == NEW


def test_the_content_is_on_the_disk_before_the_name_and_the_name_before_success(full: Desk):
    made = calls_of(lambda: full.save(NEW, FileStamp.of(OLD)))
    names = [name for name, _ in made]
    order = ["write", "fchmod", "fsync", "close", "replace", "open", "fsync", "close", "close"]
    assert names[names.index("write") :] == order
    synced = [args[0] for name, args in made if name == "fsync"]
    assert synced[0] == next(args[0] for name, args in made if name == "write")


def test_the_file_itself_is_never_opened_for_writing(full: Desk):
    opened = [args for name, args in calls_of(lambda: full.save(NEW, ANYTHING)) if name == "open"]
    writing = [args for args in opened if args[1] & (os.O_WRONLY | os.O_RDWR)]
    lock, temporary = writing
    assert Path(lock[0]).parent == full.state
    assert Path(temporary[0]).parent == full.folder
    assert Path(temporary[0]) != full.path
    assert temporary[1] & os.O_EXCL
    assert temporary[1] & os.O_NOFOLLOW
    assert temporary[1] & os.O_CLOEXEC
    assert temporary[2] == 0o600


# Another's work


@pytest.mark.parametrize("expected", [None, FileStamp.of(NEW)])
def test_a_file_that_is_not_the_expected_one_is_not_overwritten(full: Desk, expected):
    with pytest.raises(Changed) as caught:
        full.save(NEW, expected)
    assert caught.value.found == FileStamp.of(OLD)
    assert full.path.read_bytes() == OLD


def test_a_file_that_is_gone_is_not_made_anew_unasked(desk: Desk):
    with pytest.raises(Changed, match="is no longer there") as caught:
        desk.save(NEW, FileStamp.of(OLD))
    assert caught.value.found is None
    assert desk.names() == set()


def test_a_change_of_the_same_size_and_time_is_noticed(full: Desk):
    before = full.path.stat()
    full.path.write_bytes(OLD.replace(b"old", b"odd"))
    os.utime(full.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(Changed, match="has changed on the disk; compare the two"):
        full.save(NEW, FileStamp.of(OLD))


def test_a_person_may_overwrite_what_was_found_or_anything(full: Desk):
    with pytest.raises(Changed, match="exists already") as caught:
        full.save(NEW, None)
    stamp = full.save(NEW, caught.value.found)
    full.path.write_bytes(b"again another")
    assert full.save(NEW, ANYTHING) == stamp


def test_two_savers_lose_nothing(desk: Desk):
    stamp = desk.save(b"0", None)
    rounds = 25

    def count() -> int:
        done = 0
        while done < rounds:
            data, stamp = read(desk.path)
            try:
                desk.save(b"%d" % (int(data) + 1), stamp)
                done += 1
            except Changed:
                pass
        return 0

    child = os.fork()
    if not child:
        os._exit(count())
    count()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert desk.path.read_bytes() == b"%d" % (2 * rounds)
    assert stamp == FileStamp.of(b"0")


def test_warnings_tell_what_cannot_be_kept(full: Desk):
    warnings = []
    os.link(full.path, full.folder / "b.json")
    full.save(NEW, ANYTHING, warn=warnings.append)
    assert warnings == ["the file has other names (hard links), which keep the old content"]
    assert (full.folder / "b.json").read_bytes() == OLD
    warnings.clear()
    full.save(OLD, ANYTHING, warn=warnings.append)
    assert warnings == []


def test_a_warning_tells_that_the_owner_changes(full: Desk, monkeypatch: pytest.MonkeyPatch):
    warnings, me = [], os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    full.save(NEW, ANYTHING, warn=warnings.append)
    assert warnings == ["the file belongs to someone else; once saved, it belongs to you"]


def test_content_that_does_not_read_back_is_not_written(full: Desk):
    with pytest.raises(NotSaved, match="would not read back as it is: line 1, column 1: expected"):
        full.save(b"nonsense!", ANYTHING, verify=read_json)
    assert full.path.read_bytes() == OLD
    seen = []
    full.save(b"{}", ANYTHING, verify=seen.append)
    assert seen == [b"{}"]


# What cannot be saved


@pytest.mark.parametrize(("of_folder", "of_file"), [(0o555, 0o666), (0o777, 0o444)])
def test_what_may_only_be_read_is_not_replaced(of_folder: int, of_file: int):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        desk = Desk(Path(folder))
        desk.path.write_bytes(OLD)
        desk.path.chmod(of_file)
        desk.folder.chmod(of_folder)

        def work() -> int:
            if not os.getuid():
                os.setuid(NOBODY)
            with pytest.raises(NotSaved):
                desk.save(NEW, FileStamp.of(OLD))
            return 7

        assert in_child(work) == 7
        assert desk.path.read_bytes() == OLD
        desk.folder.chmod(0o755)


@pytest.mark.parametrize("name", ["", "pipe", "none/a.json", "a\0b", "loop", "a" * 256])
def test_what_cannot_be_a_file_is_not_saved(desk: Desk, name: str):
    os.mkfifo(desk.folder / "pipe")
    (desk.folder / "loop").symlink_to("loop")
    desk.path = f"{desk.folder}/{name}"
    with pytest.raises(NotSaved, match="is not saved, and is on the disk as it was"):
        desk.save(NEW, ANYTHING)
    assert desk.names() == {"pipe", "loop"}
    assert stat.S_ISFIFO((desk.folder / "pipe").stat().st_mode)


def test_without_a_place_for_locks_nothing_is_saved(full: Desk, tmp_path: Path):
    full.state = tmp_path / "file"
    full.state.touch()
    with pytest.raises(NotSaved, match="cannot be made; the program needs to write there"):
        full.save(NEW, ANYTHING)
    assert full.path.read_bytes() == OLD


def test_a_file_that_cannot_be_read_has_no_stamp(desk: Desk):
    with pytest.raises(FileError, match="check its name and permissions"):
        read(desk.path)


# What is left behind


def test_a_planted_link_in_place_of_the_temporary_file_is_not_followed(
    full: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    monkeypatch.setattr(protocol.secrets, "token_hex", lambda size: "0" * 2 * size)
    planted = full.folder / f".wireformer-{os.getpid()}-{'0' * 16}"
    planted.symlink_to(victim)
    with pytest.raises(NotSaved):
        full.save(NEW, ANYTHING)
    assert victim.read_bytes() == b"precious"
    assert planted.is_symlink()
    assert full.path.read_bytes() == OLD


def test_only_old_temporary_files_of_dead_programs_are_removed(full: Desk):
    dead = os.fork()
    if not dead:
        os._exit(0)
    os.waitpid(dead, 0)
    key = "0123456789abcdef"
    old = {
        f".wireformer-{dead}-{key}",
        f".wireformer-{os.getpid()}-{key}",
        *(f".wireformer-{it}-{key}" for it in ("", "0", "x", f"{dead}-1", "9" * 20)),
        *(
            f"{before}.wireformer-{dead}-{key}{after}"
            for before, after in (("a", ""), ("", "a"), ("", "\n"))
        ),
        f".wireformer-{dead}-{key[1:]}",
        f".wireformer-{dead}-{key.upper()}",
        "a.json~",
    }
    young, folder, link = (f".wireformer-{dead}-{digit * 16}" for digit in "abc")
    for name in {*old, young}:
        (full.folder / name).write_bytes(b"part")
    (full.folder / folder).mkdir()
    (full.folder / link).symlink_to("a.json~")
    for name in {*old, folder}:
        os.utime(full.folder / name, (time.time() - 4000,) * 2)
    os.utime(full.folder / link, (time.time() - 4000,) * 2, follow_symlinks=False)
    before = full.names()
    full.save(NEW, ANYTHING)
    assert before - full.names() == {f".wireformer-{dead}-{key}"}
    assert full.names() <= before


def test_what_a_killed_save_leaves_is_what_a_later_one_removes(full: Desk):
    made = [name for name, _ in calls_of(lambda: full.save(OLD, ANYTHING))]
    in_child(lambda: killed(full, made.index("replace")))
    (left,) = full.names() - {"a.json"}
    assert re.fullmatch(r"\.wireformer-\d+-[0-9a-f]{16}", left)
    full.save(OLD, ANYTHING)
    assert full.names() == {"a.json", left}
    os.utime(full.folder / left, (time.time() - 4000,) * 2)
    full.save(NEW, ANYTHING)
    assert full.names() == {"a.json"}
