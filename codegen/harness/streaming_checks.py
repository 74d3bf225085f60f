"""Running a sequence in chunks with a cache, compared with the outputs of the whole sequence."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from random import Random

import torch
from torch import Tensor

from codegen.check import streamable_graph
from codegen.check.graph_use import GraphUse
from codegen.harness.node_checks import uses
from codegen.harness.one_node import (
    CompiledNode,
    DrawnCase,
    compile_graph,
    compile_node,
    draw_case,
    one_node_graph,
)
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.core.graphs.catalog import task_types
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.node_case import Case
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.shapes.dim import free
from nodes.core.shapes.shape import Shape
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput

STEPS = 7
GROWING = "T"
"""The free size of the sequence that is run in chunks; other inputs are given whole."""

CLOSE = 1e-5


def streaming_faults(case: Case, seed: int) -> list[str]:
    """Run a node in chunks where it declares that it can; list the outputs that differ."""
    drawn_case, random = draw_sequence(case, seed), Random(seed)
    found: dict[str, None] = {}
    for used in uses(drawn_case.node):
        chunks = chunking(STEPS, random)
        if is_streamable(drawn_case, used):
            found.update(dict.fromkeys(differing(drawn_case, used, chunks)))
    return [f"{port}: in pieces it differs from the whole sequence" for port in found]


def _compile_with_attention(drawn_case: DrawnCase, used: tuple[str, ...]) -> CompiledNode:
    """Compile a node and an attention, which gives any model a cache."""
    graph = one_node_graph(drawn_case, used).with_node("heads", BlockInput())
    graph = graph.with_node("attention", ScaledDotProductAttention(causal=True))
    for port in ("query", "key", "value"):
        graph = graph.with_edge(PortRef("heads", "output"), PortRef("attention", port))
    graph = graph.with_node("cached", GraphOutput())
    graph = graph.with_edge(PortRef("attention", "output"), PortRef("cached", "input"))
    specs = {f"to_{port.replace('.', '_')}": spec for port, spec in drawn_case.specs.items()}
    specs["heads"] = TensorSpec((2, 1, free(GROWING), 4), Kind.FEATURES)
    task = next(task for task in task_types().values() if task.generates)
    return compile_graph(drawn_case.model(task.model_validate({})), graph, specs)


def is_streamable(drawn_case: DrawnCase, used: tuple[str, ...]) -> bool:
    """Check whether a node declares that it can run in chunks."""
    checked = compile_node(drawn_case, used).checked
    if not streamable_graph.growing_sequences(checked) <= {GROWING}:
        return False
    outputs = frozenset(checked.graph.output_nodes)
    return streamable_graph.is_streamable(GraphUse(checked, outputs, GROWING))


def _time_axis(shape: Shape) -> int | None:
    return next((i for i, size in enumerate(shape) if size == free(GROWING)), None)


def _chunk(tensor: Tensor, shape: Shape, start: int, stop: int) -> Tensor:
    axis = _time_axis(shape)
    if axis is None:
        return tensor
    if shape[axis + 1 :] == (free(GROWING),):  # rows of new queries, over all keys up to them
        tensor = tensor.narrow(axis + 1, 0, stop)
    return tensor.narrow(axis, start, stop - start)


def chunking(steps: int, random: Random) -> list[int]:
    """Draw the lengths of the pieces of a sequence."""
    chunks: list[int] = []
    while sum(chunks) < steps:
        chunks.append(random.randint(1, steps - sum(chunks)))
    return chunks


def differing(
    drawn_case: DrawnCase, used: tuple[str, ...], chunks: Sequence[int] = (3, 1, 1, 1, 1)
) -> list[str]:
    """Run a node on a sequence in pieces; return the outputs that differ."""
    compiled = _compile_with_attention(drawn_case, used)
    module = compiled.module.eval()
    given = [*drawn_case.tensors().values(), torch.randn(2, 1, STEPS, 4)]
    shapes = [*(spec.shape for spec in drawn_case.specs.values()), (2, 1, free(GROWING), 4)]
    whole = module(*given)
    past: object = None
    found: list[list[Tensor]] = []
    ends = list(accumulate(chunks))
    for start, stop in pairwise([0, *ends]):
        parts = [_chunk(x, shape, start, stop) for x, shape in zip(given, shapes, strict=True)]
        *outputs, past = module(*parts, past=past)
        found.append(outputs)
    differing_ports = []
    for number, port in enumerate(used):
        axis = _time_axis(compiled.inferred.outputs[port].shape)
        pieces = [outputs[number] for outputs in found]
        joined = pieces[-1] if axis is None else torch.cat(pieces, axis)
        if joined.shape != whole[number].shape or not _close(joined, whole[number]):
            differing_ports.append(port)
    return differing_ports


def _close(a: Tensor, b: Tensor) -> bool:
    """Compare relatively to the largest number, as states without a bound may grow."""
    largest = max(1.0, float(b.double().abs().max()))
    return bool((a.double() - b.double()).abs().max() < CLOSE * largest)


def draw_sequence(case: Case, seed: int) -> DrawnCase:
    """Draw a case whose sequences have `STEPS` steps."""
    drawn_case = draw_case(case, Random(seed))
    drawn_case.run[GROWING] = STEPS
    return drawn_case
