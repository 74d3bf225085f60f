"""Load and save models as JSON that is made to be read, also as a difference between versions.

Names instead of numeric ids, one line per node, parameters only where they differ from their
defaults, the layout last.  Equal graphs have equal files: edges are written in the order of their
target nodes and ports, whatever the order in which they were added.
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
from nodes.core.files.node_entries import plain
from nodes.core.files.strict_json import Json, Path, quote, read_json
from nodes.core.graphs.graph import Graph, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.size_texts import SizeTexts
from nodes.core.graphs.unknown_node import Unknown

_ALWAYS = frozenset({"wireformer", "name", "nodes", "edges"})
_OPEN = {**dict.fromkeys(MODEL, 1), "blocks": 3, "layout": 2, "comments": 2}
"""The number of levels of an entry that have a line for each item, however short."""

_WIDTH = 100
# Characters that editors do not show, or that change the order in which they show others.
_INVISIBLE = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)


def load(path: Path) -> tuple[Model, disk.FileStamp]:
    """Load a model from a file, with the stamp for `save` to expect there.

    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> stamp = save(Model("small"), folder / "small.json", None, state_dir=folder)
    >>> model, loaded = load(folder / "small.json")
    >>> model.name, loaded == stamp
    ('small', True)

    Raises:
        FileError: the file cannot be read, or is not that of a model.
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
    """Save a model to a file, replaced whole or not at all, after checking that it loads again.

    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> stamp = save(Model("small"), folder / "small.json", None, state_dir=folder)
    >>> (folder / "small.json").read_text().splitlines()[2]
    '  "name": "small",'

    Args:
        model: the model.
        path: the file.
        expected: the stamp of the file as loaded or saved last, None for no file, or `ANYTHING`.
        warn: called with what of the old file is not kept.
        state_dir: the folder of the lock files.

    Raises:
        NotSaved: the file on disk is unchanged.
        NotConfirmed: it is saved, but the disk did not confirm it.
    """

    def verify(data: bytes) -> None:
        loaded = loads(data)
        expected_model = replace(
            model, layout=canvas_entries.positions(model), comments=canvas_entries.comments(model)
        )
        if loaded != expected_model or dumps(loaded) != data:
            raise ValueError("the file would not load as the same model; report this")

    try:
        data = dumps(model)
    except ValueError as error:
        reason = "a number in it is not finite; give it another value"
        raise disk.NotSaved(f"{quote(os.fspath(path))} was not saved: {reason}") from error
    return disk.save(path, data, expected, verify=verify, warn=warn, state_dir=state_dir)


def loads(data: bytes) -> Model:
    """Load a model from the bytes of a file.

    Raises:
        FileError: they are not those of a model.
    """
    return read_model(read_json(data))


def dumps(model: Model) -> bytes:
    """Return the bytes of the file of a model."""
    entries = {
        "wireformer": VERSION,
        "name": model.name,
        "notes": _notes(model.notes),
        "hyperparameters": {
            name: {"value": entry.value, "doc": entry.doc} if entry.doc else entry.value
            for name, entry in model.hyperparameters.items()
        },
        "initialization": model.initialization,
        "recipe": model.recipe and {"kind": model.recipe.kind, **_changed(model.recipe)},
        "blocks": {
            name: _without_defaults(_graph(model, block), GRAPH)
            for name, block in model.blocks.items()
        },
        "layout": canvas_entries.write_layout(model),
        "comments": canvas_entries.write_comments(model),
    }
    graph = _graph(model, model.graph)
    return _text(_without_defaults({**graph, **entries}, MODEL)).encode()


def _without_defaults(entries: Mapping[str, Any], defaults: Mapping[str, Json]) -> dict[str, Any]:
    """Return entries in the order of the format, without those that have their defaults."""
    return {
        key: entries[key]
        for key, default in defaults.items()
        if key in _ALWAYS or entries[key] != default
    }


def _notes(text: str) -> Json:
    """Write each line of a text as an item of a list."""
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
    """Return the parameters that differ from their defaults, required ones first."""
    fields = type(settings).model_fields
    order = sorted(fields, key=lambda key: not fields[key].is_required())
    written = settings.as_written() if isinstance(settings, SizeTexts) else dict(settings)
    changed = (key for key in order if getattr(settings, key) != fields[key].default)
    return {key: plain(written[key]) for key in changed}


def _edges(model: Model, graph: Graph) -> Iterator[tuple[PortRef, PortRef]]:
    """Yield the edges in the order of their target nodes and ports."""
    for name, node in graph.nodes.items():
        node_sources = graph.sources[name]
        rank = {port.name: index for index, port in enumerate(model.ports(node)[0])}
        for port in sorted(node_sources, key=partial(_port_order, rank)):
            yield PortRef(name, port), node_sources[port]


def _port_order(rank: Mapping[str, int], port: str) -> tuple[int, int, str]:
    stem, _, index = port.partition(".")
    # Indices without leading zeros: the longer one is the larger one.
    return rank.get(stem, len(rank)), len(index), port


# -- text --------------------------------------------------------------------------------------


def _text(entries: Mapping[str, Any]) -> str:
    lines = ",\n".join(_entry(key, value, "  ", _OPEN[key]) for key, value in entries.items())
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", f"{{\n{lines}\n}}\n")


def _entry(key: str, value: Any, pad: str, levels: int) -> str:
    """Write an entry on one line, or on a line per item where it is expanded or too long."""
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
