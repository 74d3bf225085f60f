"""Boxes sorted by where they are, so that what is near is found without looking at all."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Self, TypeVar

K = TypeVar("K")

Bounds = tuple[float, float, float, float]
"""Left, top, right and bottom."""

CELL = 256.0
MOST_CELLS = 64
"""What covers more cells is kept apart from them."""


@dataclass(frozen=True)
class SpatialIndex(Generic[K]):
    """Boxes by the cells that they touch; a changed one shares the other cells with it.

    Attributes:
        boxes: where each thing is.
        cells: the things that touch each cell.
        large: the things that touch too many.
    """

    boxes: Mapping[K, Bounds] = field(default_factory=dict)
    cells: Mapping[tuple[int, int], frozenset[K]] = field(default_factory=dict)
    large: frozenset[K] = frozenset()

    def changed(self, gone: Collection[K], come: Mapping[K, Bounds]) -> Self:
        """Take things out, and put others in, or the same ones elsewhere."""
        if not gone and not come:
            return self
        fresh: dict[tuple[int, int], set[K]] = {}
        large = set(self.large)
        gone = [key for key in {*gone, *come} if key in self.boxes]
        for keys, boxes, change in ((gone, self.boxes, set.discard), (come, come, set.add)):
            for key in keys:
                touched = _cells(boxes[key])
                if touched is None:
                    change(large, key)
                for cell in touched or ():
                    change(fresh.setdefault(cell, set(self.cells.get(cell, ()))), key)
        boxes = {**self.boxes, **come}
        for key in gone:
            if key not in come:
                del boxes[key]
        cells = {**self.cells, **{cell: frozenset(keys) for cell, keys in fresh.items()}}
        return type(self)(boxes, cells, frozenset(large))

    def touching(self, area: Bounds) -> set[K]:
        """Find what touches an area."""
        cells = _cells(area)
        if cells is None:
            candidates: Iterable[K] = self.boxes
        else:
            candidates = self.large.union(*(self.cells.get(cell, ()) for cell in cells))
        return {key for key in candidates if intersect(self.boxes[key], area)}


def bounding_box(boxes: Iterable[Bounds]) -> Bounds:
    """Find the least box around boxes, of which there is at least one."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def expanded(box: Bounds, by: float) -> Bounds:
    """Make a box larger on every side."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def intersect(one: Bounds, other: Bounds) -> bool:
    """Tell whether two boxes have a point in common."""
    across = one[0] <= other[2] and other[0] <= one[2]
    return across and one[1] <= other[3] and other[1] <= one[3]


def encloses(inner: Bounds, outer: Bounds) -> bool:
    """Tell whether a box lies wholly in another."""
    across = outer[0] <= inner[0] and inner[2] <= outer[2]
    return across and outer[1] <= inner[1] and inner[3] <= outer[3]


def contains(box: Bounds, point: tuple[float, float]) -> bool:
    """Tell whether a point lies in a box."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _cells(box: Bounds) -> list[tuple[int, int]] | None:
    """List the cells that a box touches; None for too many."""
    left, top, right, bottom = (int(length // CELL) for length in box)
    if (right - left + 1) * (bottom - top + 1) > MOST_CELLS:
        return None
    return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
