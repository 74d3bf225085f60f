"""A plan -> the model file, with the nodes that each line came from."""

import re
from dataclasses import dataclass

from codegen.planning.plan import Assign, ClassPlan, Division, Plan, Suite
from codegen.source.source_writer import WIDTH, Nodes, SourceWriter
from codegen.writing.layer_sources import definitions
from nodes.core.graphs.python_expression import call, name

_IMPORTS = (
    ("import math", "math."),
    ("from dataclasses import dataclass", "@dataclass"),
    ("", ""),
    ("import torch", "torch."),
    ("import torch.nn.functional as F", "F."),
)
_HOW = {
    "past": ("With `past`, what an earlier call returned, feed one new step.",),
    "state": ("With `state`, what an earlier call returned, feed the steps that follow.",),
}
_FROM_TORCH = (("Tensor", ""), ("nn", "."))


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A generated file.

    Attributes:
        source: its text.
        lines: the nodes of each line.
    """

    source: str
    lines: tuple[Nodes, ...]


def write_module(plan: Plan) -> ModelFile:
    """Write a model file down."""
    body = SourceWriter()
    for alias, meaning, reason in plan.aliases:
        body.comment(reason)
        body.line(f"{alias} = {meaning}")
    if plan.aliases:
        body.blank(2)
    _config(body, plan)
    for one in definitions(plan.functions):
        body.blank(2)
        for line in one.text.split("\n"):
            body.line(line)
    for one in plan.classes:
        body.blank(2)
        _class(body, one, plan if one is plan.classes[-1] else None)
    head = SourceWriter()
    head.docstring("\n\n".join(part for part in (plan.title, plan.spec) if part))
    head.blank()
    _imports(head, body.source())
    head.blank(1 if plan.aliases else 2)
    return ModelFile(head.source() + body.source(), (*head.lines, *body.lines))


def _imports(head: SourceWriter, body: str) -> None:
    groups: list[list[str]] = [[]]
    for line, word in _IMPORTS:
        if not line:
            groups.append([])
        elif _mentions(body, word):
            groups[-1].append(line)
    used = [word for word, dot in _FROM_TORCH if _mentions(body, word + dot)]
    groups[-1].append(f"from torch import {', '.join(used)}")
    for place, group in enumerate(group for group in groups if group):
        if place:
            head.blank()
        for line in group:
            head.line(line)


def _mentions(body: str, word: str) -> bool:
    """Tell whether a word stands in a text by itself, looking closely only where it may."""
    end = r"(?!\w)" if word.isidentifier() else ""
    return word in body and re.search(rf"(?<![\w.]){re.escape(word)}{end}", body) is not None


def _config(w: SourceWriter, plan: Plan) -> None:
    w.line("@dataclass")
    with w.block("class Config:"):
        if not plan.config:
            w.docstring("This model has no hyperparameters.")
        for one in plan.config:
            w.statement(f"{one.name}: {one.annotation}", one.value, one.doc)
        _divisions(w, plan.divisions)
        for one in plan.properties:
            w.blank()
            w.line("@property")
            with w.define(one.name, ["self"], "int"):
                w.returns(one.value)


def _divisions(w: SourceWriter, divisions: list[Division]) -> None:
    if divisions:
        w.blank()
        with w.define("__post_init__", ["self"], "None"):
            for one in divisions:
                _division(w, one)


def _division(w: SourceWriter, one: Division) -> None:
    remainder = one.whole % one.part
    if len(remainder.text) > WIDTH - len("        if :"):
        w.statement("remainder", remainder)
        remainder = name("remainder")
    with w.block(f"if {remainder.text}:"):
        told = f"{one.whole.text} must be a multiple of {one.part.text}".replace("self.", "")
        w.statement("raise", call("ValueError", told))


def _class(w: SourceWriter, one: ClassPlan, model: Plan | None) -> None:
    with w.block(f"class {one.name}(nn.Module):"):
        if one.doc:
            w.docstring(one.doc)
            w.blank()
        if one.attributes or model:
            _init(w, one, model)
            w.blank()
        if model and model.initialization == "normal":
            _initialization(w)
        with w.define("forward", ["self", *map(str, one.parameters)], one.returns):
            if model:
                w.docstring("\n\n".join([one.signature, *_HOW.get(model.streamed, ())]))
            for statement in one.statements:
                _statement(w, statement)


def _init(w: SourceWriter, one: ClassPlan, model: Plan | None) -> None:
    with w.define("__init__", ["self", "config: Config"][: 1 + one.takes_config], "None"):
        w.line("super().__init__()")
        if model:
            w.statement("self.config", name("config"))
        for attribute in one.attributes:
            w.statement(f"self.{attribute.name}", attribute.value, "", attribute.nodes)
        if model and model.initialization == "normal":
            w.line("self.init_weights()")


def _initialization(w: SourceWriter) -> None:
    with w.define("init_weights", ["self"], "None"):
        w.docstring("Draw every matrix from Normal(0, 0.02).")
        w.line("for parameter in self.parameters():")
        w.line("    if parameter.dim() >= 2:")
        w.line("        nn.init.normal_(parameter, std=0.02)")
    w.blank()


def _statement(w: SourceWriter, statement: Assign | Suite) -> None:
    if isinstance(statement, Suite):
        with w.block(f"{statement.header}:", statement.nodes):
            for one in statement.body:
                _statement(w, one)
    else:
        w.statement(statement.target, statement.value, statement.note, statement.nodes)
