"""Cursors into JSON: a value with its location, so that every error states where."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from nodes.core.files.strict_json import FileError, Json
from nodes.core.graphs.naming_rules import check_name, folded
from nodes.core.graphs.similar_names import closest, did_you_mean


@dataclass(frozen=True, slots=True)
class JsonCursor:
    """A JSON value and where it is.

    Attributes:
        value: the value.
        pointer: its location, a JSON pointer (RFC 6901).
    """

    value: Json
    pointer: str = ""

    def refuse(self, message: str) -> NoReturn:
        """Raise an error at this value."""
        raise FileError(self.pointer, message)

    def at(self, key: str | int) -> str:
        """Return the pointer to an entry."""
        return f"{self.pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"

    def entries(self) -> Iterator[tuple[str, "JsonCursor"]]:
        """Return the names and values of an object."""
        if not isinstance(self.value, dict):
            self.refuse(f"expected an object in curly brackets, got {describe(self.value)}")
        return ((key, JsonCursor(value, self.at(key))) for key, value in self.value.items())

    def named(self) -> Iterator[tuple[str, "JsonCursor"]]:
        """Yield the entries of an object whose keys are names, no two of which look alike."""
        taken: dict[str, str] = {}
        for name, value in self.entries():
            value.check(check_name, name)
            other = taken.setdefault(folded(name), name)
            if other != name:
                value.refuse(
                    f"expected a name that does not look like {other!r}; rename one of them"
                )
            yield name, value

    def items(self) -> list["JsonCursor"]:
        """Return the values of a list."""
        if not isinstance(self.value, list):
            self.refuse(f"expected a list in square brackets, got {describe(self.value)}")
        return [JsonCursor(value, self.at(i)) for i, value in enumerate(self.value)]

    def fields(self, defaults: Mapping[str, Json]) -> dict[str, "JsonCursor"]:
        """Return the values of an object, with defaults; other entries are refused."""
        found = dict(self.entries())
        for key, entry in found.items():
            if key not in defaults:
                entry.refuse(f"unknown entry{suggestion(key, defaults)}")
        return {
            key: found.get(key, JsonCursor(value, self.at(key))) for key, value in defaults.items()
        }

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.value, str):
            self.refuse(f"expected a text in quotes, got {describe(self.value)}")
        return self.value

    def lines(self) -> str:
        """Return a text, which may be written as a list of its lines."""
        if not isinstance(self.value, list):
            return self.text()
        return "\n".join(line.text() for line in self.items())

    def check(self, rule: Callable[[str], None], text: str) -> str:
        """Return a text, if the rule does not raise a ValueError for it."""
        try:
            rule(text)
        except ValueError as error:
            self.refuse(str(error))
        return text


def describe(value: object) -> str:
    """Describe a value in a few words, however large it is."""
    if isinstance(value, dict | list | tuple):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return "nothing (null)" if value is None else str(value).lower()
    text = repr(value[:41] if isinstance(value, str) else value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def suggestion(key: str, names: Iterable[str]) -> str:
    """Suggest what to do about a name that is not among the existing ones."""
    return did_you_mean(closest(key, names)) or "; remove it"
