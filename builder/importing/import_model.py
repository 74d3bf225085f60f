"""Imports a module, in the child process: loads, traces, matches, builds, and compares."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import torch
from torch import fx, nn

from builder.importing.exchange.imported import Imported, ImportReport
from builder.importing.exchange.request import (
    ExampleInput,
    FixedSizeError,
    ImportRequest,
    NotImported,
)
from builder.importing.rules.matching import imported_steps
from builder.importing.rules.steps import Steps
from builder.importing.rules.weight_entries import entry_name
from builder.importing.structure.build_graphs import Builder, Weights
from builder.importing.structure.groups import grouped
from builder.importing.structure.head_names import name_heads
from builder.importing.structure.key_maps import differs, key_map_text
from builder.importing.tracing.known_calls import replace_packing
from builder.importing.tracing.load_target import described, input_examples, load_target
from builder.importing.tracing.samples import perturb
from builder.importing.tracing.trace import Trace, trace
from builder.importing.verify import largest_difference
from codegen.check import check
from codegen.weights.key_map import KeyMap, KeyMapError
from nodes.core.graphs.graph import Model
from nodes.core.graphs.unknown_node import Unknown


def import_model(request: ImportRequest) -> Imported:
    """Import what a request names.

    Raises:
        NotImported: it cannot be imported.
    """
    replace_packing()
    torch.manual_seed(0)
    module = load_target(request)
    name = request.target.rpartition(":")[2].rpartition(".")[2]
    return import_module(module, request.inputs, name, request.target)


def import_module(
    module: nn.Module, inputs: Sequence[ExampleInput], name: str, target: str
) -> Imported:
    """Import a module: as it is in training, or in evaluation where that differs or fails.

    Raises:
        NotImported: it cannot be imported.
    """
    examples = input_examples(module, inputs)
    perturb(module)
    first: Imported | None = None
    try:
        first = _imported(trace(module, examples, training=True), name, target)
    except FixedSizeError:
        raise
    except NotImported:
        pass  # evaluation may have no random branches, for instance
    if first is not None and first.report.agrees:
        return first
    try:
        second = _imported(trace(module, examples, training=False), name, target)
    except NotImported:
        if first is None:
            raise
        return first
    if first is not None and not second.report.agrees:
        return first
    text = "traced as in evaluation: dropout inside of attention functions is not seen"
    second.report.notes.append(text)
    return second


def _imported(traced: Trace, name: str, target: str) -> Imported:
    steps = imported_steps(traced)
    name_heads(steps)
    builder = Builder(traced, steps)
    graph, weights, inputs = builder.main(grouped(steps))
    model = Model(name, graph, blocks=used_blocks(graph, builder))
    opaque = _opaque(model, steps)
    unused = [] if opaque else unused_weights(traced.model, weights)
    text = key_map_text(target, weights, unused)
    notes = [
        *_notes(traced, inputs),
        *([f"weights without effect: {', '.join(unused)}"] if unused else []),
        *(f"{x}: one in the original, separate copies here" for x in _copied(model, weights)),
    ]
    report = ImportReport(_counted(model), opaque, notes)
    problems = [] if report.opaque else check(model).errors
    report.notes += [f"the check reports: {problem}" for problem in problems]
    if not report.opaque and not problems:
        _compare(report, lambda: largest_difference(traced, model, KeyMap.loads(text), inputs))
    return Imported(model, text if differs(weights) else None, report)


def _compare(report: ImportReport, difference: Callable[[], float]) -> None:
    """Compare the outputs, or say why that fails."""
    try:
        found = difference()
    except (KeyMapError, RuntimeError, TypeError, ValueError) as error:
        report.notes.append(f"the generated code could not be compared: {described(error)}")
        return
    if isfinite(found):
        report.difference = found
    else:
        report.notes.append("an output has another shape than in the original, or is not finite")


def used_blocks(graph: Any, builder: Builder) -> dict[str, Any]:
    """Return the blocks in the order in which they are used, the outer ones first."""
    found: dict[str, Any] = {}
    pending = [graph]
    while pending:
        for node in pending.pop(0).nodes.values():
            block = getattr(node, "block", None)
            if block is not None and block not in found:
                found[block] = builder.blocks[block]
                pending.append(found[block])
    return found


def unused_weights(module: nn.Module, weights: Weights) -> list[str]:
    """List the weights of the original that the model does not have under any name."""
    values = dict(module.named_parameters(remove_duplicate=False))
    used = {id(values.get(entry_name(entry))) for entry in weights.values()}
    return [name for name, one in module.named_parameters() if id(one) not in used]


def _counted(model: Model) -> dict[str, int]:
    names = [
        node.type if isinstance(node, Unknown) else type(node).__name__
        for graph in model.graphs.values()
        for node in graph.nodes.values()
    ]
    return dict(sorted(Counter(names).items()))


def _opaque(model: Model, steps: Steps) -> list[tuple[str, str, str]]:
    places = [
        (f"{graph}/{name}".lstrip("/"), node.type, str(node.parameters.get("name", "")))
        for graph, content in model.graphs.items()
        for name, node in content.nodes.items()
        if isinstance(node, Unknown)
    ]
    modules: dict[str, str] = {}
    for step in steps.ordered:
        if isinstance(step.node, Unknown):
            modules.setdefault(step.node.type, step.scope[-1] if step.scope else "the model")
    return [
        (place, f"{kind} {weight}".rstrip(), modules.get(kind, ""))
        for place, kind, weight in places
    ]


def _notes(traced: Trace, inputs: Sequence[fx.Node]) -> list[str]:
    """Say what differs between the inputs and outputs of the model and of the original."""
    notes = [f"left out of the outputs: {what}" for what in traced.left_out]
    for node, example in zip(traced.placeholders, traced.examples, strict=True):
        if node not in inputs:
            notes.append(f"{example.name}: has no effect")
        elif example.order[:2] == (1, 0):
            taken = " ".join(map(str, example.dims))
            made = " ".join(str(example.dims[i]) for i in example.order)
            notes.append(f"{example.name}: batch first, {made}, where the original takes {taken}")
    return notes


def _copied(model: Model, weights: Weights) -> list[str]:
    """List the modules whose weights several nodes have that are not tied."""
    users: dict[str, list[str]] = {}
    for name, entry in weights.items():
        users.setdefault(str(entry), []).append(name)
    tied = {name for name, node in model.graph.nodes.items() if node.tied_to}
    found = []
    for names in users.values():
        extra = [x for x in names[1:] if x.removesuffix(".weight") not in tied]
        if extra:
            found.append(entry_name(weights[extra[0]]).rpartition(".")[0] or "weight")
    return sorted({*found})
