"""A layer of drawings, each of which is redrawn only when the arguments it is drawn from change."""

from bisect import bisect, insort
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, TypeVarTuple

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import Point, Shape
from builder.view.canvas.draw_list import draw_shapes
from builder.view.widgets.tag import Tag

K = TypeVar("K", bound=Hashable)
Arguments = TypeVarTuple("Arguments")


@dataclass(slots=True)
class _Drawing(Generic[*Arguments]):
    """A draw node: the arguments it was drawn from, its position, and its rank in the z order."""

    item: Tag
    arguments: tuple[*Arguments]
    position: Point
    rank: int


class DrawingLayer(Generic[K, *Arguments]):
    """Drawings by key, each in a draw node of its own that can be moved without redrawing.

    Args:
        parent: the plot.
        draw: makes the shapes of a drawing; it must depend on its arguments alone.
    """

    def __init__(self, parent: Tag, draw: Callable[[*Arguments], Iterable[Shape]]) -> None:
        self._draw = draw
        self._layer = dpg.add_draw_layer(parent=parent)
        self._drawings: dict[K, _Drawing[*Arguments]] = {}
        self._z_order: list[tuple[int, Tag]] = []
        self._ranks: Mapping[K, int] | None = None
        self._visible = True

    def __len__(self) -> int:
        return len(self._drawings)

    def set_visible(self, visible: bool) -> None:
        """Show or hide the whole layer."""
        if visible != self._visible:
            self._visible = visible
            dpg.configure_item(self._layer, show=visible)

    def show(self, arguments: Mapping[K, tuple[*Arguments]], budget: int) -> int:
        """Replace the drawings; those that are on the layer already are redrawn first.

        Args:
            arguments: what each drawing is drawn from.
            budget: the number of shapes after which the rest is left for the next frame.

        Returns:
            The rest of the budget; negative if drawings are left for the next frame.
        """
        for key in self._drawings.keys() - arguments.keys():
            self._remove(key)
        drawings = self._drawings
        changed = [
            key
            for key, new in arguments.items()
            if key not in drawings or drawings[key].arguments != new
        ]
        changed.sort(key=lambda key: key not in drawings)
        for key in changed:
            if budget <= 0:
                return -1
            budget -= self._redraw(key, arguments[key])
        return budget

    def set_positions(self, positions: Mapping[K, Point]) -> None:
        """Move the drawings to their positions."""
        for key, drawing in self._drawings.items():
            position = positions[key]
            if position != drawing.position:
                drawing.position = position
                dpg.apply_transform(drawing.item, dpg.create_translation_matrix(position))

    def set_ranks(self, ranks: Mapping[K, int]) -> None:
        """Set the z order: drawings that are added later are inserted by their rank."""
        if ranks is self._ranks:
            return
        self._ranks = ranks
        for key, drawing in self._drawings.items():
            drawing.rank = ranks.get(key, 0)
        self._z_order = sorted((drawing.rank, drawing.item) for drawing in self._drawings.values())

    def _redraw(self, key: K, arguments: tuple[*Arguments]) -> int:
        drawing = self._drawings.get(key)
        if drawing is None:
            rank = self._ranks[key] if self._ranks else 0
            drawing = _Drawing(self._add_node(rank), arguments, (0.0, 0.0), rank)
            self._drawings[key] = drawing
            insort(self._z_order, (rank, drawing.item))
        else:
            drawing.arguments = arguments
            dpg.delete_item(drawing.item, children_only=True)
        return draw_shapes(self._draw(*arguments), drawing.item)

    def _add_node(self, rank: int) -> Tag:
        above = bisect(self._z_order, rank, key=lambda entry: entry[0])
        if self._ranks and above < len(self._z_order):
            return dpg.add_draw_node(parent=self._layer, before=self._z_order[above][1])
        return dpg.add_draw_node(parent=self._layer)

    def _remove(self, key: K) -> None:
        drawing = self._drawings.pop(key)
        self._z_order.remove((drawing.rank, drawing.item))
        dpg.delete_item(drawing.item)
