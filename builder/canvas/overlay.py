"""What a gesture shows over the graph while it lasts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind


@dataclass(frozen=True, slots=True)
class HitResult:
    """What lies under the pointer; at most one of the parts is there.

    Attributes:
        end: a port.
        node: a node, ``title`` if on its title.
        edge: an edge, by the port where it ends; ``near_end`` if close to that port.
        comment: a frame's heading or border, or a comment; ``corner`` if on its lower right corner.
    """

    end: PortEnd | None = None
    node: str = ""
    title: bool = False
    edge: PortRef | None = None
    near_end: bool = False
    comment: str = ""
    corner: bool = False

    def __bool__(self) -> bool:
        return bool(self.end or self.node or self.edge or self.comment)


EMPTY = HitResult()


@dataclass(frozen=True, slots=True)
class DraggedEdge:
    """An edge while it is drawn, from a port to the pointer; canvas units."""

    start: PortEnd
    at: Point
    kind: Kind


@dataclass(frozen=True)
class Overlay:
    """All that is shown over the graph.

    Attributes:
        hover: what lies under the pointer.
        marquee: two corners of a selection box, canvas units.
        dragged_edges: the edges being drawn, several when all edges of a port are moved.
        verdicts: of every port that the edge being drawn could end at: "" where it fits, else why
            it does not.
        snapped: the port at which the edge would end now.
        lit: the edge that a node would be put on if it were dropped now.
        stroke: the line that cuts edges, canvas units.
        guides: lines that show what is aligned, canvas units.
        ghost: a node type carried from the palette, and where its upper left corner would be.
        tip: a text beside the pointer, such as why an edge does not fit.
        busy: a gesture is going on.
    """

    hover: HitResult = EMPTY
    marquee: tuple[Point, Point] | None = None
    dragged_edges: tuple[DraggedEdge, ...] = ()
    verdicts: Mapping[PortEnd, str] = field(default_factory=dict)
    snapped: PortEnd | None = None
    lit: PortRef | None = None
    stroke: tuple[Point, ...] = ()
    guides: tuple[tuple[Point, Point], ...] = ()
    ghost: tuple[str, Point] | None = None
    tip: str = ""
    busy: bool = False


QUIET = Overlay()
