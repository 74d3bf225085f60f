"""The text of the model file: `Plan` -> docstring, imports, ``Config``, library code and classes.

Every line is mapped to the nodes that it was generated for.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from codegen.planning.plan import Assign, ClassPlan, CompoundStatement, MethodPlan, Plan
from codegen.source.layer_sources import definitions
from codegen.source.source_writer import WIDTH, SourceMap, SourceWriter
from codegen.writing.config_writer import write_config
from nodes.core.graphs.python_expression import literal, name

_IMPORTS = (
    (
        ("import math", "math."),
        ("from dataclasses import dataclass, fields", "fields(self)"),
        ("from dataclasses import dataclass", "@dataclass"),
    ),
    (("import torch", "torch."), ("import torch.nn.functional as F", "F.")),
)
"""Standard library and PyTorch: each import, and the text by which its use is recognized."""

_DOC_WIDTH = WIDTH - 8 - len('"""')
"""Columns of the first line of a docstring of a method."""

_FROM_TORCH = (("Tensor", "Tensor"), ("nn", "nn."))

_STATE_DOC = {
    "past": "With `past`, the keys and values of the previous call, the sequence continues.",
    "state": "With `state`, the state that the previous call returned, the sequence continues.",
}


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A generated file.

    Attributes:
        source: its text.
        lines: the source map: the nodes of each line.
    """

    source: str
    lines: SourceMap


def write_module(plan: Plan) -> ModelFile:
    """Write the model file of a plan."""
    body = SourceWriter()
    for alias, annotation, comment in plan.type_aliases:
        body.comment(comment)
        body.line(f"{alias} = {annotation}")
    if plan.type_aliases:
        body.blank(2)
    write_config(body, plan)
    for definition in definitions(plan.functions):
        body.blank(2)
        for line in definition.text.split("\n"):
            body.line(line)
    for planned in plan.classes:
        body.blank(2)
        _write_class(body, planned, plan if planned is plan.classes[-1] else None)
    head = SourceWriter()
    head.docstring("\n\n".join(part for part in (plan.title, plan.dataflow) if part))
    head.blank()
    _write_imports(head, body.source())
    head.blank(1 if plan.type_aliases else 2)
    return ModelFile(head.source() + body.source(), (*head.lines, *body.lines))


def _write_imports(head: SourceWriter, body: str) -> None:
    for group in _IMPORTS:
        lines = [line for line, use in group if _is_used(body, use)]
        lines = [line for line in lines if f"{line}, fields" not in lines]
        for line in lines:
            head.line(line)
        if lines and group is not _IMPORTS[-1]:
            head.blank()
    names = [name for name, use in _FROM_TORCH if _is_used(body, use)]
    head.line(f"from torch import {', '.join(names)}")


def _is_used(body: str, text: str) -> bool:
    """Check whether a text occurs as a word; the search by pattern is slow, so it comes last."""
    end = r"(?!\w)" if text.isidentifier() else ""
    return text in body and re.search(rf"(?<![\w.]){re.escape(text)}{end}", body) is not None


def _write_class(w: SourceWriter, planned: ClassPlan, model: Plan | None) -> None:
    with w.block(f"class {planned.name}(nn.Module):"):
        if planned.doc:
            w.docstring(planned.doc)
            w.blank()
        if planned.attributes or model:
            _write_init(w, planned, model)
            w.blank()
        if model and model.initialization == "normal":
            _write_init_weights(w, model)
        for method in planned.methods:
            if method is not planned.methods[0]:
                w.blank()
            _write_method(w, method, model)


def _write_method(w: SourceWriter, method: MethodPlan, model: Plan | None) -> None:
    with w.define(method.name, ["self", *map(str, method.parameters)], method.returns):
        w.docstring("\n\n".join(_method_doc(method, model)))
        for statement in method.statements:
            _write_statement(w, statement)


def _method_doc(method: MethodPlan, model: Plan | None) -> Iterator[str]:
    """Document the arguments of a method, a paragraph each."""
    yield _wrapped(method.signature)
    if model is None:
        return
    for mask, meaning in method.masks.items():
        yield f"`{mask}` is boolean: {meaning}."
    if any(one.name == model.state_argument and one.default for one in method.parameters):
        yield _STATE_DOC[model.state_argument]


def _wrapped(signature: str) -> str:
    """Break a signature between its arguments, where it is too long for a line."""
    unbroken = re.sub(r"\(.*?\)", lambda shape: shape[0].replace(" ", "\0"), signature)
    unbroken = re.sub(r" (?=\()", "\0", unbroken)
    lines = textwrap.wrap(unbroken, _DOC_WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")


def _write_init(w: SourceWriter, planned: ClassPlan, model: Plan | None) -> None:
    parameters = ["self", "config: Config"] if planned.takes_config else ["self"]
    with w.define("__init__", parameters, "None"):
        w.line("super().__init__()")
        if model:
            w.statement("self.config", name("config"))
        for attribute in planned.attributes:
            w.statement(f"self.{attribute.name}", attribute.value, "", attribute.nodes)
        if model and model.initialization == "normal":
            w.line("self.init_weights()")


def _write_init_weights(w: SourceWriter, model: Plan) -> None:
    with w.define("init_weights", ["self"], "None"):
        except_for = ", but padding vectors to zero" if model.has_padding else ""
        which = "every other matrix" if model.own_starts else "every matrix"
        w.docstring(f"Initialize {which} from Normal(0, 0.02){except_for}.")
        if model.own_starts:
            w.line(f"initialized = {literal(model.own_starts).text}")
            w.line("for name, parameter in self.named_parameters():")
            w.line("    if parameter.dim() >= 2 and not name.endswith(initialized):")
        else:
            w.line("for parameter in self.parameters():")
            w.line("    if parameter.dim() >= 2:")
        w.line("        nn.init.normal_(parameter, std=0.02)")
        if model.has_padding:
            w.line("for module in self.modules():")
            w.line('    if getattr(module, "padding_idx", None) is not None:')
            w.line("        nn.init.zeros_(module.weight[module.padding_idx])")
    w.blank()


def _write_statement(w: SourceWriter, statement: Assign | CompoundStatement) -> None:
    if isinstance(statement, CompoundStatement):
        with w.block(f"{statement.header}:", statement.nodes):
            for inner in statement.body:
                _write_statement(w, inner)
    else:
        w.statement(statement.target, statement.value, statement.comment, statement.nodes)
