"""Layout and comments: the last entries of a file, which do not change the model."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from nodes.core.files.json_cursor import JsonCursor, describe, suggestion
from nodes.core.files.strict_json import Json
from nodes.core.graphs.graph import Comment, Graph, Model, Point

FARTHEST = 1e9
MAX_COMMENTS = 10_000

COMMENT: Mapping[str, Json] = {"text": "", "box": None, "frame": False}
"""The entries of a comment in their order, with their defaults."""

_Entry = TypeVar("_Entry")


def clamp(number: float) -> float:
    """Limit a coordinate to the range that a file may contain."""
    return min(max(number, -FARTHEST), FARTHEST)


# -- reading -----------------------------------------------------------------------------------


def read_layout(cursor: JsonCursor, model: Model) -> dict[str, dict[str, Point]]:
    """Read the positions of nodes, by graph and node."""
    layout: dict[str, dict[str, Point]] = {}
    for name, graph, points in _by_graph(cursor, model):
        for node, point in points.entries():
            if node not in graph.nodes:
                point.refuse(f"unknown node{suggestion(node, graph.nodes)}")
            x, y = _numbers(point, 2, "a position such as [120, 40]")
            layout.setdefault(name, {})[node] = x, y
    return layout


def read_comments(cursor: JsonCursor, model: Model) -> dict[str, dict[str, Comment]]:
    """Read the comments and frames, by graph and name."""
    comments: dict[str, dict[str, Comment]] = {}
    count = 0
    for name, _, boxes in _by_graph(cursor, model):
        for comment, box in boxes.named():
            count += 1
            if count > MAX_COMMENTS:
                cursor.refuse(f"expected at most {MAX_COMMENTS} comments; remove some")
            comments.setdefault(name, {})[comment] = _comment(box)
    return comments


def _by_graph(cursor: JsonCursor, model: Model) -> Iterator[tuple[str, Graph, JsonCursor]]:
    graphs = model.graphs
    for name, entry in cursor.entries():
        if name not in graphs:
            entry.refuse(f"unknown block{suggestion(name, graphs)}")
        yield name, graphs[name], entry


def _comment(cursor: JsonCursor) -> Comment:
    fields = cursor.fields(COMMENT)
    box, frame = fields["box"], fields["frame"]
    x, y, width, height = _numbers(box, 4, "a box such as [120, 40, 200, 80]")
    if min(width, height) <= 0:
        box.refuse(f"expected a width and a height above 0, got {width:g} and {height:g}")
    if not isinstance(frame.value, bool):
        frame.refuse(f"expected true or false, got {describe(frame.value)}")
    return Comment(fields["text"].lines(), x, y, width, height, frame.value)


def _numbers(cursor: JsonCursor, count: int, expected: str) -> list[float]:
    values = cursor.value if isinstance(cursor.value, list) else []
    numbers = [float(item) for item in values if type(item) is int or type(item) is float]
    if not len(values) == len(numbers) == count:
        cursor.refuse(f"expected {expected}, got {describe(cursor.value)}")
    if any(abs(number) > FARTHEST for number in numbers):
        cursor.refuse(f"expected numbers between -{FARTHEST:g} and {FARTHEST:g}")
    return numbers


# -- writing -----------------------------------------------------------------------------------


def positions(model: Model) -> dict[str, dict[str, Point]]:
    """Return the positions of nodes that exist, in the order of the nodes."""
    result = {}
    for name, graph, points in _of_graphs(model, model.layout):
        if placed := {node: points[node] for node in graph.nodes if node in points}:
            result[name] = placed
    return result


def comments(model: Model) -> dict[str, dict[str, Comment]]:
    """Return the comments of the graphs that exist."""
    return {name: dict(texts) for name, _, texts in _of_graphs(model, model.comments) if texts}


def _of_graphs(
    model: Model, entries: Mapping[str, Mapping[str, _Entry]]
) -> Iterator[tuple[str, Graph, Mapping[str, _Entry]]]:
    return ((name, graph, entries[name]) for name, graph in model.graphs.items() if name in entries)


def write_layout(model: Model) -> dict[str, Any]:
    """Write the positions of nodes."""
    return {
        graph: {node: _whole_as_int(*point) for node, point in points.items()}
        for graph, points in positions(model).items()
    }


def write_comments(model: Model) -> dict[str, Any]:
    """Write the comments and frames."""
    return {
        graph: {name: _comment_entries(comment) for name, comment in texts.items()}
        for graph, texts in comments(model).items()
    }


def _comment_entries(comment: Comment) -> dict[str, Any]:
    lines = comment.text.split("\n")
    entries = {
        "text": lines if len(lines) > 1 else comment.text,
        "box": _whole_as_int(comment.x, comment.y, comment.width, comment.height),
        "frame": comment.frame,
    }
    return {key: value for key, value in entries.items() if value != COMMENT[key]}


def _whole_as_int(*numbers: float) -> list[float]:
    return [int(number) if float(number).is_integer() else number for number in numbers]
