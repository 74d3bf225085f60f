"""Parse an untrusted JSON file into plain Python data, or raise one error with its location.

Stricter than JSON where JSON is ambiguous: one encoding, no duplicate names, no numbers that other
programs would round.  Time and memory are bounded by `Limits`, whatever the bytes are.
"""

import errno
import json
import math
import os
import re
import stat
from dataclasses import dataclass
from io import BufferedReader
from typing import NoReturn

from nodes.core.shapes.size_limits import LARGEST

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Path = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits beyond which a file is refused.

    Attributes:
        size: bytes in the file.
        depth: objects and lists inside one another.
        text: characters in one text or name.
        values: objects, lists, texts, numbers, true, false and null, all together.
    """

    size: int = 16 * 2**20
    depth: int = 64
    text: int = 2**16
    values: int = 500_000


LIMITS = Limits()

_INTEGER_LENGTH = 17  # characters of the longest legal one, sign included
_FRACTION_LENGTH = 128  # characters; a double needs 25
_POINTER_LENGTH, _MESSAGE_LENGTH = 180, 280  # characters in an error
_QUOTE_LENGTH = 60  # characters of untrusted text in a message


class FileError(ValueError):
    """A file is unusable.

    Attributes:
        pointer: the location, a JSON pointer such as ``/graph/nodes/attn``; empty for the file.
        message: what was expected, what was found, what to do.
        line: the line, from 1, if known.
        column: the column in characters, from 1, if known.
    """

    def __init__(
        self, pointer: str, message: str, line: int | None = None, column: int | None = None
    ) -> None:
        """Store the parts, which ``str()`` joins."""
        super().__init__(pointer, message, line, column)
        self.pointer, self.message, self.line, self.column = pointer, message, line, column

    def __str__(self) -> str:
        """Join the parts; what cannot be printed is escaped, and at most 500 characters remain."""
        position = "" if self.line is None else f"line {self.line}, column {self.column}"
        pointer = _printable(self.pointer, _POINTER_LENGTH)
        where = f"{pointer} ({position})" if pointer and position else pointer or position
        message = _printable(self.message, _MESSAGE_LENGTH)
        return f"{where}: {message}" if where else message


def read_file(path: Path, limits: Limits = LIMITS) -> bytes:
    """Read a whole file of bounded size.

    Raises:
        FileError: the file is missing, unreadable, too large, or not an ordinary file.
    """
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            # One byte more than allowed reveals a file that grows or that hides its size.
            data = file.read(limits.size + 1) if size <= limits.size else b""
    except OSError as error:
        reason = f"{error.strerror or 'the disk failed'}; check its name and permissions".lower()
        if error.errno == errno.ENAMETOOLONG:
            reason = "its name is longer than 255 bytes; choose a file with a shorter name"
        raise FileError("", f"{quote(os.fspath(path))} cannot be read: {reason}") from error
    if max(size, len(data)) > limits.size:
        raise _too_large(limits)
    return data


def open_file(path: Path) -> BufferedReader:
    """Open an ordinary file for reading, without waiting for the other end of a pipe.

    Raises:
        FileError: the path is not that of an ordinary file, or cannot be a path.
        OSError: the system refuses.
    """
    try:
        handle = os.open(path, _READ_FLAGS)
    except ValueError as error:
        raise FileError("", f"expected the name of a file, got {quote(os.fspath(path))}") from error
    kind = stat.S_IFMT(os.fstat(handle).st_mode)
    if kind == stat.S_IFREG:
        return os.fdopen(handle, "rb")
    os.close(handle)
    found = _KINDS.get(kind, "a device")
    raise FileError("", f"expected a file, got {found}: {quote(os.fspath(path))}; choose a file")


# Windows lacks all but the last, the others lack the last.
_READ_FLAGS = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_BINARY")
)
_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


def read_json(data: bytes, limits: Limits = LIMITS) -> Json:
    """Parse the bytes of a JSON file into plain data.

    Raises:
        FileError: the bytes are not strict JSON, or exceed a limit.
    """
    if len(data) > limits.size:
        raise _too_large(limits)
    for signature, kind in _SIGNATURES:
        if signature.match(data):
            raise FileError("", f"expected a JSON file, got {kind}; not opened")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = f"expected UTF-8, got byte 0x{data[error.start]:02x}; save it as UTF-8"
        raise FileError("", message, *_position(before, len(before))) from None
    return _Parser(text, limits).document()


def _too_large(limits: Limits) -> FileError:
    return FileError(
        "", f"expected a file of at most {limits.size} bytes; divide it, or shorten it"
    )


# No JSON file begins with a signature: the rows decide only the message.
_SIGNATURES = [
    (re.compile(signature, re.DOTALL), kind)
    for kind, signature in (
        ("a file of weights in safetensors", rb".{4}\x00{4}\{"),
        ("a Python pickle, which can run code when loaded", rb"\x80[\x01-\x05]|[]}](q\x00|\.)"),
        ("a Python pickle, which can run code when loaded", rb"\(.|[cio]\w+[\w.]*\n"),
        ("a zip archive or a PyTorch checkpoint", rb"PK[\x01-\x08]"),
        ("a compressed file", rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf"),
        ("a file of arrays", rb"\x89HDF|\x93NUMPY"),
        ("UTF-8 with a byte order mark, where none belongs", rb"\xef\xbb\xbf"),
        ("UTF-16 or UTF-32, where UTF-8 belongs", rb"\xff\xfe|\xfe\xff|.?\x00.?[^\x00]"),
        ("YAML", rb"---|%YAML|- |[A-Za-z_]\w*:\s"),
        ("a web page or XML", rb"\s*<"),
    )
]

_SPACE = r"[ \t\n\r]*+"
_TEXT = r'"([^"\\\x00-\x1f]*+)"'  # without escapes; with them it is left to the json module
_SPACES = re.compile(_SPACE)
_MARK = re.compile(r"([]},])" + _SPACE)
_NAME = re.compile(_TEXT + _SPACE)
_COLON = re.compile(":" + _SPACE)
_VALUE = re.compile(
    rf"(?:{_TEXT}|(-?(?:0|[1-9][0-9]*+))((?:\.[0-9]++)?+(?:[eE][-+]?+[0-9]++)?+)"
    rf"|(true|false|null)|([\[{{])){_SPACE}"
)
_EXCERPT = re.compile(r"-?\w{1,24}|.", re.DOTALL)
_WORDS = {"true": True, "false": False, "null": None}
_ADVICE = {
    **dict.fromkeys(("NaN", "Infinity", "-Infinity"), "only finite numbers can be kept"),
    **dict.fromkeys("]}", "remove the comma before it, or add what is missing"),
    **dict.fromkeys("/#", "comments are not part of JSON; remove it"),
    "'": 'put texts and names in double quotes "',
    "None": "write null",
    "True": "write true",
    "False": "write false",
}
_escapes = json.JSONDecoder().raw_decode


class _Parser:
    """A parser with an explicit stack, so that no depth exhausts that of Python.

    Attributes:
        at: the index of the next token.
        open: the objects and lists around it, outermost first.
        path: for each of them the name or index of the current member, or None between members.
    """

    def __init__(self, text: str, limits: Limits) -> None:
        self.text, self.limits = text, limits
        self.at = _end_of_space(text, 0)
        self.count = 0
        self.open: list[dict[str, Json] | list[Json]] = []
        self.path: list[str | int | None] = []

    def document(self) -> Json:
        root = self.value()
        while self.open:
            self.member(self.open[-1])
        if self.at < len(self.text):
            self.miss("the end of the file", "remove what follows")
        return root

    def member(self, inside: dict[str, Json] | list[Json]) -> None:
        """Parse the next member of the innermost object or list, or its end."""
        closing = "}" if isinstance(inside, dict) else "]"
        self.path[-1] = None
        match = _MARK.match(self.text, self.at)
        if match and match[1] == closing:
            self.at = match.end()
            self.open.pop()
            self.path.pop()
            return
        if inside:
            if not match or match[1] != ",":
                self.miss(f"a comma or {closing}", "separate members by commas")
            self.at = match.end()
        if isinstance(inside, dict):
            name = self.name(inside)
            inside[name] = self.value()
        else:
            self.path[-1] = len(inside)
            inside.append(self.value())

    def name(self, inside: dict[str, Json]) -> str:
        """Parse the name of a member and its colon."""
        start = self.at
        match = _NAME.match(self.text, start)
        name = (
            self.plain(match[1], match.end()) if match else self.escaped("a name in double quotes")
        )
        self.path[-1] = name
        if name in inside:
            self.refuse(
                f"expected each name once, got {quote(name)} twice; remove or rename one", start
            )
        colon = _COLON.match(self.text, self.at)
        if not colon:
            self.miss(f"a colon after {quote(name)}", "write a colon and a value")
        self.at = colon.end()
        return name

    def value(self) -> Json:
        """Parse a text, number or word, or enter an object or list."""
        self.count += 1
        if self.count > self.limits.values:
            self.refuse(
                f"expected at most {self.limits.values} values; divide the file, or shorten it"
            )
        match = _VALUE.match(self.text, self.at)
        if not match:
            return self.escaped("a value")
        text, whole, fraction, word, bracket = match.groups()
        if text is not None:
            return self.plain(text, match.end())
        if bracket:
            value = self.enter({} if bracket == "{" else [])
        else:
            value = _WORDS[word] if word else self.number(whole, fraction)
        self.at = match.end()
        return value

    def enter(self, inside: dict[str, Json] | list[Json]) -> Json:
        if len(self.open) == self.limits.depth:
            self.refuse(f"expected at most {self.limits.depth} levels; nest less deeply")
        self.open.append(inside)
        self.path.append(None)
        return inside

    def number(self, whole: str, fraction: str) -> int | float:
        """Convert digits to a number, after checking their count: conversion is not linear."""
        number = whole + fraction
        if fraction:
            if len(number) > _FRACTION_LENGTH or not math.isfinite(value := float(number)):
                self.refuse(f"expected a number that a double can represent, got {quote(number)}")
        elif len(number) > _INTEGER_LENGTH or abs(value := int(number)) > LARGEST:
            self.refuse(f"expected a whole number below 2^53, got {quote(number)}")
        return value

    def plain(self, text: str, end: int) -> str:
        """Accept a text without escapes that ends at an index."""
        if len(text) > self.limits.text:
            self.refuse(f"expected a text of at most {self.limits.text} characters; shorten it")
        self.at = end
        return text

    def escaped(self, expected: str) -> str:
        """Parse a text with escapes."""
        if not self.text.startswith('"', self.at):
            self.miss(expected, "add what is missing, or remove it")
        try:
            text, end = _escapes(self.text, self.at)
            text.encode("utf-8")
        except json.JSONDecodeError as error:
            what = error.msg.lower().removesuffix(" starting at").removesuffix(" at")
            advice = 'a text ends with ", a new line is written \\n, and \\ is written \\\\'
            self.refuse(f"{what}; {advice}", error.pos)
        except UnicodeEncodeError:
            self.refuse(
                "expected a character, got half of a surrogate pair; write the character itself"
            )
        return self.plain(text, _end_of_space(self.text, end))

    def miss(self, expected: str, advice: str) -> NoReturn:
        """Refuse the next token."""
        match = _EXCERPT.match(self.text, self.at)
        token = match[0] if match else ""
        found = quote(token) if match else "the end of the file"
        self.refuse(f"expected {expected}, got {found}; {_ADVICE.get(token, advice)}")

    def refuse(self, message: str, at: int | None = None) -> NoReturn:
        pointer = "".join(f"/{_token(step)}" for step in self.path if step is not None)
        position = _position(self.text, self.at if at is None else at)
        raise FileError(pointer, message, *position)


def quote(text: str) -> str:
    """Quote untrusted text, short enough for a message; what cannot be printed is escaped."""
    return repr(_shortened(text, _QUOTE_LENGTH))


def escape_unprintable(text: str) -> str:
    """Escape control characters, bidirectional overrides, surrogates and what else is invisible.

    Letters of every script stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _end_of_space(text: str, start: int) -> int:
    match = _SPACES.match(text, start)
    assert match
    return match.end()


def _token(step: str | int) -> str:
    """Write one step of a JSON pointer (RFC 6901)."""
    return str(step).replace("~", "~0").replace("/", "~1")


def _position(text: str, at: int) -> tuple[int, int]:
    """Return line and column, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _printable(text: str, length: int) -> str:
    """Return untrusted text short, with escapes for what cannot be printed."""
    return _shortened(escape_unprintable(_shortened(text, length)), length)


def _shortened(text: str, length: int) -> str:
    """Leave out the middle of a long text."""
    half = (length - len("...")) // 2
    return text if len(text) <= length else f"{text[:half]}...{text[-half:]}"
