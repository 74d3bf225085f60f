"""Reports what the window shows, so that a test can act on it with mouse and keyboard.

Where ``WIREFORMER_TEST_PROBE`` names a folder, a file ``request`` in it is answered by a file
``response.json``.  A probe only observes: nothing in the window can be changed through it.

Requests are ``status`` (the frame number and the camera), ``state`` (also the document, the widgets
and where nodes and ports lie), and a path that ends in ``.png`` (a screenshot).
"""

import json
import os
from contextlib import suppress
from pathlib import Path

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.view.callbacks import CallbackRunner
from nodes.core.files.model_file import dumps

FOLDER = "WIREFORMER_TEST_PROBE"
_SCREENSHOT_FRAMES = 60
"""Frames after which a screenshot that does not appear is given up."""

Response = dict[str, object]


class TestProbe:
    """Answers requests, one per frame."""

    __test__ = False  # it is no test class, whatever its name

    def __init__(self, editor: Editor, callbacks: CallbackRunner, folder: Path) -> None:
        self.editor, self.callbacks, self.folder = editor, callbacks, folder
        self._frame = 0
        self._screenshot: tuple[int, Path] | None = None

    @classmethod
    def from_environment(cls, editor: Editor, callbacks: CallbackRunner) -> "TestProbe | None":
        """Create a probe if the environment names a folder for it."""
        folder = os.environ.get(FOLDER)
        return cls(editor, callbacks, Path(folder)) if folder else None

    def update(self) -> None:
        """Answer a request if there is one."""
        self._frame += 1
        if self._screenshot is not None:
            requested, path = self._screenshot
            if path.exists() or self._frame > requested + _SCREENSHOT_FRAMES:
                self._screenshot = None
                self._respond({"screenshot": str(path)})
            return
        file = self.folder / "request"
        if not file.exists():
            return
        request = file.read_text(encoding="utf-8")
        with suppress(FileNotFoundError):
            file.unlink()
        if request.endswith(".png"):
            dpg.output_frame_buffer(request)
            self._screenshot = self._frame, Path(request)
        else:
            self._respond(self._status() | (self._state() if request == "state" else {}))

    def _respond(self, response: Response) -> None:
        partial = self.folder / "partial"
        partial.write_text(json.dumps(response), encoding="utf-8")
        partial.replace(self.folder / "response.json")

    def _status(self) -> Response:
        camera = self.editor.camera
        return {
            "frame": self._frame,
            "busy": self.editor.overlay.busy,
            "camera": [camera.x, camera.y, camera.zoom],
        }

    def _state(self) -> Response:
        editor, camera = self.editor, self.editor.camera
        document = editor.document
        code, problems = editor.analysis.code, editor.analysis.report.problems
        return {
            "errors": self.callbacks.errors,
            "model": dumps(document.model).decode(),
            "block_path": document.path,
            "selection": sorted(document.selection.nodes),
            "edges": sorted(map(str, document.selection.edges)),
            "dialog": type(editor.dialog).__name__ if editor.dialog else "",
            "messages": [message.text for message in editor.view_state.notifications],
            "problems": [str(problem) for problem in problems],
            "remedies": [remedy.title for problem in problems for remedy in problem.remedies],
            "source": code.source if code and not editor.analysis.stale else "",
            "dirty": editor.session.dirty,
            "path": str(editor.session.path or ""),
            "undo": len(editor.store.history.past),
            "redo": len(editor.store.history.undone),
            "theme": editor.settings.theme,
            "viewport": [camera.left, camera.top, camera.width, camera.height],
            "nodes": self._nodes(),
            "ports": self._ports(),
            "widgets": _widgets(),
        }

    def _nodes(self) -> dict[str, list[float]]:
        """Return left, top, width and height of every card, in pixels of the window."""
        scene, camera = self.editor.scene, self.editor.camera
        rectangles = {}
        for name, card in scene.nodes.items():
            x, y = camera.to_window(scene.positions[name])
            rectangles[name] = [x, y, card.size[0] * camera.zoom, card.size[1] * camera.zoom]
        return rectangles

    def _ports(self) -> dict[str, list[float]]:
        """Return the position of every port, in pixels of the window."""
        scene, camera = self.editor.scene, self.editor.camera
        positions = {}
        for name, card in scene.nodes.items():
            left, top = scene.positions[name]
            for port in (*card.inputs, *card.outputs):
                side = ">" if port.end.is_input else "<"
                position = camera.to_window((left + port.x, top + port.y))
                positions[f"{side}{port.end.ref}"] = list(position)
        return positions


def _widgets() -> list[Response]:
    """List the visible widgets that have a name or a label, with their rectangles."""
    widgets: list[Response] = []
    names = {dpg.get_alias_id(name): name for name in dpg.get_aliases()}
    for item in dpg.get_all_items():
        state = dpg.get_item_state(item)
        text = dpg.get_item_label(item) or ""
        if not state.get("visible") or "rect_min" not in state:
            continue
        kind = dpg.get_item_type(item).rpartition("::")[2]
        if kind == "mvText":
            text = str(dpg.get_value(item))
        if item in names or text:
            rectangle = [*state["rect_min"], *state["rect_size"]]
            widgets.append(
                {"name": names.get(item, ""), "text": text, "kind": kind, "rectangle": rectangle}
            )
    return widgets
