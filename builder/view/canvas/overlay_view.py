"""Shows over the graph what the gesture at hand tells, and what is said of what is pointed at."""

import time

import dearpygui.dearpygui as dpg

from builder.canvas.card import NodeCard
from builder.canvas.drawing.draw_overlay import DrawContext, draw_overlay, draw_tooltip
from builder.canvas.gestures.palette_drag import find_search_item
from builder.canvas.overlay import NO_HIT
from builder.canvas.scene import SceneMaker
from builder.editor.editor import Editor
from builder.editor.tooltip import tooltip
from builder.view.canvas.draw_list import ink
from builder.view.canvas.plot_view import PlotView
from nodes.core.graphs.graph import Graph, Model

PATIENCE = 0.5
"""How long the pointer rests before it is told what lies under it, in seconds."""


class OverlayView:
    """A layer over the graph, drawn anew when anything on it is another."""

    def __init__(self, editor: Editor, lens: PlotView) -> None:
        self.editor = editor
        self._layer = dpg.add_draw_layer(parent=lens.plot)
        self._drawn: tuple[object, ...] = ()
        self._rests: tuple[tuple[object, ...], float] = ((), 0.0)
        self._card: tuple[tuple[str, Model], NodeCard | None] | None = None

    def update(self) -> None:
        """Show what there is to show."""
        editor = self.editor
        overlay, text = editor.overlay, self._text()
        at = editor.view_state.pointer if text else None
        looks = overlay, editor.scene, editor.camera, editor.theme, editor.settings.scale, text, at
        if looks == self._drawn:
            return
        self._drawn = looks
        dpg.delete_item(self._layer, children_only=True)
        easel = DrawContext(editor.scene, editor.camera, editor.theme, editor.settings.scale)
        ink(draw_overlay(overlay, easel, self._ghost()), self._layer)
        if text:
            ink(draw_tooltip(text, at, easel), self._layer)

    def _text(self) -> str:
        """Say what the gesture says, or what lies under a pointer that has rested."""
        editor, overlay = self.editor, self.editor.overlay
        if overlay.tooltip:
            return overlay.tooltip
        rests = overlay.hover, editor.view_state.pointer, editor.document
        now = time.monotonic()
        if rests != self._rests[0]:
            self._rests = rests, now
        idle = overlay.busy or overlay.hover == NO_HIT or editor.dialog is not None
        if idle or now - self._rests[1] < PATIENCE:
            return ""
        return tooltip(overlay.hover, editor.scene, editor.active_graph)

    def _ghost(self) -> NodeCard | None:
        """Make the card of what is carried from the palette."""
        ghost, document = self.editor.overlay.ghost, self.editor.document
        if ghost is None:
            return None
        key = ghost[0], document.model
        if self._card is None or self._card[0] != key:
            entry = find_search_item(document, ghost[0])
            figure = None
            if entry is not None:
                alone = Graph({entry.name: entry.node})
                scene = SceneMaker().make(alone, {}, {}, document.model, None, None, "")
                figure = scene.nodes[entry.name]
            self._card = key, figure
        return self._card[1]
