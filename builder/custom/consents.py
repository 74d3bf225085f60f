"""What the user has allowed to run as code, kept in a file beside the settings.

A consent is for one content: for the hash of a file, or for the version of a package.
"""

from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from builder.custom.node_source import NodeSource
from builder.storage.folders import config_folder, state_folder
from nodes.core.files.atomic_save import Changed, FileStamp, NotConfirmed, NotSaved, read, save
from nodes.core.files.strict_json import FileError, quote, read_json
from nodes.core.files.write_errors import reason

NAME = "allowed_nodes.json"
MOST_ATTEMPTS = 5


class Consents(BaseModel):
    """The answers of the user, by path or package.

    Attributes:
        allowed: the identity that may run.
        refused: the identity that may not, about which the window does not ask again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    allowed: dict[str, str] = {}
    refused: dict[str, str] = {}

    def allows(self, source: NodeSource) -> bool:
        """Return whether a source may run as it is now."""
        return bool(source.identity) and self.allowed.get(source.name) == source.identity

    def refuses(self, source: NodeSource) -> bool:
        """Return whether the user has answered that a source may not run as it is now."""
        return self.refused.get(source.name) == source.identity


def read_consents() -> tuple[Consents, str]:
    """Read the file; if it cannot be used, nothing is allowed, and the text says why."""
    try:
        return _read()[0], ""
    except (OSError, ValueError) as error:
        return Consents(), _unusable(error)


def record(source: NodeSource, allow: bool) -> str:
    """Record an answer; return why that is impossible, or ""."""
    try:
        for _ in range(MOST_ATTEMPTS):  # another window may save at the same time
            with suppress(Changed):
                _record(source, allow)
                return ""
    except ValueError as error:
        return _unusable(error)
    except (NotSaved, OSError) as error:
        return f"the answer is not saved: {reason(error)}"
    return "the answer is not saved: other programs keep saving theirs; try again"


def _record(source: NodeSource, allow: bool) -> None:
    consents, stamp = _read()
    others = [
        {name: identity for name, identity in answers.items() if name != source.name}
        for answers in (consents.allowed, consents.refused)
    ]
    others[0 if allow else 1][source.name] = source.identity
    changed = Consents(allowed=others[0], refused=others[1])
    data = f"{changed.model_dump_json(indent=2)}\n".encode()
    config_folder().mkdir(parents=True, exist_ok=True)
    with suppress(NotConfirmed):
        save(_path(), data, stamp, state_dir=state_folder())


def _read() -> tuple[Consents, FileStamp | None]:
    if not _path().exists():
        return Consents(), None
    data, stamp = read(_path())
    return Consents.model_validate(read_json(data)), stamp


def _path() -> Path:
    return config_folder() / NAME


def _unusable(error: Exception) -> str:
    why = str(error)
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"
    elif not isinstance(error, FileError):
        why = reason(error)
    return (
        f"no custom node is allowed to run, as {quote(str(_path()))} cannot be used: {why}; "
        "correct or remove the file"
    )
