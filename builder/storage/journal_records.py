"""The records of a write-ahead journal; each holds a whole document as JSON.

    checksum length payload

A checksum is the CRC-32 of all payloads so far, so a record is valid only if all before it are: of
a torn or corrupted file, the longest valid prefix is what was once written.
"""

import json
import os
import re
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote_from_bytes, unquote_to_bytes

from nodes.core.files.atomic_save import FileStamp
from nodes.core.files.json_cursor import JsonCursor, describe
from nodes.core.files.model_file import dumps
from nodes.core.files.model_reader import read_model
from nodes.core.files.strict_json import LIMITS, Json, Limits, read_json
from nodes.core.graphs.graph import Model

VERSION = 1
_FIELDS: Mapping[str, Json] = dict.fromkeys(("journal", "path", "stamp", "edits", "at", "model"))
_MAX_TIMESTAMP = 2**36  # seconds since 1970; `datetime` can still represent it
_MAX_PATH_LENGTH = 2**14
_LIMITS = Limits(LIMITS.size + 2 * _MAX_PATH_LENGTH, LIMITS.depth + 1, values=LIMITS.values + 10)
_HEADER = re.compile(rb"([0-9a-f]{8}) ([1-9][0-9]{0,8}) ")
_SHA256 = re.compile(r"[0-9a-f]{64}")

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """A snapshot of a document with unsaved edits.

    Attributes:
        model: the model.
        path: its file; None if it has none.
        stamp: identifies the content of that file when it was last read or saved.
        edits: the number of unsaved edits.
        timestamp: seconds since 1970.
    """

    model: Model
    path: Path | None = None
    stamp: FileStamp | None = None
    edits: int = 1
    timestamp: float = field(default_factory=time.time)


def dump_payload(record: JournalRecord) -> bytes:
    """Write a record as JSON.

    Raises:
        ValueError: a number in the model is not finite.
    """
    fields = {
        "journal": VERSION,
        "path": record.path and quote_from_bytes(os.fsencode(record.path)),
        "stamp": record.stamp and record.stamp.sha256,
        "edits": record.edits,
        "at": record.timestamp,
    }
    # The model is written as in its file, so that whatever can be saved can be journaled.
    return json.dumps(fields)[:-1].encode() + b', "model": ' + dumps(record.model).rstrip() + b"}"


def parse_payload(data: bytes) -> JournalRecord:
    """Read a record, as strictly as an untrusted file.

    Raises:
        FileError: the data is no valid record.
    """
    fields = JsonCursor(read_json(data, _LIMITS)).fields(_FIELDS)
    _number(fields["journal"], int, VERSION + 1)
    return JournalRecord(
        model=read_model(fields["model"].value),
        path=_path(fields["path"]),
        stamp=_stamp(fields["stamp"]),
        edits=_number(fields["edits"], int, 2**53),
        timestamp=_number(fields["at"], float, _MAX_TIMESTAMP),
    )


def _path(cursor: JsonCursor) -> Path | None:
    if cursor.value is None:
        return None
    encoded = unquote_to_bytes(cursor.text())
    try:
        path = Path(os.fsdecode(encoded))
    except UnicodeDecodeError:
        path = Path()
    if not path.is_absolute() or b"\0" in encoded or len(encoded) > _MAX_PATH_LENGTH:
        cursor.refuse("expected the absolute path of a file")
    return path


def _stamp(cursor: JsonCursor) -> FileStamp | None:
    if cursor.value is None:
        return None
    digest = cursor.text()
    if not _SHA256.fullmatch(digest):
        cursor.refuse("expected 64 hexadecimal digits")
    return FileStamp(digest)


def _number(cursor: JsonCursor, kind: type[N], bound: float) -> N:
    value = cursor.value
    # `type`, as a bool is an int too.
    if type(value) is not kind or not isinstance(value, kind) or not 0 < value < bound:
        cursor.refuse(f"expected a number above 0, got {describe(value)}")
    return value


def encode_record(payload: bytes, checksum: int = 0) -> tuple[bytes, int]:
    """Encode a payload as a record; return it with its checksum.

    Args:
        payload: the payload.
        checksum: the checksum of the record before it; 0 if it is the first.
    """
    checksum = zlib.crc32(payload, checksum)
    return b"%08x %d %b\n" % (checksum, len(payload), payload), checksum


def iter_payloads(data: bytes) -> Iterator[bytes]:
    """Yield the payloads of the records up to the first invalid one."""
    start = checksum = 0
    while header := _HEADER.match(data, start):
        end = header.end() + int(header[2])
        payload = data[header.end() : end]
        checksum = zlib.crc32(payload, checksum)
        if int(header[1], 16) != checksum or data[end : end + 1] != b"\n":
            return
        yield payload
        start = end + 1
