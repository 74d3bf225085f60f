"""The overlay: what a gesture shows over the scene while it is in progress."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind


@dataclass(frozen=True, slots=True)
class HitResult:
    """The item at a point: a port, a node, an edge, a comment, or nothing.

    Attributes:
        end: a port.
        node: a node, ``title`` if on its title.
        edge: an edge, by its target; ``near_end`` if close to the target.
        comment: a comment, or the heading or border of a frame; ``corner`` if on the resize handle.
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


NO_HIT = HitResult()


@dataclass(frozen=True, slots=True)
class DraggedEdge:
    """An edge that is dragged from a port to the pointer, in canvas units."""

    start: PortEnd
    at: Point
    kind: Kind


@dataclass(frozen=True)
class Overlay:
    """What is drawn over the scene.

    Attributes:
        hover: the item under the pointer.
        marquee: two corners of the marquee, in canvas units.
        dragged_edges: the edges being dragged; several if all edges of a port are moved.
        connection_errors: for each port in view, why the dragged edge cannot connect to it, or ""
            if it can.
        snapped: the port that the edge would connect to now.
        highlighted_edge: the edge that a dropped node would be inserted on.
        stroke: the line of the cut tool, in canvas units.
        guides: alignment guides, in canvas units.
        ghost: the palette item being dragged, and the upper left corner of its card.
        tooltip: a text beside the pointer, such as why an edge does not fit.
        busy: a gesture is in progress.
    """

    hover: HitResult = NO_HIT
    marquee: tuple[Point, Point] | None = None
    dragged_edges: tuple[DraggedEdge, ...] = ()
    connection_errors: Mapping[PortEnd, str] = field(default_factory=dict)
    snapped: PortEnd | None = None
    highlighted_edge: PortRef | None = None
    stroke: tuple[Point, ...] = ()
    guides: tuple[tuple[Point, Point], ...] = ()
    ghost: tuple[str, Point] | None = None
    tooltip: str = ""
    busy: bool = False


NO_OVERLAY = Overlay()
