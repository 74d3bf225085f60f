"""The lowest level of detail: all cards and edges as a few batches, one for each colour.

At small zooms thousands of cards are in view.  A batch is drawn as one series, at nearly no cost:
see `BoxBatch` and `LineBatch`.
"""

from collections.abc import Iterable, Mapping
from itertools import chain, pairwise
from typing import NamedTuple

from builder.canvas.card import NodeCard
from builder.canvas.edge_path import EdgePath
from builder.canvas.edge_routing import bezier
from builder.canvas.scene import Scene
from builder.document.document import Selection
from builder.graphics.shapes import Colour, Point
from builder.graphics.theme import Theme, faded, mixed
from builder.layout.spatial_index import Bounds, expanded
from codegen.check import Severity
from nodes.core.graphs.graph import PortRef

OUTLINE = 12.0
"""The width of the outline of a selected card, or one with problems, in canvas units."""
SEGMENTS = 4
"""The number of line segments that approximate a curve."""
MOST_CURVES = 20_000
"""The most edges of a scene that are drawn as curves; at this size, curves cannot be told apart."""


class BoxBatch(NamedTuple):
    """Boxes as one shaded area, whose height is 0 between two boxes.

    Attributes:
        xs, lows, highs: the lower and the upper bound of the area at each x.
    """

    xs: list[float]
    lows: list[float]
    highs: list[float]


class LineBatch(NamedTuple):
    """Curves as line segments: each pair of points is a segment."""

    xs: list[float]
    ys: list[float]


def batch_boxes(boxes: Iterable[Bounds], min_size: float = 0.0) -> BoxBatch:
    """Make a batch of boxes, each enlarged to the minimum size."""
    batch = BoxBatch([], [], [])
    for left, top, right, bottom in boxes:
        x, y = max(right, left + min_size), max(bottom, top + min_size)
        batch.xs.extend((left, left, x, x))
        batch.lows.extend((top, top, top, top))
        batch.highs.extend((top, y, y, top))
    return batch


def batch_cards(scene: Scene, theme: Theme, min_size: float = 0.0) -> Mapping[Colour, BoxBatch]:
    """Batch the cards by the colours of their categories."""
    boxes_by_colour: dict[Colour, list[Bounds]] = {}
    for name, card in scene.nodes.items():
        boxes_by_colour.setdefault(card_colour(card, theme), []).append(scene.bounds(name))
    return {colour: batch_boxes(boxes, min_size) for colour, boxes in boxes_by_colour.items()}


def card_colour(card: NodeCard, theme: Theme) -> Colour:
    """Return the colour of a card."""
    colour = mixed(theme.card, theme.categories[card.category], 0.6)
    return mixed(colour, theme.canvas, 0.45) if card.waiting or card.bypassed else colour


def batch_outlines(scene: Scene, selection: Selection, theme: Theme) -> Mapping[Colour, BoxBatch]:
    """Batch the outlines of the cards that have problems or are selected."""
    problems: dict[Colour, list[Bounds]] = {}
    for name, card in scene.nodes.items():
        if card.badge is not None and name not in selection.nodes:
            box = expanded(scene.bounds(name), OUTLINE)
            problems.setdefault(badge_colour(card.badge, theme), []).append(box)
    selected = [
        expanded(scene.bounds(name), OUTLINE) for name in selection.nodes if name in scene.nodes
    ]
    return {
        colour: batch_boxes(boxes) for colour, boxes in {**problems, theme.accent: selected}.items()
    }


def badge_colour(severity: Severity, theme: Theme) -> Colour:
    """Return the colour of a severity."""
    return theme.error if severity is Severity.ERROR else theme.warning


class EdgeBatcher:
    """Batches edges, and caches the line segments of those that do not change."""

    def __init__(self) -> None:
        self._cache: dict[PortRef, tuple[EdgePath, LineBatch]] = {}

    def make(self, scene: Scene, selection: Selection, theme: Theme) -> Mapping[Colour, LineBatch]:
        """Batch the edges of a scene by the colours of their kinds."""
        cache: dict[PortRef, tuple[EdgePath, LineBatch]] = {}
        lines_of = edge_lines if len(scene.edges) <= MOST_CURVES else straight_line
        lines_by_colour: dict[Colour, list[LineBatch]] = {}
        for target, edge in scene.edges.items():
            last = self._cache.get(target)
            entry = last if last and last[0] is edge else (edge, lines_of(edge))
            cache[target] = entry
            selected = target in selection.edges
            colour = theme.accent if selected else edge_colour(edge, theme)
            lines_by_colour.setdefault(colour, []).append(entry[1])
        self._cache = cache
        return {
            colour: LineBatch(
                list(chain.from_iterable(lines.xs for lines in batch)),
                list(chain.from_iterable(lines.ys for lines in batch)),
            )
            for colour, batch in lines_by_colour.items()
        }


def edge_colour(edge: EdgePath, theme: Theme) -> Colour:
    """Return the colour of an edge."""
    if edge.bad:
        return theme.error
    return faded(theme.kinds[edge.kind], 0.35 if edge.waiting else 0.8)


def straight_line(edge: EdgePath) -> LineBatch:
    """Return the line from one end of an edge to the other."""
    (x, y), (end_x, end_y) = edge.points[0], edge.points[-1]
    return LineBatch([x, end_x], [y, end_y])


def edge_lines(edge: EdgePath) -> LineBatch:
    """Approximate an edge by line segments."""
    points: list[Point] = [edge.points[0]]
    for first in range(0, len(edge.points) - 1, 3):
        curve = edge.points[first : first + 4]
        points += [bezier(curve, step / SEGMENTS) for step in range(1, SEGMENTS)]
        points.append(curve[-1])
    ends = [point for segment in pairwise(points) for point in segment]
    return LineBatch([x for x, _ in ends], [y for _, y in ends])
