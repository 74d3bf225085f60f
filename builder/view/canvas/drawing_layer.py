"""A layer of pictures, each of which is drawn anew when what it shows is another."""

from bisect import bisect, insort
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import Point, Shape
from builder.view.canvas.draw_list import ink

Tag = int | str
K = TypeVar("K", bound=Hashable)
Look = tuple
"""All that a picture depends on but its place: the arguments of the function that draws it."""


@dataclass(slots=True)
class _Picture:
    """A picture on the sheet: how it looks, where it lies, and how far up."""

    item: Tag
    look: Look
    place: Point
    rank: int


class DrawingLayer(Generic[K]):
    """Pictures by name; what is on the sheet already is kept as long as it looks the same.

    Args:
        parent: the plot.
        draw: makes the shapes of a picture from its look.
    """

    def __init__(self, parent: Tag, draw: Callable[..., Iterable[Shape]]) -> None:
        self._draw = draw
        self._layer = dpg.add_draw_layer(parent=parent)
        self._pictures: dict[K, _Picture] = {}
        self._order: list[tuple[int, Tag]] = []
        self._ranks: Mapping[K, int] | None = None
        self._visible = True

    def __len__(self) -> int:
        return len(self._pictures)

    def see(self, visible: bool) -> None:
        """Show or hide the whole sheet."""
        if visible != self._visible:
            self._visible = visible
            dpg.configure_item(self._layer, show=visible)

    def show(self, looks: Mapping[K, Look], budget: int) -> int:
        """Show pictures in the place of those before, those that were there first.

        Args:
            looks: what each picture shows.
            budget: after so many shapes the rest has to wait.

        Returns:
            What is left of the budget; less than nothing if anything has to wait.
        """
        for key in self._pictures.keys() - looks.keys():
            self._remove(key)
        known = self._pictures
        due = [key for key, look in looks.items() if key not in known or known[key].look != look]
        due.sort(key=lambda key: key not in known)
        for key in due:
            if budget <= 0:
                return -1
            budget -= self._redraw(key, looks[key])
        return budget

    def place(self, places: Mapping[K, Point]) -> None:
        """Put the pictures where they lie."""
        for key, picture in self._pictures.items():
            at = places[key]
            if at != picture.place:
                picture.place = at
                dpg.apply_transform(picture.item, dpg.create_translation_matrix(at))

    def rank(self, ranks: Mapping[K, int]) -> None:
        """Tell how far up each picture is to lie: those that come are put in between."""
        if ranks is self._ranks:
            return
        self._ranks = ranks
        for key, picture in self._pictures.items():
            picture.rank = ranks.get(key, 0)
        self._order = sorted((one.rank, one.item) for one in self._pictures.values())

    def _redraw(self, key: K, look: Look) -> int:
        picture = self._pictures.get(key)
        if picture is None:
            rank = self._ranks[key] if self._ranks else 0
            picture = _Picture(self._item(rank), look, (0.0, 0.0), rank)
            self._pictures[key] = picture
            insort(self._order, (rank, picture.item))
        else:
            picture.look = look
            dpg.delete_item(picture.item, children_only=True)
        return ink(self._draw(*look), picture.item)

    def _item(self, rank: int) -> Tag:
        above = bisect(self._order, rank, key=lambda one: one[0])
        if self._ranks and above < len(self._order):
            return dpg.add_draw_node(parent=self._layer, before=self._order[above][1])
        return dpg.add_draw_node(parent=self._layer)

    def _remove(self, key: K) -> None:
        picture = self._pictures.pop(key)
        self._order.remove((picture.rank, picture.item))
        dpg.delete_item(picture.item)
