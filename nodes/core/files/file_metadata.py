"""What a file has beside its content: owner, group, mode, extended attributes, access control list.

Linux keeps access control lists as extended attributes.  On other systems neither is kept.
"""

import errno
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

_ACCESS_LIST = "system.posix_acl_access"
_OF_THE_CONTENT = frozenset({"security.ima", "security.evm"})
"""Attributes that the system computes from the content."""


@dataclass(frozen=True, slots=True)
class FileMetadata:
    """What the replacement of a file is to have in common with it.

    Attributes:
        status: size, mode, owner, group.
        attributes: the extended attributes, by name.
        unreadable: what could not be read.
    """

    status: os.stat_result
    attributes: Mapping[str, bytes] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()


def read_metadata(handle: int) -> FileMetadata:
    """Read the metadata of an open file.

    Raises:
        OSError: not even its status can be read.
    """
    status = os.fstat(handle)
    try:
        return FileMetadata(status, _attributes(handle))
    except OSError:
        return FileMetadata(status, unreadable=("its extended attributes",))


def apply_metadata(handle: int, wanted: FileMetadata) -> list[str]:
    """Give an open file the metadata of another; return what is not kept.

    Where group or access control list is not kept, the group may do no more than everyone, so that
    nobody gains access.

    Raises:
        OSError: the mode cannot be set.
    """
    mode, lost = stat.S_IMODE(wanted.status.st_mode), []
    if hasattr(os, "fchown"):
        present = os.fstat(handle)
        if not _has_owner(handle, present, wanted.status):
            lost.append("its owner")
            mode &= ~stat.S_ISUID
        if not _has_group(handle, present, wanted.status):
            lost.append("its group")
    lost += [*_missing_attributes(handle, wanted.attributes), *wanted.unreadable]
    if {"its group", "its access control list", "its extended attributes"} & {*lost}:
        mode &= ~(stat.S_ISGID | stat.S_IRWXG) | (mode & stat.S_IRWXO) << 3
    if hasattr(os, "fchmod"):
        os.fchmod(handle, mode)
    return lost


def _has_owner(handle: int, present: os.stat_result, wanted: os.stat_result) -> bool:
    return present.st_uid == wanted.st_uid or _changes_owner(handle, wanted.st_uid, -1)


def _has_group(handle: int, present: os.stat_result, wanted: os.stat_result) -> bool:
    return present.st_gid == wanted.st_gid or _changes_owner(handle, -1, wanted.st_gid)


def _changes_owner(handle: int, user: int, group: int) -> bool:
    try:
        os.fchown(handle, user, group)
    except OSError:
        return False
    return True


def _attributes(handle: int) -> dict[str, bytes]:
    if sys.platform != "linux":
        return {}
    try:
        names = os.listxattr(handle)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return {}
        raise
    return {name: os.getxattr(handle, name) for name in names if name not in _OF_THE_CONTENT}


def _missing_attributes(handle: int, wanted: Mapping[str, bytes]) -> Iterator[str]:
    """Set the attributes; yield which of them the system refuses."""
    if sys.platform != "linux":
        return
    present: Mapping[str, bytes] = {}
    with suppress(OSError):
        present = _attributes(handle)
    if _ACCESS_LIST in present and _ACCESS_LIST not in wanted:
        # The folder gives it to new files; the old one may have refused those it lets in.
        os.removexattr(handle, _ACCESS_LIST)
    for name, value in wanted.items():
        if present.get(name) == value:
            continue
        try:
            os.setxattr(handle, name, value)
        except OSError:
            is_list = name == _ACCESS_LIST
            yield "its access control list" if is_list else f"its extended attribute {repr(name)}"
