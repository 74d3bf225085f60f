"""A spatial index: boxes in a grid of cells, so that those near a point are found quickly."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Self, TypeVar

K = TypeVar("K")

Bounds = tuple[float, float, float, float]
"""Left, top, right and bottom."""

CELL_SIZE = 256.0
MAX_CELLS = 64
"""A box that touches more cells is kept in a list of its own."""


@dataclass(frozen=True)
class SpatialIndex(Generic[K]):
    """An immutable index of boxes; an updated one shares the unchanged cells.

    Attributes:
        boxes: the boxes by key.
        cells: the keys of the boxes that touch each cell.
        large: the keys of the boxes that touch too many cells.
    """

    boxes: Mapping[K, Bounds] = field(default_factory=dict)
    cells: Mapping[tuple[int, int], frozenset[K]] = field(default_factory=dict)
    large: frozenset[K] = frozenset()

    def changed(self, removed: Collection[K], added: Mapping[K, Bounds]) -> Self:
        """Remove boxes, and add or move others."""
        if not removed and not added:
            return self
        changed: dict[tuple[int, int], set[K]] = {}
        large = set(self.large)
        removed = [key for key in {*removed, *added} if key in self.boxes]
        for keys, boxes, change in ((removed, self.boxes, set.discard), (added, added, set.add)):
            for key in keys:
                touched = _cells(boxes[key])
                if touched is None:
                    change(large, key)
                for cell in touched or ():
                    change(changed.setdefault(cell, set(self.cells.get(cell, ()))), key)
        boxes = {**self.boxes, **added}
        for key in removed:
            if key not in added:
                del boxes[key]
        cells = {**self.cells, **{cell: frozenset(keys) for cell, keys in changed.items()}}
        return type(self)(boxes, cells, frozenset(large))

    def touching(self, area: Bounds) -> set[K]:
        """Return the keys of the boxes that intersect an area."""
        cells = _cells(area)
        if cells is None:
            candidates: Iterable[K] = self.boxes
        else:
            candidates = self.large.union(*(self.cells.get(cell, ()) for cell in cells))
        return {key for key in candidates if intersect(self.boxes[key], area)}


def bounding_box(boxes: Iterable[Bounds]) -> Bounds:
    """Return the bounding box of boxes, of which there is at least one."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def expanded(box: Bounds, margin: float) -> Bounds:
    """Expand a box on every side."""
    return box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin


def intersect(first: Bounds, second: Bounds) -> bool:
    """Return whether two boxes have a point in common."""
    horizontally = first[0] <= second[2] and second[0] <= first[2]
    return horizontally and first[1] <= second[3] and second[1] <= first[3]


def encloses(inner: Bounds, outer: Bounds) -> bool:
    """Return whether a box lies wholly in another."""
    horizontally = outer[0] <= inner[0] and inner[2] <= outer[2]
    return horizontally and outer[1] <= inner[1] and inner[3] <= outer[3]


def contains(box: Bounds, point: tuple[float, float]) -> bool:
    """Return whether a point lies in a box."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def is_large(area: Bounds) -> bool:
    """Return whether every box of an index is searched for those that intersect an area."""
    return _cells(area) is None


def _cells(box: Bounds) -> list[tuple[int, int]] | None:
    """Return the cells that a box touches; None if they are too many."""
    left, top, right, bottom = (int(length // CELL_SIZE) for length in box)
    if (right - left + 1) * (bottom - top + 1) > MAX_CELLS:
        return None
    return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
