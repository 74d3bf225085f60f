"""Small pictures of models, as textures: made when they are first asked for, one a round."""

import tempfile
from pathlib import Path

import dearpygui.dearpygui as dpg

from builder.graphics.theme import Theme
from builder.picture.picture import thumbnail
from nodes.core.graphs.graph import Model

MOST = 60
"""As many pictures are kept."""

Key = tuple[str, str, int, int]


class Pictures:
    """Keeps the pictures that were made."""

    def __init__(self) -> None:
        self._made: dict[Key, int | str] = {}
        self._asked: dict[Key, tuple[Model, Theme]] = {}

    def of(self, name: str, model: Model, theme: Theme, size: tuple[int, int]) -> int | str | None:
        """Give the texture of a model's picture; None while it waits to be made.

        Args:
            name: tells the model from all others.
            model: what the picture shows.
            theme: its colours.
            size: its width and height, in pixels.
        """
        key = name, theme.name, *size
        if key not in self._made:
            self._asked.setdefault(key, (model, theme))
        return self._made.get(key)

    def make_one(self) -> bool:
        """Make one of the pictures that wait; tell whether there was one."""
        if not self._asked:
            return False
        key = next(iter(self._asked))
        model, theme = self._asked.pop(key)
        while len(self._made) >= MOST:
            dpg.delete_item(self._made.pop(next(iter(self._made))))
        self._made[key] = texture(thumbnail(model, key[2:], theme))
        return True


def texture(png: bytes) -> int | str:
    """Make a texture of a PNG picture."""
    with tempfile.TemporaryDirectory() as folder:
        # Dear PyGui reads pictures from files only.
        path = Path(folder) / "picture.png"
        path.write_bytes(png)
        width, height, _, data = dpg.load_image(str(path))
    registry = dpg.add_texture_registry()
    return dpg.add_static_texture(width, height, data, parent=registry)
