"""Read a stranger's file: bytes become plain Python data, or one error that says where and why.

Stricter than JSON where JSON leaves room for two readings: one encoding, no name twice, no number
that another program would round.  Time and memory are bounded by `Limits`, whatever the bytes are.
"""

import json
import math
import os
import re
import stat
from dataclasses import dataclass
from io import BufferedReader
from typing import NoReturn

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Path = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Limits:
    """Say how large a file may be before it is refused.

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

_INTEGER_BOUND = 2**53  # from here on a double, which other readers use, skips integers
_INTEGER_LENGTH = 17  # characters of the longest legal one, sign included
_FRACTION_LENGTH = 128  # characters; a double needs 25
_PLACE_LENGTH, _MESSAGE_LENGTH = 180, 280  # characters shown
_QUOTE_LENGTH = 60  # characters of a stranger's text within a message
_UNPRINTABLE = re.compile(r"[^ -~]")


class FileError(ValueError):
    """Say why a file cannot be used.

    Attributes:
        place: JSON pointer to the culprit, such as ``/graph/nodes/attn``; empty for the whole file.
        message: what was expected, what arrived, what to do.
        line: line of the culprit, from 1, where known.
        column: column of the culprit in characters, from 1, where known.
    """

    def __init__(
        self, place: str, message: str, line: int | None = None, column: int | None = None
    ) -> None:
        """Keep the four parts; ``str()`` joins them."""
        super().__init__(place, message, line, column)
        self.place, self.message, self.line, self.column = place, message, line, column

    def __str__(self) -> str:
        """Join the parts in printable ASCII, at most 500 characters."""
        position = "" if self.line is None else f"line {self.line}, column {self.column}"
        place = _shown(self.place, _PLACE_LENGTH)
        where = f"{place} ({position})" if place and position else place or position
        message = _shown(self.message, _MESSAGE_LENGTH)
        return f"{where}: {message}" if where else message


def read_file(path: Path, limits: Limits = LIMITS) -> bytes:
    """Read a whole file of bounded size.

    Raises:
        FileError: the file is missing, unreadable, too large, or not an ordinary file.
    """
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            # One byte more than allowed betrays a file that grows or that hides its size.
            data = file.read(limits.size + 1) if size <= limits.size else b""
    except OSError as error:
        reason = f"{error.strerror or 'the disk failed'}; check its name and permissions".lower()
        raise FileError("", f"{quote(os.fspath(path))} cannot be read: {reason}") from error
    if max(size, len(data)) > limits.size:
        raise _too_large(limits)
    return data


def open_file(path: Path) -> BufferedReader:
    """Open an ordinary file for reading, without waiting for the other end of a pipe.

    Raises:
        FileError: the path names something else than an ordinary file, or nothing that could be.
        OSError: the system refuses.
    """
    try:
        handle = os.open(path, _READ_FLAGS)
    except ValueError as error:
        raise FileError("", f"{quote(os.fspath(path))} is no name a file can have") from error
    kind = stat.S_IFMT(os.fstat(handle).st_mode)
    if kind == stat.S_IFREG:
        return os.fdopen(handle, "rb")
    os.close(handle)
    found = _KINDS.get(kind, "a device")
    raise FileError("", f"expected a file, but {quote(os.fspath(path))} is {found}; choose a file")


# Windows lacks all but the last, the others lack the last.
_READ_FLAGS = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_BINARY")
)
_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


def read_json(data: bytes, limits: Limits = LIMITS) -> Json:
    """Turn the bytes of a JSON file into plain data.

    Raises:
        FileError: the bytes are not strict JSON, or go beyond a limit.
    """
    if len(data) > limits.size:
        raise _too_large(limits)
    for signature, kind in _DISGUISES:
        if signature.match(data):
            raise FileError("", f"expected a JSON file, but this is {kind}; not opened")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = f"expected UTF-8, but byte 0x{data[error.start]:02x} arrived; save it as UTF-8"
        raise FileError("", message, *_position(before, len(before))) from None
    return _Parser(text, limits).document()


def _too_large(limits: Limits) -> FileError:
    return FileError("", f"the file is larger than {limits.size} bytes; divide it, or shorten it")


# No signature is a beginning of JSON: the rows decide only which words refuse a file.
_DISGUISES = [
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
_ARRIVED = re.compile(r"-?\w{1,24}|.", re.DOTALL)
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
    """One pass over a text.  What is open stands on a list: no depth exhausts Python's own stack.

    Attributes:
        at: where the next piece begins, behind white space.
        open: the objects and lists around that place, outermost first.
        path: for each of them the name or index of the member in work, or None between members.
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
        """Read the next member of the innermost object or list, or its end."""
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
                self.miss(f"a comma or {closing}", "separate what belongs together by commas")
            self.at = match.end()
        if isinstance(inside, dict):
            name = self.name(inside)
            inside[name] = self.value()
        else:
            self.path[-1] = len(inside)
            inside.append(self.value())

    def name(self, inside: dict[str, Json]) -> str:
        """Read the name of a member and its colon."""
        start = self.at
        match = _NAME.match(self.text, start)
        name = (
            self.plain(match[1], match.end()) if match else self.escaped("a name in double quotes")
        )
        self.path[-1] = name
        if name in inside:
            self.refuse(f"{quote(name)} stands here twice; remove or rename one of them", start)
        colon = _COLON.match(self.text, self.at)
        if not colon:
            self.miss(f"a colon after {quote(name)}", "write a colon and a value")
        self.at = colon.end()
        return name

    def value(self) -> Json:
        """Read a whole text, number or word, or enter an object or list, still empty."""
        self.count += 1
        if self.count > self.limits.values:
            self.refuse(f"more than {self.limits.values} values; divide the file, or shorten it")
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
            self.refuse(f"more than {self.limits.depth} levels; nest less deeply")
        self.open.append(inside)
        self.path.append(None)
        return inside

    def number(self, whole: str, fraction: str) -> int | float:
        """Turn digits into a number, looking at their count first: the turning is not linear."""
        number = whole + fraction
        if fraction:
            if len(number) > _FRACTION_LENGTH or not math.isfinite(value := float(number)):
                self.refuse(f"expected a number that a double can hold, not {quote(number)}")
        elif len(number) > _INTEGER_LENGTH or abs(value := int(number)) >= _INTEGER_BOUND:
            self.refuse(f"expected a whole number below 2^53, not {quote(number)}")
        return value

    def plain(self, text: str, end: int) -> str:
        """Take a text that is written as it is meant."""
        if len(text) > self.limits.text:
            self.refuse(f"a text of more than {self.limits.text} characters; shorten it")
        self.at = end
        return text

    def escaped(self, expected: str) -> str:
        """Read a text with escapes, or say that there is none."""
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
            self.refuse("one half of a surrogate pair; write the character itself")
        return self.plain(text, _end_of_space(self.text, end))

    def miss(self, expected: str, advice: str) -> NoReturn:
        """Refuse what arrives in place of what was expected."""
        match = _ARRIVED.match(self.text, self.at)
        arrived = match[0] if match else ""
        found = f"{quote(arrived)} arrived" if match else "the file ends"
        self.refuse(f"expected {expected}, but {found}; {_ADVICE.get(arrived, advice)}")

    def refuse(self, message: str, at: int | None = None) -> NoReturn:
        place = "".join(f"/{_token(step)}" for step in self.path if step is not None)
        position = _position(self.text, self.at if at is None else at)
        raise FileError(place, message, *position)


def quote(text: str) -> str:
    """Put a stranger's text in quotes, in printable ASCII, short enough for a message."""
    return ascii(_shortened(text, _QUOTE_LENGTH))


def _end_of_space(text: str, start: int) -> int:
    match = _SPACES.match(text, start)
    assert match
    return match.end()


def _token(step: str | int) -> str:
    """Write one step of a JSON pointer (RFC 6901)."""
    return str(step).replace("~", "~0").replace("/", "~1")


def _position(text: str, at: int) -> tuple[int, int]:
    """Tell line and column, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _shown(text: str, length: int) -> str:
    """Write short and in printable ASCII what may hold a stranger's text."""
    printable = _UNPRINTABLE.sub(lambda char: ascii(char[0])[1:-1], _shortened(text, length))
    return _shortened(printable, length)


def _shortened(text: str, length: int) -> str:
    """Leave out the middle of what is long."""
    half = (length - len("...")) // 2
    return text if len(text) <= length else f"{text[:half]}...{text[-half:]}"
