"""Tells a test what the window shows and where, so that the test can act as a person would.

Where ``WIREFORMER_WITNESS`` names a folder, a file ``ask`` in it is answered by ``answer.json``.
A witness only watches: nothing in the window can be done through it.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.view.callbacks import Guard
from nodes.core.files.model_file import dumps

FOLDER = "WIREFORMER_WITNESS"
_FRAMES_OF_A_PICTURE = 6


class TestProbe:
    """Answers what is asked, one question a round."""

    def __init__(self, editor: Editor, guard: Guard, folder: Path) -> None:
        self.editor, self.guard, self.folder = editor, guard, folder
        self._rounds = 0
        self._picture: tuple[int, Path] | None = None

    @classmethod
    def where_asked(cls, editor: Editor, guard: Guard) -> "TestProbe | None":
        """Make a witness where the environment names its folder."""
        folder = os.environ.get(FOLDER)
        return cls(editor, guard, Path(folder)) if folder else None

    def update(self) -> None:
        """Answer a question that waits."""
        self._rounds += 1
        if self._picture is not None:
            began, path = self._picture
            if path.exists() or self._rounds > began + 10 * _FRAMES_OF_A_PICTURE:
                self._picture = None
                self._answer({"picture": str(path)})
            return
        ask = self.folder / "ask"
        if not ask.exists():
            return
        asked = ask.read_text(encoding="utf-8")
        with suppress(FileNotFoundError):
            ask.unlink()
        if asked.endswith(".png"):
            dpg.output_frame_buffer(asked)
            self._picture = self._rounds, Path(asked)
        else:
            self._answer(self._glance() | (self._everything() if asked == "look" else {}))

    def _answer(self, told: dict[str, Any]) -> None:
        part = self.folder / "part"
        part.write_text(json.dumps(told), encoding="utf-8")
        part.replace(self.folder / "answer.json")

    def _glance(self) -> dict[str, Any]:
        camera = self.editor.camera
        return {
            "round": self._rounds,
            "busy": self.editor.overlay.busy,
            "camera": [camera.x, camera.y, camera.zoom],
        }

    def _everything(self) -> dict[str, Any]:
        editor = self.editor
        document = editor.document
        code = editor.analysis.code
        return {
            "faults": self.guard.faults,
            "model": dumps(document.model).decode(),
            "place": document.path,
            "selection": sorted(document.selection.nodes),
            "edges": sorted(map(str, document.selection.edges)),
            "dialog": type(editor.dialog).__name__ if editor.dialog else "",
            "messages": [one.text for one in editor.look.messages],
            "problems": [str(one) for one in editor.analysis.report.problems],
            "remedies": [
                remedy.text for one in editor.analysis.report.problems for remedy in one.remedies
            ],
            "source": code.source if code and not editor.analysis.stale else "",
            "dirty": editor.session.dirty,
            "path": str(editor.session.path or ""),
            "undo": len(editor.store.history.past),
            "redo": len(editor.store.history.undone),
            "theme": editor.settings.theme,
            "view": [
                editor.camera.left,
                editor.camera.top,
                editor.camera.width,
                editor.camera.height,
            ],
            "nodes": self._nodes(),
            "ports": self._ports(),
            "widgets": _widgets(),
        }

    def _nodes(self) -> dict[str, list[float]]:
        scene, camera = self.editor.scene, self.editor.camera
        found = {}
        for name, figure in scene.nodes.items():
            x, y = camera.to_window(scene.positions[name])
            found[name] = [x, y, figure.size[0] * camera.zoom, figure.size[1] * camera.zoom]
        return found

    def _ports(self) -> dict[str, list[float]]:
        scene, camera = self.editor.scene, self.editor.camera
        found = {}
        for name, figure in scene.nodes.items():
            left, top = scene.positions[name]
            for port in (*figure.inputs, *figure.outputs):
                side = ">" if port.end.is_input else "<"
                place = camera.to_window((left + port.x, top + port.y))
                found[f"{side}{port.end.ref}"] = list(place)
        return found


def _widgets() -> list[dict[str, Any]]:
    """List the widgets on the screen that have a name or a label, with their rectangles."""
    found = []
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
            found.append({"name": names.get(item, ""), "text": text, "kind": kind, "at": rectangle})
    return found
