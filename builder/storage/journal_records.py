"""What a journal holds: records that each tell a whole document, one behind the other.

    crc32 length json

A record counts only if all before it do: its checksum goes on from theirs.  So of a file that was
torn or spoiled, the longest valid part is what was once written, and nothing else.
"""

import json
import os
import re
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from nodes.core.files.atomic_save import FileStamp
from nodes.core.files.json_cursor import JsonCursor, describe
from nodes.core.files.model_file import dumps
from nodes.core.files.model_reader import read_model
from nodes.core.files.strict_json import LIMITS, Json, Limits, read_json
from nodes.core.graphs.graph import Model

VERSION = 1
_FIELDS: Mapping[str, Json] = dict.fromkeys(("journal", "path", "stamp", "edits", "at", "model"))
_LATEST = 2**36  # seconds since 1970; later than any clock goes, and a date still
_LONGEST_PATH = 2**14
_LIMITS = Limits(LIMITS.size + 2 * _LONGEST_PATH, LIMITS.depth + 1, values=LIMITS.values + 10)
_HEAD = re.compile(rb"([0-9a-f]{8}) ([1-9][0-9]{0,8}) ")
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """A document with unsaved edits, as it stood at a moment.

    Attributes:
        model: the model.
        path: its file; None if it has none.
        stamp: which bytes that file held when it was last read or saved.
        edits: how many edits are not saved.
        at: the moment, in seconds since 1970.
    """

    model: Model
    path: Path | None = None
    stamp: FileStamp | None = None
    edits: int = 1
    at: float = field(default_factory=time.time)


def pack(entry: JournalRecord) -> bytes:
    """Write an entry as JSON.

    Raises:
        ValueError: a number in the model is not finite.
    """
    told = {
        "journal": VERSION,
        "path": entry.path and quote_from_bytes(os.fsencode(entry.path)),
        "stamp": entry.stamp and entry.stamp.sha256,
        "edits": entry.edits,
        "at": entry.at,
    }
    # The model stands as in its file, so that whatever can be saved can be kept.
    return json.dumps(told)[:-1].encode() + b', "model": ' + dumps(entry.model).rstrip() + b"}"


def unpack(data: bytes) -> JournalRecord:
    """Read an entry, as strictly as a stranger's file.

    Raises:
        FileError: it is none.
    """
    fields = JsonCursor(read_json(data, _LIMITS)).fields(_FIELDS)
    _number(fields["journal"], int, VERSION + 1)
    stamp = fields["stamp"]
    if stamp.value is not None and not _HEX.fullmatch(stamp.text()):
        stamp.refuse("64 hexadecimal digits are expected")
    return JournalRecord(
        model=read_model(fields["model"].value),
        path=_path(fields["path"]),
        stamp=stamp.value and FileStamp(stamp.value),
        edits=_number(fields["edits"], int, 2**53),
        at=_number(fields["at"], float, _LATEST),
    )


def _path(part: JsonCursor) -> Path | None:
    if part.value is None:
        return None
    told = unquote_to_bytes(part.text())
    try:
        path = Path(os.fsdecode(told))
    except UnicodeDecodeError:
        path = Path()
    if not path.is_absolute() or b"\0" in told or len(told) > _LONGEST_PATH:
        part.refuse("the full path of a file is expected")
    return path


def _number(part: JsonCursor, kind: type, most: float) -> Any:
    if type(part.value) is not kind or not 0 < part.value < most:
        part.refuse(f"a number above 0 is expected, not {describe(part.value)}")
    return part.value


def frame(data: bytes, before: int = 0) -> tuple[bytes, int]:
    """Make a record of some bytes; tell its checksum, which the next one goes on from."""
    checksum = zlib.crc32(data, before)
    return b"%08x %d %b\n" % (checksum, len(data), data), checksum


def frames(data: bytes) -> Iterator[bytes]:
    """Tell what the valid records hold, up to the first that is not."""
    at = checksum = 0
    while head := _HEAD.match(data, at):
        end = head.end() + int(head[2])
        held = data[head.end() : end]
        checksum = zlib.crc32(held, checksum)
        if int(head[1], 16) != checksum or data[end : end + 1] != b"\n":
            return
        yield held
        at = end + 1
