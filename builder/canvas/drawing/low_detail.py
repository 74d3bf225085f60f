"""The whole graph as it is seen from far away: patches and strands, sorted by colour.

From there thousands of cards are in view, and none can be read.  They are drawn as a few large
figures, one for each colour, which cost next to nothing: see `Strip` and `Strand`.
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

RIM = 12.0
"""How far the mark of a selected or wrong card stands out, in canvas units."""
PIECES = 4
"""How many straight pieces a curve is made of."""


class Strip(NamedTuple):
    """Rectangles as one ribbon, which is nowhere high between one and the next.

    Attributes:
        xs, lows, highs: where the ribbon begins and ends at each x.
    """

    xs: list[float]
    lows: list[float]
    highs: list[float]


class Strand(NamedTuple):
    """Curves as pieces of lines: each point begins a piece or ends it, in turns."""

    xs: list[float]
    ys: list[float]


def strip(boxes: Iterable[Bounds], least: float = 0.0) -> Strip:
    """Make one ribbon of boxes, none of them less wide or high than so much."""
    found = Strip([], [], [])
    for left, top, right, bottom in boxes:
        low, high = max(right, left + least), max(bottom, top + least)
        found.xs.extend((left, left, low, low))
        found.lows.extend((top, top, top, top))
        found.highs.extend((top, high, high, top))
    return found


def patches(scene: Scene, theme: Theme, least: float = 0.0) -> Mapping[Colour, Strip]:
    """Make the cards, each in the colour of its family."""
    sorted_: dict[Colour, list[Bounds]] = {}
    for name, figure in scene.nodes.items():
        sorted_.setdefault(patch_colour(figure, theme), []).append(scene.bounds(name))
    return {colour: strip(boxes, least) for colour, boxes in sorted_.items()}


def patch_colour(figure: NodeCard, theme: Theme) -> Colour:
    """Tell the colour of a card seen from far away."""
    colour = mixed(theme.card, theme.families[figure.category], 0.6)
    return mixed(colour, theme.canvas, 0.45) if figure.waiting or figure.bypassed else colour


def rims(scene: Scene, selection: Selection, theme: Theme) -> Mapping[Colour, Strip]:
    """Make what stands out from under the cards that are wrong, or selected."""
    wrong: dict[Colour, list[Bounds]] = {}
    for name, figure in scene.nodes.items():
        if figure.badge is not None and name not in selection.nodes:
            box = expanded(scene.bounds(name), RIM)
            wrong.setdefault(badge_colour(figure.badge, theme), []).append(box)
    chosen = [expanded(scene.bounds(name), RIM) for name in selection.nodes if name in scene.nodes]
    return {colour: strip(boxes) for colour, boxes in {**wrong, theme.accent: chosen}.items()}


def badge_colour(severity: Severity, theme: Theme) -> Colour:
    """Tell the colour of how bad something is."""
    return theme.error if severity is Severity.ERROR else theme.warning


class Strands:
    """Makes the edges, and keeps what it made of those that stay the same."""

    def __init__(self) -> None:
        self._known: dict[PortRef, tuple[EdgePath, Strand]] = {}

    def make(self, scene: Scene, selection: Selection, theme: Theme) -> Mapping[Colour, Strand]:
        """Make the edges of a scene, each in the colour of what it carries."""
        known: dict[PortRef, tuple[EdgePath, Strand]] = {}
        sorted_: dict[Colour, list[Strand]] = {}
        for target, edge in scene.edges.items():
            last = self._known.get(target)
            one = last if last and last[0] is edge else (edge, strand(edge))
            known[target] = one
            chosen = target in selection.edges
            colour = theme.accent if chosen else edge_colour(edge, theme)
            sorted_.setdefault(colour, []).append(one[1])
        self._known = known
        return {
            colour: Strand(
                list(chain.from_iterable(one.xs for one in strands)),
                list(chain.from_iterable(one.ys for one in strands)),
            )
            for colour, strands in sorted_.items()
        }


def edge_colour(edge: EdgePath, theme: Theme) -> Colour:
    """Tell the colour of an edge seen from far away."""
    if edge.bad:
        return theme.error
    return faded(theme.kinds[edge.kind], 0.35 if edge.waiting else 0.8)


def strand(edge: EdgePath) -> Strand:
    """Make straight pieces of an edge."""
    points: list[Point] = [edge.points[0]]
    for first in range(0, len(edge.points) - 1, 3):
        curve = edge.points[first : first + 4]
        points += [bezier(curve, step / PIECES) for step in range(1, PIECES)]
        points.append(curve[-1])
    pieces = [point for piece in pairwise(points) for point in piece]
    return Strand([x for x, _ in pieces], [y for _, y in pieces])
