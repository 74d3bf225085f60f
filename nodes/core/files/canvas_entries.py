"""Where things lie on the canvas: the last entries of a file, which mean nothing to the model."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from nodes.core.files.json_cursor import JsonCursor, meant, shown
from nodes.core.files.strict_json import Json
from nodes.core.graphs.graph import Comment, Graph, Model, Point

FARTHEST = 1e9
MAX_COMMENTS = 10_000

COMMENT: Mapping[str, Json] = {"text": "", "box": None, "frame": False}
"""The entries of a remark in their order, with what they are where they are left out."""

_Placed = TypeVar("_Placed")


def inside(number: float) -> float:
    """Bring a coordinate to where a file may have it."""
    return min(max(number, -FARTHEST), FARTHEST)


# -- reading -----------------------------------------------------------------------------------


def read_layout(part: JsonCursor, model: Model) -> dict[str, dict[str, Point]]:
    """Read where the nodes lie."""
    layout: dict[str, dict[str, Point]] = {}
    for name, graph, points in _by_graph(part, model):
        for node, point in points.entries():
            if node not in graph.nodes:
                point.refuse(f"there is no node of this name{meant(node, graph.nodes)}")
            x, y = _numbers(point, 2, "a position such as [120, 40]")
            layout.setdefault(name, {})[node] = x, y
    return layout


def read_comments(part: JsonCursor, model: Model) -> dict[str, dict[str, Comment]]:
    """Read the frames and comments."""
    comments: dict[str, dict[str, Comment]] = {}
    count = 0
    for name, _, boxes in _by_graph(part, model):
        for comment, box in boxes.named():
            count += 1
            if count > MAX_COMMENTS:
                part.refuse(f"at most {MAX_COMMENTS} remarks are expected; remove some")
            comments.setdefault(name, {})[comment] = _remark(box)
    return comments


def _by_graph(part: JsonCursor, model: Model) -> Iterator[tuple[str, Graph, JsonCursor]]:
    graphs = model.graphs
    for name, entry in part.entries():
        if name not in graphs:
            entry.refuse(f"there is no block of this name{meant(name, graphs)}")
        yield name, graphs[name], entry


def _remark(part: JsonCursor) -> Comment:
    fields = part.fields(COMMENT)
    box, frame = fields["box"], fields["frame"]
    x, y, width, height = _numbers(box, 4, "a box such as [120, 40, 200, 80]")
    if min(width, height) <= 0:
        box.refuse(f"a width and a height above 0 are expected, not {width:g} and {height:g}")
    if not isinstance(frame.value, bool):
        frame.refuse(f"true or false is expected, not {shown(frame.value)}")
    return Comment(fields["text"].lines(), x, y, width, height, frame.value)


def _numbers(part: JsonCursor, count: int, wanted: str) -> list[float]:
    values = part.value if isinstance(part.value, list) else []
    numbers = [float(one) for one in values if type(one) is int or type(one) is float]
    if not len(values) == len(numbers) == count:
        part.refuse(f"{wanted} is expected, not {shown(part.value)}")
    if any(abs(number) > FARTHEST for number in numbers):
        part.refuse(f"a position between -{FARTHEST:g} and {FARTHEST:g} is expected")
    return numbers


# -- writing -----------------------------------------------------------------------------------


def positions(model: Model) -> dict[str, dict[str, Point]]:
    """Tell where the nodes that there are lie, in the order of the nodes."""
    found = {}
    for name, graph, points in _of_graphs(model, model.layout):
        if placed := {node: points[node] for node in graph.nodes if node in points}:
            found[name] = placed
    return found


def comments(model: Model) -> dict[str, dict[str, Comment]]:
    """Tell the remarks in the graphs that there are."""
    return {name: dict(texts) for name, _, texts in _of_graphs(model, model.comments) if texts}


def _of_graphs(
    model: Model, what: Mapping[str, Mapping[str, _Placed]]
) -> Iterator[tuple[str, Graph, Mapping[str, _Placed]]]:
    return ((name, graph, what[name]) for name, graph in model.graphs.items() if name in what)


def write_layout(model: Model) -> dict[str, Any]:
    """Write where the nodes lie."""
    return {
        graph: {node: _short(*point) for node, point in points.items()}
        for graph, points in positions(model).items()
    }


def write_comments(model: Model) -> dict[str, Any]:
    """Write the frames and comments."""
    return {
        graph: {name: _entries(comment) for name, comment in texts.items()}
        for graph, texts in comments(model).items()
    }


def _entries(comment: Comment) -> dict[str, Any]:
    lines = comment.text.split("\n")
    entries = {
        "text": lines if len(lines) > 1 else comment.text,
        "box": _short(comment.x, comment.y, comment.width, comment.height),
        "frame": comment.frame,
    }
    return {key: value for key, value in entries.items() if value != COMMENT[key]}


def _short(*numbers: float) -> list[float]:
    return [int(number) if float(number).is_integer() else number for number in numbers]
