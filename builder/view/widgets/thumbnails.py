"""A cache of thumbnails of models, as textures: rendered on demand, one per frame."""

import tempfile
from pathlib import Path

import dearpygui.dearpygui as dpg

from builder.graphics.theme import Theme
from builder.picture.picture import thumbnail
from builder.storage.log import LOG
from builder.view.widgets.tag import Tag
from nodes.core.graphs.graph import Model

MAX_THUMBNAILS = 60

Key = tuple[str, str, tuple[int, int]]
"""The name of a model, the name of a theme, and a size."""


class ThumbnailCache:
    """Renders thumbnails and keeps the newest."""

    def __init__(self) -> None:
        self._textures: dict[Key, Tag] = {}
        self._pending: dict[Key, tuple[Model, Theme]] = {}
        self._failed: set[Key] = set()

    def get(self, name: str, model: Model, theme: Theme, size: tuple[int, int]) -> Tag | None:
        """Return the texture of a thumbnail; request it and return None if there is none yet.

        Args:
            name: identifies the model.
            model: the model that is drawn.
            theme: the colours.
            size: width and height, in pixels.
        """
        key = name, theme.name, size
        if key not in self._textures and key not in self._failed:
            self._pending.setdefault(key, (model, theme))
        return self._textures.get(key)

    def render_next(self) -> bool:
        """Render one of the requested thumbnails; return whether there was one."""
        if not self._pending:
            return False
        key = next(iter(self._pending))
        model, theme = self._pending.pop(key)
        while len(self._textures) >= MAX_THUMBNAILS:
            dpg.delete_item(self._textures.pop(next(iter(self._textures))))
        try:
            self._textures[key] = load_texture(thumbnail(model, key[2], theme))
        except OSError:  # there is no space for temporary files, say: the window does without
            LOG.exception("a thumbnail was not rendered")
            self._failed.add(key)
            return False
        return True


def load_texture(png: bytes) -> Tag:
    """Create a texture from a PNG image.

    Raises:
        ValueError: the image cannot be decoded.
        OSError: a temporary file cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Dear PyGui loads images from files only.
        path = Path(folder) / "image.png"
        path.write_bytes(png)
        image = dpg.load_image(str(path))
    if image is None:
        raise ValueError("expected a PNG image, got bytes that cannot be decoded")
    width, height, _, data = image
    registry = dpg.add_texture_registry()
    return dpg.add_static_texture(width, height, data, parent=registry)
