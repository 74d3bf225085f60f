"""The parts of a file, each knowing its place, so that every objection can say where."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from nodes.core.files.strict_json import FileError, Json
from nodes.core.graphs.naming_rules import folded, see_name


@dataclass(frozen=True, slots=True)
class JsonCursor:
    """A part of a file, and its place there."""

    value: Json
    place: str = ""

    def refuse(self, message: str) -> NoReturn:
        """Raise the error that tells of this part."""
        raise FileError(self.place, message)

    def at(self, key: str | int) -> str:
        """Tell the place of an entry, as a JSON pointer."""
        return f"{self.place}/{str(key).replace('~', '~0').replace('/', '~1')}"

    def entries(self) -> Iterator[tuple[str, "JsonCursor"]]:
        """Tell the names and values of an object."""
        if not isinstance(self.value, dict):
            self.refuse(f"an object in curly brackets is expected, not {shown(self.value)}")
        return ((key, JsonCursor(value, self.at(key))) for key, value in self.value.items())

    def named(self) -> Iterator[tuple[str, "JsonCursor"]]:
        """Tell the entries of an object whose names a reader can tell apart."""
        taken: dict[str, str] = {}
        for name, value in self.entries():
            value.obey(see_name, name)
            other = taken.setdefault(folded(name), name)
            if other != name:
                told = f"the name looks like {ascii(other)}, which is taken; rename one of them"
                value.refuse(told)
            yield name, value

    def items(self) -> list["JsonCursor"]:
        """Tell the values of a list."""
        if not isinstance(self.value, list):
            self.refuse(f"a list in square brackets is expected, not {shown(self.value)}")
        return [JsonCursor(value, self.at(i)) for i, value in enumerate(self.value)]

    def fields(self, known: Mapping[str, Json]) -> dict[str, "JsonCursor"]:
        """Tell the values of an object that has no other names than the known ones."""
        found = dict(self.entries())
        for key, part in found.items():
            if key not in known:
                part.refuse(f"there is no such entry{meant(key, known)}")
        return {
            key: found.get(key, JsonCursor(value, self.at(key))) for key, value in known.items()
        }

    def text(self) -> str:
        """Take a text."""
        if not isinstance(self.value, str):
            self.refuse(f"a text in quotes is expected, not {shown(self.value)}")
        return self.value

    def lines(self) -> str:
        """Take a text, or a list of its lines."""
        if not isinstance(self.value, list):
            return self.text()
        return "\n".join(line.text() for line in self.items())

    def obey(self, rule: Callable[[str], None], text: str) -> str:
        """Give back a text that the rule lets pass."""
        try:
            rule(text)
        except ValueError as error:
            self.refuse(str(error))
        return text


def shown(value: object) -> str:
    """Tell a value in a few words, however large it is."""
    if isinstance(value, dict | list | tuple):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return "nothing (null)" if value is None else str(value).lower()
    text = ascii(value[:41] if isinstance(value, str) else value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def meant(key: str, known: Iterable[str]) -> str:
    """Tell what to do about a name that is not among the known ones."""
    close = get_close_matches(key[:64], known, n=1)
    return f"; did you mean {close[0]}?" if close else "; remove it"
