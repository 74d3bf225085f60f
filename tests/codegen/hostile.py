"""Hostile names and texts, and models that use them everywhere: reserved words, code, escapes."""

import builtins
import keyword
from dataclasses import replace
from pathlib import Path

from torch import nn

from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.shapes.expression import is_name
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.recurrent.lstm import LSTM
from nodes.transformer.multi_head_attention import MultiHeadAttention

IMPORTS = "Cache Config F State Tensor annotations config dataclass field math nn self torch"
LOCALS = "attention cache i input k layer output past present start state v x y B T"
LOOKALIKES = ["\ufb01", "fi", "\uff46\uff49", "FI", "f\u200bi", "\U0001d41d\U0001d41e\U0001d41f"]
INVISIBLE = ["\u3164", "\u115f", "a\u202eb", "\u2066x", "\u00ad", "\u200d", "\ufeff"]
UNUSUAL = ["\U0001f525", "\u65e5\u672c", "\u0130\u0131", "n" * 200, "W" * 200, "a_" * 99, "9 lives"]
SCRIPTS = [
    "слой",
    "класс",
    "层",
    "طبقة",
    "στρώμα",
    "परत",
    "층",
    "レイヤ",
    "größe",
    "\u0430",
    "d\u00b2",
]
PRIVATE = ["__class__", "__x", "__init__", "__slots__", "_", "__", "_modules", "_parameters"]

NAMES = list(
    dict.fromkeys(
        [
            *keyword.kwlist,
            *keyword.softkwlist,
            *dir(builtins),
            *dir(nn.Module()),
            *nn.Module.__annotations__,
            *IMPORTS.split(),
            *LOCALS.split(),
            *(LOOKALIKES + INVISIBLE + UNUSUAL + PRIVATE + SCRIPTS),
        ]
    )
)

CODE = "open('pwned', 'w').close()"
PAYLOADS = [
    f'"""\n{CODE}\n"""',
    f"'''\n{CODE}\n'''",
    f"\n{CODE}\n",
    f"\r{CODE}\r",
    f"\x0c{CODE}\u2028{CODE}\x85{CODE}",
    f"');{CODE}#",
    f'"); {CODE} #',
    f"{{{CODE}}}",
    "C:\\Users\\new",
    "\\N{BULLET} \\x41 \\u0041 \\",
    'ends in a quote"',
    "ends in a backslash\\",
    "-*- coding: utf-7 -*-",
    "coding=utf-7 +AAo-open(+ACc-pwned+ACc-,+ACc-w+ACc-)",
    "vim: set fileencoding=rot13 :",
    "/// script\ndependencies = []\n///",
    "noqa fmt: off type: ignore ruff: noqa isort: skip",
    "%s %(name)s {0} {name} $name",
    "\0 is nothing",
    "\ud800 alone",
]

ROLES = ("", "_2", " 2", "!", " two", "s", "_value", "_layer")
"""Suffixes that distinguish nodes which have one label in common."""


def named(label: str) -> Model:
    """Build a model whose nodes, block, hyperparameter and name all derive from one label."""
    x, attn, lstm, block, add, out, state, head = (f"{label}{role}" for role in ROLES)
    width = label if is_name(label) else "width"
    builder = GraphBuilder(blocks={label: inner(label)})
    value = builder.add(x, FeatureInput(features=8))
    value = builder.add(attn, MultiHeadAttention(num_heads=width), value)
    recurrent = builder.add(lstm, LSTM(hidden_size=width), value)
    value = builder.add(block, Block(block=label, repeat=width), recurrent)
    value = builder.add(add, Add(), value, recurrent)
    value = builder.add(head, Linear(out_features=f"2 * {width}"), value)
    builder.add(out, GraphOutput(), value)
    builder.add(state, GraphOutput(), recurrent["hidden"])
    hyperparameters = {width: Hyperparameter(2, label)}
    return Model(label, builder.build(), builder.blocks, hyperparameters)


def inner(label: str) -> Graph:
    builder = GraphBuilder(notes=label)
    value = builder.add(label, BlockInput(shape="B T C", kind="features"))
    value = builder.add(f"{label}_2", Linear(), value)
    builder.add(f"{label}!", GraphOutput(), value)
    return builder.build()


def saying(text: str) -> Model:
    """Build a model with a text in its name, its notes and its documentation."""
    model = named("harmless")
    documented = {
        name: replace(hyperparameter, doc=text)
        for name, hyperparameter in model.hyperparameters.items()
    }
    return replace(
        model,
        name=text,
        graph=replace(model.graph, notes=text).renamed("harmless_2", text),
        blocks={name: replace(graph, notes=text) for name, graph in model.blocks.items()},
        hyperparameters={**documented, "unused": Hyperparameter(text, text)},
    )


def write_all(folder: Path, sources: list[str]) -> None:
    for number, source in enumerate(sources):
        (folder / f"model_{number}.py").write_bytes(source.encode("ascii"))
