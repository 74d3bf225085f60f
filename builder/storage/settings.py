"""What a person prefers, kept from one start to the next."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from builder.storage.folders import config_folder, state_folder
from nodes.core.files.atomic_save import ANYTHING, NotConfirmed, NotSaved, save
from nodes.core.files.strict_json import FileError, quote, read_file, read_json

NAME = "settings.json"
MOST_RECENT = 12

Pixels = Annotated[int, Field(ge=100, le=20_000)]


class Settings(BaseModel):
    """The settings; what an entry of the file does not say is as it is here.

    Attributes:
        theme: the colours.
        scale: how large everything in the window is.
        recent: the files that were open, newest first.
        views: the canvas point in the middle of the view of each of these files, and its zoom.
        window: width and height, in pixels.
        left: the width of what stands left of the canvas, in units.
        right: the width of what stands right of it.
        show_problems: show the list of problems.
        minimap: show the minimap.
        shapes_on_edges: write the shape on each edge.
        snap: let nodes snap to the grid and to each other.
        comment: why the file of the settings was not used; empty if it was, or if there is none.
        folder: where that file lies.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    theme: Literal["dark", "light", "contrast"] = "dark"
    scale: float = Field(1.0, ge=0.75, le=2.5)
    recent: list[str] = Field([], max_length=100)
    views: dict[str, tuple[float, float, float]] = Field({}, max_length=100)
    window: tuple[Pixels, Pixels] = (1280, 800)
    left: Pixels = 236
    right: Pixels = 376
    show_problems: bool = True
    minimap: bool = True
    shapes_on_edges: bool = True
    snap: bool = True
    comment: str = Field("", exclude=True)
    folder: Path = Field(default_factory=config_folder, exclude=True)

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Read the settings; a file that cannot be used is as if there were none, with a remark."""
        folder = folder or config_folder()
        path = folder / NAME
        try:
            data = read_json(read_file(path)) if path.exists() else {}
            return cls.model_validate({**_entries(data), "remark": "", "folder": folder})
        except (OSError, ValueError) as error:
            told = f"the settings are the usual ones, as {quote(str(path))} cannot be used: "
            return cls(comment=f"{told}{_reason(error)}; mend or remove it", folder=folder)

    def save(self) -> str:
        """Keep the settings; tell why that cannot be, or nothing."""
        kept = self.model_copy(update={"recent": _writable(self.recent)[:MOST_RECENT]})
        data = f"{kept.model_dump_json(indent=2)}\n".encode()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with suppress(NotConfirmed):
                save(self.folder / NAME, data, ANYTHING, state_dir=state_folder())
        except (NotSaved, OSError) as error:
            return f"the settings are not kept: {_reason(error)}"
        return ""


def _entries(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise FileError("", "an object in curly brackets is expected")
    return data


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{first['loc'][0]}: {first['msg'].lower()}"
    told = getattr(error, "strerror", None)
    return told.lower() if told else str(error)


def _writable(paths: list[str]) -> list[str]:
    """Leave out the names that are no text; they could not be read back."""
    return [path for path in paths if path.encode("utf-8", "ignore").decode() == path]
