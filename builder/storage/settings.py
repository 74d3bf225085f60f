"""The user's settings, kept in a file from one start to the next."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from builder.storage.folders import config_folder, state_folder
from nodes.core.files.atomic_save import ANYTHING, NotConfirmed, NotSaved, save
from nodes.core.files.strict_json import FileError, Json, quote, read_file, read_json
from nodes.core.files.write_errors import reason

NAME = "settings.json"
MAX_RECENT = 12

Pixels = Annotated[int, Field(ge=100, le=20_000)]


class Settings(BaseModel):
    """The settings; the defaults apply to entries that the file lacks.

    Attributes:
        theme: the name of the colour theme.
        scale: the scale of the user interface.
        recent: the recently opened files, newest first.
        views: the viewport of each of these files: the canvas point at its centre, and the zoom.
        window: width and height in pixels.
        left: the width of the panels left of the canvas, in unscaled pixels.
        right: the width of the panels right of it.
        show_problems: show the list of problems.
        minimap: show the minimap.
        shapes_on_edges: show the shape on each edge.
        snap: snap dragged nodes to the grid and to each other.
        warning: why the settings file was not used; empty if it was, or if there is none.
        folder: the folder of that file.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    theme: Literal["dark", "light", "contrast"] = "dark"
    scale: float = Field(default=1.0, ge=0.75, le=2.5)
    recent: list[str] = Field(default=[], max_length=100)
    views: dict[str, tuple[float, float, float]] = Field(default={}, max_length=100)
    window: tuple[Pixels, Pixels] = (1280, 800)
    left: Pixels = 236
    right: Pixels = 376
    show_problems: bool = True
    minimap: bool = True
    shapes_on_edges: bool = True
    snap: bool = True
    warning: str = Field(default="", exclude=True)
    folder: Path = Field(default_factory=config_folder, exclude=True)

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Read the settings; use the defaults, with a warning, if the file cannot be used."""
        folder = folder or config_folder()
        path = folder / NAME
        try:
            data = read_json(read_file(path)) if path.exists() else {}
            return cls.model_validate({**_entries(data), "warning": "", "folder": folder})
        except (OSError, ValueError) as error:
            warning = (
                f"the default settings are used, as {quote(str(path))} cannot be used: "
                f"{_reason(error)}; correct or remove the file"
            )
            return cls(warning=warning, folder=folder)

    def save(self) -> str:
        """Write the settings to the file; return why that is impossible, or ""."""
        stored = self.model_copy(update={"recent": _encodable(self.recent)[:MAX_RECENT]})
        data = f"{stored.model_dump_json(indent=2)}\n".encode()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with suppress(NotConfirmed):
                save(self.folder / NAME, data, ANYTHING, state_dir=state_folder())
        except (NotSaved, OSError) as error:
            return f"the settings are not saved: {_reason(error)}"
        return ""


def _entries(data: Json) -> dict[str, Json]:
    if not isinstance(data, dict):
        raise FileError("", "expected an object in curly brackets")
    return data


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{first['loc'][0]}: {first['msg'].lower()}"
    return reason(error)


def _encodable(paths: list[str]) -> list[str]:
    """Drop the paths that are not valid Unicode; they could not be read back."""
    return [path for path in paths if path.encode("utf-8", "ignore").decode() == path]
