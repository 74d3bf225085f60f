"""Node cards: what stands on them and where, each at the origin of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import NamedTuple

from builder.canvas.card_model import CardModel
from builder.document.port_end import PortEnd
from builder.graphics.text_metrics import (
    PARAMETER,
    PORT,
    SUBTITLE,
    TITLE,
    Style,
    printable,
    shortened,
    width,
)
from codegen.check.problem import Severity
from nodes.core.graphs.graph import Block, Composite, PortRef
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Kind
from nodes.core.graphs.unknown_node import Unknown

GRID = 10.0
NARROWEST, WIDEST = 140.0, 260.0
HEADER = 50.0
"""How high the heading of a card is, where it can be renamed."""
ROW = 20.0
LINE = 16.0
MOST_LINES = 5
BAR = 12.0
"""Where the bar in the colour of the family stands."""
TEXT = 24.0
"""Where the title begins."""
INSET = 14.0
"""How far texts keep from the edges of the card."""
BETWEEN = 18.0
"""How far the texts of an input and an output on one row keep from each other."""
PILL = 9.0
"""How far the ends of a pill reach beyond its text."""
CHEVRON = 14.0
"""The room for the sign that a node can be entered."""


class CardPort(NamedTuple):
    """A port on the edge of its card.

    Attributes:
        end: the port.
        x, y: where it is, from the upper left corner of the card.
        label: its name, as long as there is room for.
        kind: what is known to go through it.
        connected: an edge ends or begins there.
        optional: it may stay without an edge.
        bad: a problem sits there.
    """

    end: PortEnd
    x: float
    y: float
    label: str
    kind: Kind
    connected: bool = False
    optional: bool = False
    bad: bool = False


@dataclass(frozen=True)
class NodeCard:
    """A card, wherever it lies.

    Attributes:
        name: the node.
        size: its width and height.
        title, subtitle: its name, and its type or the block it places, as far as they fit.
        category: its family.
        inputs, outputs: its ports from top to bottom.
        lines: the parameters that differ from their defaults.
        copies: how many there are in a chain, such as "x 12"; empty for one.
        badge: how bad the worst of its problems is.
        waiting: nothing goes through it, because of the problem of another node.
        bypassed: it is passed over.
        enterable: there is a graph to look into.
        unknown: its type is not installed.
        shared: the copies are one and the same.
    """

    name: str
    size: tuple[float, float]
    title: str
    subtitle: str
    category: Category
    inputs: tuple[CardPort, ...]
    outputs: tuple[CardPort, ...]
    lines: tuple[str, ...] = ()
    copies: str = ""
    badge: Severity | None = None
    waiting: bool = False
    bypassed: bool = False
    enterable: bool = False
    unknown: bool = False
    shared: bool = False

    @cached_property
    def ports(self) -> tuple[CardPort, ...]:
        """Inputs and outputs."""
        return self.inputs + self.outputs

    def find(self, end: PortEnd) -> CardPort | None:
        """Find a port of the card."""
        return self._by_name.get((end.ref.port, end.is_input))

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, bool], CardPort]:
        return {(port.end.ref.port, port.end.is_input): port for port in self.ports}


def figure(card_model: CardModel, last: tuple[CardModel, NodeCard] | None = None) -> NodeCard:
    """Lay out a card: as wide as its texts want, within bounds.

    Args:
        card_model: what it is drawn from.
        last: what was drawn before; taken up again if the same texts stand at the same places.
    """
    if last is not None and texts(last[0]) == texts(card_model):
        return _standing_otherwise(last[1], card_model)
    node = card_model.node
    title, subtitle = printable(card_model.name), printable(type_name(node))
    lines = changed_parameters(node)
    across = _across(card_model, title, subtitle, lines)
    rows = max(len(card_model.inputs), len(card_model.outputs))
    down = HEADER + ROW * rows + (LINE * len(lines) + 6 if lines else 0)
    enterable = isinstance(node, Composite)
    room = across - TEXT - INSET - pill_room(card_model.copies)
    return NodeCard(
        name=card_model.name,
        size=(across, _on_grid(down + 8)),
        title=shortened(title, room, TITLE.size, TITLE.font),
        subtitle=shortened(subtitle, room - CHEVRON * enterable, SUBTITLE.size, SUBTITLE.font),
        category=Category.IO if isinstance(node, Unknown) else node.category,
        inputs=_ports(card_model, True, across),
        outputs=_ports(card_model, False, across),
        lines=tuple(
            shortened(line, across - 2 * INSET, PARAMETER.size, PARAMETER.font) for line in lines
        ),
        copies=card_model.copies,
        badge=card_model.badge,
        waiting=card_model.waiting,
        bypassed=card_model.bypassed,
        enterable=enterable,
        unknown=isinstance(node, Unknown),
        shared=isinstance(node, Composite) and node.share,
    )


def texts(card_model: CardModel) -> tuple[object, ...]:
    """Pick what the layout of a card depends on."""
    ports = [[port.name for port in side] for side in (card_model.inputs, card_model.outputs)]
    return id(card_model.node), card_model.name, card_model.copies, ports


def _standing_otherwise(last: NodeCard, card_model: CardModel) -> NodeCard:
    inputs, outputs = (
        tuple(
            CardPort(one.end, one.x, one.y, one.label, *port[1:])
            for one, port in zip(drawn, side, strict=True)
        )
        for drawn, side in ((last.inputs, card_model.inputs), (last.outputs, card_model.outputs))
    )
    return replace(
        last,
        inputs=inputs,
        outputs=outputs,
        badge=card_model.badge,
        waiting=card_model.waiting,
        bypassed=card_model.bypassed,
    )


def type_name(node: Node) -> str:
    """Say what a node is: its type, or the block it places."""
    if isinstance(node, Unknown):
        return node.type
    return node.block if isinstance(node, Block) else type(node).__name__


def changed_parameters(node: Node) -> tuple[str, ...]:
    """Write the parameters that differ from their defaults, the first few of them."""
    if isinstance(node, Unknown):
        changed: Mapping[str, object] = node.parameters
    else:
        own = type(node).model_fields
        # The block is the subtitle, and a number of copies stands on the pill.
        counted = isinstance(node, Composite) and isinstance(node.repeat, int)
        hidden = {"block", "repeat"} if counted else {"block"}
        written = node.model_dump()
        changed = {
            name: written[name]
            for name, info in own.items()
            if name not in hidden and getattr(node, name) != info.default
        }
    lines = [f"{printable(name)} {_value(value)}" for name, value in changed.items()]
    if len(lines) > MOST_LINES:
        more = len(lines) - MOST_LINES + 1
        lines[MOST_LINES - 1 :] = [f"and {more} more"]
    return tuple(lines)


def pill_room(text: str) -> float:
    """Tell how much of a heading a pill with a text takes."""
    return width(text, SUBTITLE.size, SUBTITLE.font) + 2 * PILL + 8 if text else 0.0


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return printable(str(value))


def _across(card_model: CardModel, title: str, subtitle: str, lines: tuple[str, ...]) -> float:
    """Tell how wide a card is."""
    heading = max(_wide(title, TITLE), _wide(subtitle, SUBTITLE) + CHEVRON)
    wants = [TEXT + heading + INSET + pill_room(card_model.copies)]
    for row in range(max(len(card_model.inputs), len(card_model.outputs))):
        sides = [
            side[row].name for side in (card_model.inputs, card_model.outputs) if row < len(side)
        ]
        between = BETWEEN * (len(sides) - 1)
        wants.append(sum(_wide(name, PORT) for name in sides) + between + 2 * INSET)
    wants += [_wide(line, PARAMETER) + 2 * INSET for line in lines]
    return min(WIDEST, max(NARROWEST, _on_grid(max(wants))))


def _ports(card_model: CardModel, is_input: bool, across: float) -> tuple[CardPort, ...]:
    side = card_model.inputs if is_input else card_model.outputs
    other = card_model.outputs if is_input else card_model.inputs
    found = []
    for row, port in enumerate(side):
        room = across - 2 * INSET
        if row < len(other):
            # Both sides keep to their half, unless the other leaves some of its own.
            room = max((room - BETWEEN) / 2, room - BETWEEN - _wide(other[row].name, PORT))
        found.append(
            CardPort(
                end=PortEnd(PortRef(card_model.name, port.name), is_input),
                x=0.0 if is_input else across,
                y=HEADER + ROW / 2 + ROW * row,
                label=shortened(printable(port.name), room, PORT.size, PORT.font),
                kind=port.kind,
                connected=port.connected,
                optional=port.optional,
                bad=port.bad,
            )
        )
    return tuple(found)


def _wide(text: str, style: Style) -> float:
    return width(text, style.size, style.font)


def _on_grid(length: float) -> float:
    return GRID * ceil(length / GRID)
