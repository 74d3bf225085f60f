"""Draws the overlay of the active gesture, and tooltips, over the graph."""

import time

import dearpygui.dearpygui as dpg

from builder.canvas.card import NodeCard
from builder.canvas.drawing.draw_overlay import DrawContext, draw_overlay, draw_tooltip
from builder.canvas.gestures.palette_drag import find_search_item
from builder.canvas.overlay import NO_HIT
from builder.canvas.scene import SceneMaker
from builder.editor.editor import Editor
from builder.editor.tooltip import tooltip
from builder.view.canvas.draw_list import draw_shapes
from builder.view.canvas.plot_view import PlotView
from nodes.core.graphs.graph import Graph, Model

TOOLTIP_DELAY = 0.5
"""Seconds that the pointer rests before a tooltip appears."""


class OverlayView:
    """A layer over the graph, redrawn when anything on it changes."""

    def __init__(self, editor: Editor, plot_view: PlotView) -> None:
        self.editor = editor
        self._layer = dpg.add_draw_layer(parent=plot_view.plot)
        self._drawn: tuple[object, ...] = ()
        self._resting: tuple[tuple[object, ...], float] = ((), 0.0)
        self._ghost_card: tuple[tuple[str, Model], NodeCard | None] | None = None

    def update(self) -> None:
        """Redraw the overlay and the tooltip if they have changed."""
        editor = self.editor
        overlay, text, pointer = editor.overlay, self._tooltip(), editor.view_state.pointer
        context = DrawContext(editor.scene, editor.camera, editor.theme, editor.settings.scale)
        drawn = overlay, context, text, pointer if text else None
        if drawn == self._drawn:
            return
        self._drawn = drawn
        dpg.delete_item(self._layer, children_only=True)
        draw_shapes(draw_overlay(overlay, context, self._ghost()), self._layer)
        if text:
            draw_shapes(draw_tooltip(text, pointer, context), self._layer)

    def _tooltip(self) -> str:
        """Return the message of the gesture, or the tooltip of what the pointer rests on."""
        editor, overlay = self.editor, self.editor.overlay
        if overlay.tooltip:
            return overlay.tooltip
        watched = overlay.hover, editor.view_state.pointer, editor.document
        now = time.monotonic()
        if watched != self._resting[0]:
            self._resting = watched, now
        suppressed = overlay.busy or overlay.hover == NO_HIT or editor.dialog is not None
        if suppressed or now - self._resting[1] < TOOLTIP_DELAY:
            return ""
        return tooltip(overlay.hover, editor.scene, editor.active_graph)

    def _ghost(self) -> NodeCard | None:
        """Return the card of the node that is dragged from the palette."""
        ghost, document = self.editor.overlay.ghost, self.editor.document
        if ghost is None:
            return None
        key = ghost[0], document.model
        if self._ghost_card is None or self._ghost_card[0] != key:
            entry = find_search_item(document, ghost[0])
            card = None
            if entry is not None:
                graph = Graph({entry.name: entry.node})
                scene = SceneMaker().make(graph, {}, {}, document.model, None, None, "")
                card = scene.nodes[entry.name]
            self._ghost_card = key, card
        return self._ghost_card[1]
