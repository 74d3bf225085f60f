"""A file that is replaced keeps its owner, group, mode, attributes and access control list."""

import errno
import os
import stat
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nodes.core.files.atomic_save import ANYTHING
from nodes.core.files.project_save import save_files
from tests.nodes.save_workspace import NEW, OLD, Workspace, in_child, system

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="attributes as Linux has them")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs another owner")

NOBODY, STRANGER, GROUP = 65534, 4321, 4322
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"


def access_list(guest: int) -> bytes:
    """Return an access control list that lets one guest read and write (acl(5))."""
    owner, user, group, mask, other = 0x01, 0x02, 0x04, 0x10, 0x20
    nobody = 2**32 - 1
    entries = [(owner, 6, nobody), (user, 6, guest), (group, 4, nobody), (mask, 6, nobody)]
    packed = (struct.pack("<HHI", *entry) for entry in [*entries, (other, 0, nobody)])
    return struct.pack("<I", 2) + b"".join(packed)


def sets(path: Path, name: str, value: bytes) -> None:
    """Set an attribute; skip the test where the disk has none."""
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        pytest.skip(f"{path.parent} has no {name.partition('.')[0]} attributes")


def save_one(workspace: Workspace) -> list[str]:
    warnings: list[str] = []
    workspace.save(NEW, ANYTHING, warn=warnings.append)
    return warnings


def save_two(workspace: Workspace) -> list[str]:
    warnings: list[str] = []
    files = {workspace.path.name: NEW, "another": NEW}
    save_files(workspace.folder, files, True, warn=warnings.append, state_dir=workspace.state)
    return warnings


either = pytest.mark.parametrize("save", [save_one, save_two], ids=["one file", "two files"])


@pytest.fixture
def saved() -> Iterator[Workspace]:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        workspace = Workspace(Path(folder))
        workspace.save(OLD, None)
        for path in (workspace.folder, workspace.state):
            path.chmod(0o777)
        yield workspace


@either
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755, 0o4750, 0o2755])
def test_the_mode_is_kept(mode, save: Callable, saved: Workspace):
    saved.path.chmod(mode)
    assert save(saved) == []
    assert saved.path.read_bytes() == NEW
    assert stat.S_IMODE(saved.path.stat().st_mode) == mode


@either
@as_root
def test_owner_and_group_are_kept(save: Callable, saved: Workspace):
    os.chown(saved.path, STRANGER, GROUP)
    saved.path.chmod(0o640)
    assert save(saved) == []
    status = saved.path.stat()
    found = status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)
    assert found == (STRANGER, GROUP, 0o640)


def as_nobody(work: Callable[[], list[str]]) -> list[str]:
    """Do something as a user without rights, in a process of its own; return what it returns."""
    reading, writing = os.pipe()

    def child() -> int:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os.write(writing, "\n".join(work()).encode())
        return 0

    assert in_child(child) == 0
    os.close(writing)
    with os.fdopen(reading) as lines:
        return lines.read().splitlines()


@either
@as_root
def test_a_group_that_is_not_kept_is_a_warning_and_lets_nobody_else_in(
    save: Callable, saved: Workspace
):
    os.chown(saved.path, NOBODY, GROUP)
    saved.path.chmod(0o2664)
    warnings = as_nobody(lambda: save(saved))
    assert warnings == ["the system does not permit to keep its group; set it again if it matters"]
    status = saved.path.stat()
    assert (status.st_uid, status.st_gid) == (NOBODY, NOBODY)
    assert stat.S_IMODE(status.st_mode) == 0o644


@either
@as_root
def test_an_owner_that_is_not_kept_is_a_warning(save: Callable, saved: Workspace):
    os.chown(saved.path, STRANGER, NOBODY)
    saved.path.chmod(0o666)
    warnings = as_nobody(lambda: save(saved))
    assert warnings == ["the system does not permit to keep its owner; set it again if it matters"]
    assert saved.path.stat().st_uid == NOBODY


@either
def test_extended_attributes_are_kept(save: Callable, saved: Workspace):
    for name, value in {"user.origin": b"here", "user.empty": b"", "user.raw": b"\0\xff"}.items():
        sets(saved.path, name, value)
    assert save(saved) == []
    assert os.getxattr(saved.path, "user.origin") == b"here"
    assert os.getxattr(saved.path, "user.empty") == b""
    assert os.getxattr(saved.path, "user.raw") == b"\0\xff"


@either
def test_an_access_control_list_is_kept(save: Callable, saved: Workspace):
    sets(saved.path, ACCESS, access_list(STRANGER))
    mode = saved.path.stat().st_mode
    assert save(saved) == []
    assert os.getxattr(saved.path, ACCESS) == access_list(STRANGER)
    assert saved.path.stat().st_mode == mode


@either
def test_the_list_of_the_folder_lets_nobody_in_that_the_file_refused(
    save: Callable, saved: Workspace
):
    sets(saved.folder, DEFAULT, access_list(STRANGER))
    assert save(saved) == []
    assert ACCESS not in os.listxattr(saved.path)


@either
@pytest.mark.parametrize("call", ["getxattr", "setxattr"])
def test_what_is_not_kept_is_a_warning(call, save: Callable, saved: Workspace):
    sets(saved.path, "user.origin", b"here")
    saved.path.chmod(0o664)

    def refuse(name: str, made: Callable, _: tuple) -> object:
        if name == call:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        return made()

    with system(refuse):
        (warning,) = save(saved)
    assert "its extended attribute" in warning
    assert saved.path.read_bytes() == NEW


def test_a_list_that_is_not_kept_lets_the_group_do_no_more_than_everyone(saved: Workspace):
    sets(saved.path, ACCESS, access_list(STRANGER))

    def refuse(name: str, made: Callable, _: tuple) -> object:
        if name == "setxattr":
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        return made()

    with system(refuse):
        (warning,) = save_one(saved)
    assert "its access control list" in warning
    assert stat.S_IMODE(saved.path.stat().st_mode) == 0o600
