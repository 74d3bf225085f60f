"""A save keeps what it must, overwrites nothing unexpected, and leaves nothing behind."""

import os
import re
import stat
import tempfile
from pathlib import Path

import pytest

from nodes.core.files import temporary_files
from nodes.core.files.atomic_save import ANYTHING, Changed, FileStamp, NotSaved, read, save
from nodes.core.files.file_lock import try_lock
from nodes.core.files.strict_json import FileError, read_json
from tests.nodes.save_workspace import NEW, OLD, Workspace, calls_of, in_child, killed

NOBODY = 65534


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def saved(workspace: Workspace) -> Workspace:
    workspace.save(OLD, None)
    return workspace


# What a save does


def test_what_is_saved_is_read_back_with_the_same_stamp(workspace: Workspace):
    stamp = workspace.save(NEW, None)
    assert read(workspace.path) == (NEW, stamp)
    assert stamp == FileStamp.of(NEW)
    assert workspace.names() == {"a.json"}


def test_saving_twice_gives_the_same_bytes(workspace: Workspace):
    first = workspace.save(NEW, None)
    assert workspace.save(NEW, first) == first
    assert workspace.path.read_bytes() == NEW


def test_empty_and_large_contents_can_be_saved(workspace: Workspace):
    stamp = workspace.save(b"", None)
    assert workspace.path.read_bytes() == b""
    data = os.urandom(3_000_000)
    workspace.save(data, stamp)
    assert workspace.path.read_bytes() == data


def test_the_mode_is_kept_and_a_new_file_gets_the_umask(workspace: Workspace):
    before = os.umask(0o027)
    try:
        stamp = workspace.save(OLD, None)
    finally:
        os.umask(before)
    assert stat.S_IMODE(workspace.path.stat().st_mode) == 0o640
    for mode in (0o600, 0o664, 0o755):
        workspace.path.chmod(mode)
        stamp = workspace.save(NEW, stamp)
        assert stat.S_IMODE(workspace.path.stat().st_mode) == mode


def test_a_symbolic_link_is_kept_and_its_target_is_replaced(saved: Workspace, tmp_path: Path):
    link, hanging = tmp_path / "link.json", tmp_path / "hanging.json"
    link.symlink_to("files/a.json")
    hanging.symlink_to("files/b.json")
    save(link, NEW, FileStamp.of(OLD), state_dir=saved.state)
    save(hanging, NEW, None, state_dir=saved.state)
    assert link.is_symlink()
    assert hanging.is_symlink()
    assert saved.path.read_bytes() == (saved.folder / "b.json").read_bytes() == NEW


def test_a_name_may_be_as_long_as_the_disk_allows(workspace: Workspace):
    workspace.path = workspace.folder / ("a" * 255)
    workspace.save(NEW, workspace.save(OLD, None))
    assert workspace.path.read_bytes() == NEW


def test_the_content_is_on_the_disk_before_the_name_and_the_name_before_success(saved: Workspace):
    made = calls_of(lambda: saved.save(NEW, FileStamp.of(OLD)))
    names = [name for name, _ in made]
    writing = ["write", "fstat", "listxattr", "fchmod", "fsync", "close", "replace"]
    confirming = ["open", "fsync", "close"]
    assert names[names.index("write") :] == [*writing, *confirming, "unlink", "close"]
    synced = [args[0] for name, args in made if name == "fsync"]
    assert synced[0] == next(args[0] for name, args in made if name == "write")


def test_the_file_itself_is_never_opened_for_writing(saved: Workspace):
    opened = [args for name, args in calls_of(lambda: saved.save(NEW, ANYTHING)) if name == "open"]
    writing = [args for args in opened if args[1] & (os.O_WRONLY | os.O_RDWR)]
    lock, temporary = writing
    assert Path(lock[0]).parent == saved.state
    assert Path(temporary[0]).parent == saved.folder
    assert Path(temporary[0]) != saved.path
    assert temporary[1] & os.O_EXCL
    assert temporary[1] & os.O_NOFOLLOW
    assert temporary[1] & os.O_CLOEXEC
    assert temporary[2] == 0o600


# Another's work


@pytest.mark.parametrize("expected", [None, FileStamp.of(NEW)])
def test_a_file_that_is_not_the_expected_one_is_not_overwritten(saved: Workspace, expected):
    with pytest.raises(Changed) as caught:
        saved.save(NEW, expected)
    assert caught.value.found == FileStamp.of(OLD)
    assert saved.path.read_bytes() == OLD


