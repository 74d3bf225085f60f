"""Node cards and their layout, in coordinates of the card."""

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
from nodes.core.graphs.unknown_node import Unknown, node_type

GRID = 10.0
MIN_WIDTH, MAX_WIDTH = 140.0, 260.0
HEADER = 50.0
"""The height of a card's heading; a double click on it renames the node."""
ROW = 20.0
LINE = 16.0
MAX_LINES = 5
BAR = 12.0
"""The x of the bar in the colour of the category."""
TEXT = 24.0
"""The x of the title."""
INSET = 14.0
"""Between text and the edges of the card."""
COLUMN_GAP = 18.0
"""Between the labels of an input and an output in one row."""
PILL = 9.0
"""The padding of a pill, left and right of its text."""
CHEVRON = 14.0
"""The width of the mark on nodes that contain a graph."""


class CardPort(NamedTuple):
    """A port on the edge of its card.

    Attributes:
        end: the port.
        x, y: its position, relative to the upper left corner of the card.
        label: its name, shortened to the card.
        kind: the declared or inferred kind.
        connected: it has an edge.
        optional: it needs no edge.
        bad: it has an error.
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
    """A card, laid out.

    Attributes:
        name: the node.
        size: its width and height.
        title, subtitle: its name, and its type or block, shortened to the card.
        category: the category of its type.
        inputs, outputs: its ports, from top to bottom.
        lines: the parameters that differ from their defaults.
        copies: the number of repetitions, such as "x 12"; empty for one.
        badge: the severity of its worst problem.
        waiting: it waits for the problem of another node.
        bypassed: it is bypassed.
        enterable: it contains a graph that can be opened.
        unknown: its type is not installed.
        shared: the repetitions share their weights.
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


def lay_out_card(card_model: CardModel, last: tuple[CardModel, NodeCard] | None = None) -> NodeCard:
    """Lay out a card, as wide as its texts need, between the minimum and the maximum width.

    Args:
        card_model: the content of the card.
        last: the last card of the node, whose layout is reused if it still applies.
    """
    if last is not None and layout_key(last[0]) == layout_key(card_model):
        return _with_state(last[1], card_model)
    node = card_model.node
    title, subtitle = printable(card_model.name), printable(type_name(node))
    lines = changed_parameters(node)
    card_width = _card_width(card_model, title, subtitle, lines)
    rows = max(len(card_model.inputs), len(card_model.outputs))
    down = HEADER + ROW * rows + (LINE * len(lines) + 6 if lines else 0)
    enterable = isinstance(node, Composite)
    available_width = card_width - TEXT - INSET - pill_width(card_model.copies)
    return NodeCard(
        name=card_model.name,
        size=(card_width, _on_grid(down + 8)),
        title=shortened(title, available_width, TITLE.size, TITLE.font),
        subtitle=shortened(
            subtitle, available_width - CHEVRON * enterable, SUBTITLE.size, SUBTITLE.font
        ),
        category=node_type(node).category,
        inputs=_ports(card_model, True, card_width),
        outputs=_ports(card_model, False, card_width),
        lines=tuple(
            shortened(line, card_width - 2 * INSET, PARAMETER.size, PARAMETER.font)
            for line in lines
        ),
        copies=card_model.copies,
        badge=card_model.badge,
        waiting=card_model.waiting,
        bypassed=card_model.bypassed,
        enterable=enterable,
        unknown=isinstance(node, Unknown),
        shared=isinstance(node, Composite) and node.share,
    )


def layout_key(card_model: CardModel) -> tuple[object, ...]:
    """Return what the layout of a card depends on."""
    ports = [[port.name for port in side] for side in (card_model.inputs, card_model.outputs)]
    return id(card_model.node), card_model.name, card_model.copies, ports


def _with_state(last: NodeCard, card_model: CardModel) -> NodeCard:
    """Update kinds, connections and problems of a card whose layout is unchanged."""
    inputs, outputs = (
        tuple(
            CardPort(old.end, old.x, old.y, old.label, *port[1:])
            for old, port in zip(ports, side, strict=True)
        )
        for ports, side in ((last.inputs, card_model.inputs), (last.outputs, card_model.outputs))
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
    """Return the type of a node, or the name of its block."""
    if isinstance(node, Unknown):
        return node.type
    return node.block if isinstance(node, Block) else type(node).__name__


def changed_parameters(node: Node) -> tuple[str, ...]:
    """Format the parameters that differ from their defaults, at most `MAX_LINES`."""
    if isinstance(node, Unknown):
        changed: Mapping[str, object] = node.parameters
    else:
        declared = type(node).model_fields
        # The subtitle shows the block, and the pill a constant number of copies.
        has_pill = isinstance(node, Composite) and isinstance(node.repeat, int)
        hidden = {"block", "repeat"} if has_pill else {"block"}
        values = {**node.model_dump(), **node.size_texts()}
        changed = {
            name: values[name]
            for name, info in declared.items()
            if name not in hidden and getattr(node, name) != info.default
        }
    lines = [f"{printable(name)} {_value(value)}" for name, value in changed.items()]
    if len(lines) > MAX_LINES:
        more = len(lines) - MAX_LINES + 1
        lines[MAX_LINES - 1 :] = [f"and {more} more"]
    return tuple(lines)


def pill_width(text: str) -> float:
    """Return the width that a pill takes from a heading."""
    return width(text, SUBTITLE.size, SUBTITLE.font) + 2 * PILL + 8 if text else 0.0


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return printable(str(value))


def _card_width(card_model: CardModel, title: str, subtitle: str, lines: tuple[str, ...]) -> float:
    """Return the width of a card."""
    heading = max(_text_width(title, TITLE), _text_width(subtitle, SUBTITLE) + CHEVRON)
    widths = [TEXT + heading + INSET + pill_width(card_model.copies)]
    for row in range(max(len(card_model.inputs), len(card_model.outputs))):
        sides = [
            side[row].name for side in (card_model.inputs, card_model.outputs) if row < len(side)
        ]
        gap = COLUMN_GAP * (len(sides) - 1)
        widths.append(sum(_text_width(name, PORT) for name in sides) + gap + 2 * INSET)
    widths += [_text_width(line, PARAMETER) + 2 * INSET for line in lines]
    return min(MAX_WIDTH, max(MIN_WIDTH, _on_grid(max(widths))))


def _ports(card_model: CardModel, is_input: bool, card_width: float) -> tuple[CardPort, ...]:
    side = card_model.inputs if is_input else card_model.outputs
    other = card_model.outputs if is_input else card_model.inputs
    ports = []
    for row, port in enumerate(side):
        available_width = card_width - 2 * INSET
        if row < len(other):
            # Each label gets half of the row, and what the other label leaves.
            available_width = max(
                (available_width - COLUMN_GAP) / 2,
                available_width - COLUMN_GAP - _text_width(other[row].name, PORT),
            )
        ports.append(
            CardPort(
                end=PortEnd(PortRef(card_model.name, port.name), is_input),
                x=0.0 if is_input else card_width,
                y=HEADER + ROW / 2 + ROW * row,
                label=shortened(printable(port.name), available_width, PORT.size, PORT.font),
                kind=port.kind,
                connected=port.connected,
                optional=port.optional,
                bad=port.bad,
            )
        )
    return tuple(ports)


def _text_width(text: str, style: Style) -> float:
    return width(text, style.size, style.font)


def _on_grid(length: float) -> float:
    return GRID * ceil(length / GRID)
