"""Models and their files: JSON that reads well, and whose differences read well.

Names and no numbers, one line a node, only what differs from the defaults, positions last.  Saving
twice gives the same bytes, and what is drawn alike is written alike: edges stand in the order of
the nodes and ports where they end, whatever the order they were drawn in.
"""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from pydantic import BaseModel

from nodes.core.files import atomic_save as disk
from nodes.core.files import canvas_entries
from nodes.core.files.model_reader import GRAPH, MODEL, VERSION, read_model
from nodes.core.files.strict_json import Json, Path, quote, read_json
from nodes.core.graphs.graph import Graph, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import Dim, show

_ALWAYS = frozenset({"wireformer", "name", "nodes", "edges"})
_OPEN = {**dict.fromkeys(MODEL, 1), "blocks": 3, "layout": 2, "remarks": 2}
"""How many levels of an entry take a line for each item, however short they are."""

_WIDTH = 100
# What an editor does not show, or shows in another order than it stands in.
_INVISIBLE = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)


def load(path: Path) -> tuple[Model, disk.FileStamp]:
    """Read a model's file, and tell what `save` expects to find there later.

    Raises:
        FileError: the file cannot be read, or holds no model.
    """
    data, stamp = disk.read(path)
    return loads(data), stamp


def save(
    model: Model,
    path: Path,
    expected: disk.FileStamp | None,
    *,
    warn: Callable[[str], object] | None = None,
    state_dir: Path | None = None,
) -> disk.FileStamp:
    """Write a model's file whole or not at all, once it is seen that reading gives the model back.

    Args:
        model: the model.
        path: the file.
        expected: the stamp of the file as last read or saved, None for no file, or `ANYTHING`.
        warn: is told what of the old file cannot be kept.
        state_dir: where the lock files lie, which keep two savers apart.

    Raises:
        NotSaved: the file on disk is as it was.
        NotConfirmed: it is saved, but the disk did not confirm it.
    """

    def verify(data: bytes) -> None:
        read = loads(data)
        kept = replace(
            model, layout=canvas_entries.positions(model), comments=canvas_entries.comments(model)
        )
        if read != kept or dumps(read) != data:
            raise ValueError("the file would not give the model back; report this")

    try:
        data = dumps(model)
    except ValueError as error:
        told = "a number in it is not finite; give it another value"
        raise disk.NotSaved(f"{quote(os.fspath(path))} was not saved: {told}") from error
    return disk.save(path, data, expected, verify=verify, warn=warn, state_dir=state_dir)


def loads(data: bytes) -> Model:
    """Read a model from the bytes of a file.

    Raises:
        FileError: they hold no model.
    """
    return read_model(read_json(data))


def dumps(model: Model) -> bytes:
    """Write a model as the bytes of a file."""
    entries = {
        "wireformer": VERSION,
        "name": model.name,
        "notes": _notes(model.notes),
        "hyperparameters": {
            name: {"value": known.value, "doc": known.doc} if known.doc else known.value
            for name, known in model.hyperparameters.items()
        },
        "initialization": model.initialization,
        "recipe": model.recipe and {"kind": model.recipe.kind, **_changed(model.recipe)},
        "blocks": {name: _worth(_graph(model, it), GRAPH) for name, it in model.blocks.items()},
        "layout": canvas_entries.write_layout(model),
        "remarks": canvas_entries.write_comments(model),
    }
    graph = _graph(model, model.graph)
    return _text(_worth({**graph, **entries}, MODEL)).encode()


def _worth(entries: Mapping[str, Any], defaults: Mapping[str, Json]) -> dict[str, Any]:
    """Put entries in the order of the format, without those that say nothing."""
    return {
        key: entries[key]
        for key, default in defaults.items()
        if key in _ALWAYS or entries[key] != default
    }


def _notes(text: str) -> Json:
    """Give each line of a page a line of its own."""
    lines: list[Json] = [*text.split("\n")]
    return lines if len(lines) > 1 else text


def _graph(model: Model, graph: Graph) -> dict[str, Any]:
    return {
        "notes": _notes(graph.notes),
        "nodes": {name: _node(node) for name, node in graph.nodes.items()},
        "edges": {str(target): str(source) for target, source in _edges(model, graph)},
        "bypassed": [name for name in graph.nodes if name in graph.bypassed],
    }


def _node(node: Node) -> dict[str, Any]:
    if isinstance(node, Unknown):
        return {"type": node.type, **node.parameters}
    return {"type": type(node).__name__, **_changed(node)}


def _changed(settings: BaseModel) -> dict[str, Any]:
    """Tell the parameters that differ from their defaults, what has none first."""
    fields = type(settings).model_fields
    order = sorted(fields, key=lambda key: not fields[key].is_required())
    values = {key: getattr(settings, key) for key in order}
    return {key: _plain(it) for key, it in values.items() if it != fields[key].default}


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Dim):
        return show(value)
    return value.name if isinstance(value, Ref) else value


def _edges(model: Model, graph: Graph) -> Iterator[tuple[PortRef, PortRef]]:
    """Tell the edges in the order of the nodes and the ports where they end."""
    for name, node in graph.nodes.items():
        arriving = graph.arriving[name]
        rank = {port.name: place for place, port in enumerate(model.ports(node)[0])}
        for port in sorted(arriving, key=partial(_port_order, rank)):
            yield PortRef(name, port), arriving[port]


def _port_order(rank: Mapping[str, int], port: str) -> tuple[int, int, str]:
    stem, _, index = port.partition(".")
    # Of two numbers, the longer is the larger.
    return rank.get(stem, len(rank)), len(index), port


# -- text --------------------------------------------------------------------------------------


def _text(entries: Mapping[str, Any]) -> str:
    lines = ",\n".join(_entry(key, value, "  ", _OPEN[key]) for key, value in entries.items())
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", f"{{\n{lines}\n}}\n")


def _entry(key: str, value: Any, pad: str, levels: int) -> str:
    """Write an entry on one line, or on a line for each item where that is opened or too long."""
    head = f"{pad}{_json(key)}: "
    if levels and isinstance(value, dict) and value:
        inner = (_entry(*item, f"{pad}  ", levels - 1) for item in value.items())
        return "\n".join((f"{head}{{", ",\n".join(inner), f"{pad}}}"))
    flat = _json(value)
    if not levels and len(head) + len(flat) < _WIDTH:
        return head + flat
    return head + _json(value, indent=2).replace("\n", f"\n{pad}")


def _json(value: Json, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