def test_a_deleted_file_is_not_created_again_on_its_own(workspace: Workspace):
    with pytest.raises(Changed, match="is no longer there") as caught:
        workspace.save(NEW, FileStamp.of(OLD))
    assert caught.value.found is None
    assert workspace.names() == set()


def test_a_change_of_the_same_size_and_time_is_noticed(saved: Workspace):
    before = saved.path.stat()
    saved.path.write_bytes(OLD.replace(b"old", b"odd"))
    os.utime(saved.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(Changed, match="has changed on the disk; compare the two"):
        saved.save(NEW, FileStamp.of(OLD))


def test_a_save_may_expect_the_present_stamp_or_any(saved: Workspace):
    with pytest.raises(Changed, match="exists already") as caught:
        saved.save(NEW, None)
    stamp = saved.save(NEW, caught.value.found)
    saved.path.write_bytes(b"again another")
    assert saved.save(NEW, ANYTHING) == stamp


def test_concurrent_saves_lose_nothing(workspace: Workspace):
    stamp = workspace.save(b"0", None)
    rounds = 25

    def count() -> int:
        done = 0
        while done < rounds:
            data, stamp = read(workspace.path)
            try:
                workspace.save(b"%d" % (int(data) + 1), stamp)
                done += 1
            except Changed:
                pass
        return 0

    child = os.fork()
    if not child:
        os._exit(count())
    count()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert workspace.path.read_bytes() == b"%d" % (2 * rounds)
    assert stamp == FileStamp.of(b"0")


def test_a_lost_hard_link_is_a_warning(saved: Workspace):
    warnings = []
    os.link(saved.path, saved.folder / "b.json")
    saved.save(NEW, ANYTHING, warn=warnings.append)
    assert warnings == ["the file has other names (hard links), which keep the old content"]
    assert (saved.folder / "b.json").read_bytes() == OLD
    warnings.clear()
    saved.save(OLD, ANYTHING, warn=warnings.append)
    assert warnings == []


def test_content_that_does_not_read_back_is_not_written(saved: Workspace):
    with pytest.raises(NotSaved, match="would not read back as it is: line 1, column 1: expected"):
        saved.save(b"nonsense!", ANYTHING, verify=read_json)
    assert saved.path.read_bytes() == OLD
    seen = []
    saved.save(b"{}", ANYTHING, verify=seen.append)
    assert seen == [b"{}"]


# What cannot be saved


@pytest.mark.parametrize(("of_folder", "of_file"), [(0o555, 0o666), (0o777, 0o444)])
def test_what_may_only_be_read_is_not_replaced(of_folder: int, of_file: int):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        workspace = Workspace(Path(folder))
        workspace.path.write_bytes(OLD)
        workspace.path.chmod(of_file)
        workspace.folder.chmod(of_folder)

        def work() -> int:
            if not os.getuid():
                os.setuid(NOBODY)
            with pytest.raises(NotSaved):
                workspace.save(NEW, FileStamp.of(OLD))
            return 7

        assert in_child(work) == 7
        assert workspace.path.read_bytes() == OLD
        workspace.folder.chmod(0o755)


@pytest.mark.parametrize("name", ["", "pipe", "none/a.json", "a\0b", "loop", "a" * 256])
def test_what_cannot_be_a_file_is_not_saved(workspace: Workspace, name: str):
    os.mkfifo(workspace.folder / "pipe")
    (workspace.folder / "loop").symlink_to("loop")
    workspace.path = f"{workspace.folder}/{name}"
    with pytest.raises(NotSaved, match="is not saved, and is on the disk as it was"):
        workspace.save(NEW, ANYTHING)
    assert workspace.names() == {"pipe", "loop"}
    assert stat.S_ISFIFO((workspace.folder / "pipe").stat().st_mode)


def test_without_a_state_folder_the_lock_lies_with_the_temporary_files(
    saved: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    saved.state = tmp_path / "file"
    saved.state.touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened = [
        args[0] for name, args in calls_of(lambda: saved.save(NEW, ANYTHING)) if name == "open"
    ]
    folder = tmp_path / f"wireformer-{os.getuid()}"
    assert [Path(path).suffix for path in opened if Path(path).parent == folder] == [".lock"]
    assert saved.path.read_bytes() == NEW


def test_lock_files_are_removed(saved: Workspace):
    saved.save(NEW, ANYTHING)
    assert [*saved.state.iterdir()] == []


def test_without_a_place_for_locks_nothing_is_saved(
    saved: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    saved.state = tmp_path / "file"
    saved.state.touch()
    planted = tmp_path / f"wireformer-{os.getuid()}"
    planted.symlink_to(saved.folder)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(NotSaved, match=r"cannot be made: .*; the program needs to write there"):
        saved.save(NEW, ANYTHING)
    assert saved.path.read_bytes() == OLD
    assert saved.names() == {"a.json"}


def test_a_file_that_cannot_be_read_has_no_stamp(workspace: Workspace):
    with pytest.raises(FileError, match="check its name and permissions"):
        read(workspace.path)


# What is left behind


def test_a_planted_link_in_place_of_the_temporary_file_is_not_followed(
    saved: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    monkeypatch.setattr(temporary_files.secrets, "token_hex", lambda size: "0" * 2 * size)
    planted = saved.folder / f".wireformer-{os.getpid()}-{'0' * 16}"
    planted.symlink_to(victim)
    with pytest.raises(NotSaved):
        saved.save(NEW, ANYTHING)
    assert victim.read_bytes() == b"precious"
    assert planted.is_symlink()
    assert saved.path.read_bytes() == OLD


@pytest.fixture
def dead() -> int:
    """The identifier of a program that has ended."""
    program = os.fork()
    if not program:
        os._exit(0)
    os.waitpid(program, 0)
    return program


def test_only_temporary_files_of_dead_programs_are_removed(saved: Workspace, dead: int):
    key = "0123456789abcdef"
    others = {
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
    folder, link = (f".wireformer-{dead}-{digit * 16}" for digit in "bc")
    for name in {*others, f".wireformer-{dead}-{key}"}:
        (saved.folder / name).write_bytes(b"part")
    (saved.folder / folder).mkdir()
    (saved.folder / folder / "mine").touch()
    (saved.folder / link).symlink_to("a.json~")
    before = saved.names()
    saved.save(NEW, ANYTHING)
    assert before - saved.names() == {f".wireformer-{dead}-{key}"}
    assert saved.names() <= before


def test_a_temporary_file_that_is_locked_is_in_use_whatever_its_name(saved: Workspace, dead: int):
    """A program in another container has an identifier that is free in this one."""
    used = saved.folder / f".wireformer-{dead}-{'0' * 16}"
    with used.open("wb") as file:
        assert try_lock(file.fileno())
        saved.save(OLD, ANYTHING)
        assert used.exists()
    saved.save(OLD, ANYTHING)
    assert saved.names() == {"a.json"}


def plant_stage(saved: Workspace, dead: int, version: str) -> Path:
    """Plant a stage that would move a file from elsewhere, and the link into it."""
    stage = saved.folder / f".wireformer-{dead}-{'d' * 16}"
    (stage / "new").mkdir(parents=True)
    (stage / "new" / "victim").touch()
    (stage / "current").symlink_to(version)
    (saved.folder / "victim").symlink_to(f"{stage.name}/current/victim")
    return stage


def test_a_stage_does_not_lead_out_of_its_folder(saved: Workspace, dead: int, tmp_path: Path):
    (tmp_path / "victim").write_bytes(b"precious")
    plant_stage(saved, dead, "../..")
    saved.save(NEW, ANYTHING)
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert (saved.folder / "victim").is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another owner")
def test_what_belongs_to_someone_else_is_not_removed(saved: Workspace, dead: int):
    stage = plant_stage(saved, dead, "new")
    left = saved.folder / f".wireformer-{dead}-{'e' * 16}"
    left.touch()
    for path in (stage, left):
        os.chown(path, NOBODY, NOBODY)
    before = saved.names()
    saved.save(NEW, ANYTHING)
    assert saved.names() == before
    os.chown(stage, os.geteuid(), -1)
    saved.save(NEW, ANYTHING)
    assert saved.names() == before - {stage.name}
    assert (saved.folder / "victim").read_bytes() == b""


def test_what_a_killed_save_leaves_is_what_the_next_one_removes(saved: Workspace):
    made = [name for name, _ in calls_of(lambda: saved.save(OLD, ANYTHING))]
    in_child(lambda: killed(saved, made.index("replace")))
    (left,) = saved.names() - {"a.json"}
    assert re.fullmatch(r"\.wireformer-\d+-[0-9a-f]{16}", left)
    saved.save(NEW, ANYTHING)
    assert saved.names() == {"a.json"}
