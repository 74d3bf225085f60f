"""Checks of what a node class declares against what PyTorch computes; each returns the faults."""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from random import Random

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, TypeAdapter, ValidationError
from torch import Tensor, nn

from codegen.cost import total
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Block, Composite, Graph, Hyperparameter, Model
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Kind
from nodes.core.shapes.dim import free
from tests.one_node import (
    DTYPES,
    CompiledNode,
    DrawnCase,
    compile_graph,
    compile_node,
    one_node_graph,
)

HUGE = 1e6
"""No result of random numbers of ordinary size is as large."""
MASK, LENGTHS = Kind.MASK, Kind.LENGTHS
MODULES = {"nn": nn, "F": F, "torch": torch}
SPELLING = {
    "causal": "is_causal",
    "hidden_size": "dim_feedforward",
    "eps": "layer_norm_eps",
}
"""The PyTorch names of parameters that are called otherwise here."""
OTHER_DEFAULTS = {
    "Concatenate.dim": "features are concatenated far more often than batches",
    "ArgMax.dim": "torch.argmax without a dim flattens its input",
}
"""The defaults that differ from PyTorch's on purpose, with the reason."""


# -- shapes, kinds, weights ------------------------------------------------------------------------


def uses(node: Node) -> list[tuple[str, ...]]:
    """List the sets of outputs that are tested: each alone, and all together."""
    names = tuple(port.name for port in node.outputs)
    return list(dict.fromkeys([*((name,) for name in names), names]))


def declaration_faults(drawn_case: DrawnCase) -> list[str]:
    """Compile and run a node, and compare its outputs and weights with what it declares."""
    found: list[str] = []
    for used in uses(drawn_case.node):
        compiled = compile_node(drawn_case, used)
        results = as_tuple(compiled.module(*drawn_case.tensors().values()))
        for port, tensor in zip(used, results, strict=True):
            found += output_faults(drawn_case, compiled, port, tensor)
        found += weight_faults(drawn_case, compiled)
    return list(dict.fromkeys(found))


def as_tuple(result: object) -> tuple[Tensor, ...]:
    return result if isinstance(result, tuple) else (result,)


def output_faults(
    drawn_case: DrawnCase, compiled: CompiledNode, port: str, tensor: Tensor
) -> Iterator[str]:
    spec = compiled.inferred.outputs[port]
    declared = drawn_case.node.find_output(port)
    if tuple(tensor.shape) != drawn_case.shape(spec.shape):
        yield f"{port}: {drawn_case.shape(spec.shape)} is declared, {tuple(tensor.shape)} computed"
    elif type(drawn_case.node).infer is Node.infer or isinstance(drawn_case.node, Composite):
        expected = drawn_case.shape(compiled.inferred.dims.fill(declared.parsed))
        if expected != tuple(tensor.shape):
            yield f"{port}: the pattern is {expected}, {tuple(tensor.shape)} computed"
    if tensor.dtype is not DTYPES[spec.kind]:
        yield f"{port}: {spec.kind.value} declared, {tensor.dtype} computed"


def weight_faults(drawn_case: DrawnCase, compiled: CompiledNode) -> Iterator[str]:
    """Compare the declared weights and their number with those of the module."""
    count = sum(parameter.numel() for parameter in compiled.module.parameters())
    cost = total(drawn_case.model(), compiled.checked, drawn_case.run)
    if cost.parameters != count:
        yield f"{cost.parameters} weights declared, {count} in the module"
    if cost.flops < 0:
        yield f"{cost.flops} operations declared"
    if isinstance(drawn_case.node, Composite):
        return
    numbers = compiled.inferred.dims.evaluate(drawn_case.numbers)
    declared = dict(drawn_case.node.resolve(drawn_case.values).weights(numbers))
    actual = {
        name.partition(".")[2]: tuple(parameter.shape)
        for name, parameter in compiled.module.named_parameters()
    }
    if declared != actual:
        yield f"the weights {declared} declared, {actual} in the module"


# -- empty sequences -------------------------------------------------------------------------------


def empty_sequence_faults(drawn_case: DrawnCase) -> list[str]:
    """Run a node where a mask allows nothing or a length is 0, for one sequence and for all."""
    restricted = {
        port: spec for port, spec in drawn_case.specs.items() if spec.kind in (MASK, LENGTHS)
    }
    found: list[str] = []
    every = uses(drawn_case.node)
    for used in dict.fromkeys((every[0], every[-1])):
        module = compile_node(drawn_case, used).module.eval()
        for port, whole in product(restricted, (False, True)):
            tensors = drawn_case.tensors()
            before = as_tuple(module(*tensors.values()))
            tensors[port][... if whole else 0] = 0
            given = [one.requires_grad_(one.is_floating_point()) for one in tensors.values()]
            after = as_tuple(module(*given))
            floating = {
                name: one for name, one in zip(used, after, strict=True) if one.is_floating_point()
            }
            found += not_finite(module, given, floating)
            if not whole and restricted[port].shape[:1] == (free("B"),):
                found += [
                    f"{name}: an empty sequence changes the others"
                    for name, old, new in zip(used, before, after, strict=True)
                    if len(old) == drawn_case.run["B"] and not alike_tensors(old[1:], new[1:])
                ]
    return list(dict.fromkeys(found))


def alike_tensors(one: Tensor, other: Tensor) -> bool:
    return one.dtype is other.dtype and torch.allclose(one.double(), other.double(), 1e-4, 1e-5)


def not_finite(
    module: nn.Module, given: Iterable[Tensor], outputs: Mapping[str, Tensor]
) -> Iterator[str]:
    """List the outputs and the gradients that are infinite or not a number, or huge."""
    yield from (f"{name}: {one}" for name, one in outputs.items() if not one.abs().max() < HUGE)
    sources = {f"input {number}": one for number, one in enumerate(given) if one.requires_grad}
    sources |= dict(module.named_parameters())
    total = sum(one.square().sum() for one in outputs.values())
    if sources and outputs and total.requires_grad:
        gradients = torch.autograd.grad(total, [*sources.values()], allow_unused=True)
        for name, one in zip(sources, gradients, strict=True):
            if one is not None and not one.abs().max() < HUGE:
                yield f"the gradient of {name}: {one}"


# -- composites ------------------------------------------------------------------------------------


def expansion_faults(drawn_case: DrawnCase) -> list[str]:
    """Compare a composite with its expansion as a block with the same weights."""
    found = []
    given = {**drawn_case.specs}
    for port in drawn_case.node.inputs:
        if port.default in given and port.name not in given:
            given[port.name] = given[port.default]
    full = DrawnCase(drawn_case.node, given, drawn_case.values, drawn_case.run)
    for used in uses(drawn_case.node):
        whole, drawn = compile_node(full, used), compile_expansion(full, used)
        drawn.module.load_state_dict(whole.module.state_dict())
        tensors = full.tensors().values()
        results = (as_tuple(one.module.eval()(*tensors)) for one in (whole, drawn))
        for port, ours, theirs in zip(used, *results, strict=True):
            if not torch.equal(ours, theirs):
                found.append(f"{port}: the expansion gives {theirs}, the node {ours}")
    return found


def compile_expansion(drawn_case: DrawnCase, used: tuple[str, ...]) -> CompiledNode:
    """Compile the expansion of a composite as a block."""
    dims, _ = drawn_case.node.bind(drawn_case.specs, drawn_case.model().sizes)
    expanded: Graph = drawn_case.node.specialize(drawn_case.values).expand(dims)
    block = Block(block="Inside", repeat=drawn_case.node.repeat, share=drawn_case.node.share)
    graph = one_node_graph(drawn_case, used).with_node("node", block)
    model = drawn_case.model().with_graph("Inside", expanded)
    incoming = {f"to_{port}": spec for port, spec in drawn_case.specs.items()}
    return compile_graph(model, graph, incoming)


# -- documentation ---------------------------------------------------------------------------------


def manual_faults(node_type: type[Node]) -> list[str]:
    """List what is missing in the manual page of a class, and what it describes without need."""
    page = inspect.cleandoc(vars(node_type).get("__doc__") or "")
    first = page.partition("\n")[0]
    found = [] if re.fullmatch(r"[A-Z].*[a-z0-9)]\.", first) else [f"no first sentence: {first!r}"]
    words = {word for port in node_type.outputs for word in port.parsed.words}
    words -= {word for port in node_type.inputs for word in port.parsed.words}
    own = node_type.model_fields.keys()
    found += differences("parameter", section(page, "Parameters"), own)
    described = section(page, "Dimensions")
    found += [f"the size {one} is not described" for one in words - own - described - {"B", "T"}]
    for port in (*node_type.inputs, *node_type.outputs):
        if not re.fullmatch(r"[^A-Z].*[^.]", port.doc):
            found.append(f"the port {port.name} is not described in a few words: {port.doc!r}")
        if port.kind is MASK and "true" not in port.doc:
            found.append(f"the port {port.name} does not say where a mask is true: {port.doc!r}")
    masks = [port for port in (*node_type.inputs, *node_type.outputs) if port.kind is MASK]
    if masks and "boolean" not in page.lower():
        found.append("it does not say that masks are boolean")
    if not isinstance(node_type.category, Category):
        found.append("it has no category")
    return found


def differences(what: str, described: set[str], own: Iterable[str]) -> list[str]:
    return [f"the {what} {one} is not described" for one in set(own) - described] + [
        f"the {what} {one} is described, but there is none" for one in described - set(own)
    ]


def section(page: str, title: str) -> set[str]:
    """Return the names that a section of a docstring describes."""
    text = re.search(rf"^{title}:\n((?:    .*\n?)*)", page, re.MULTILINE)
    return set(re.findall(r"^    (\w+): \S", text.group(1), re.MULTILINE)) if text else set()


# -- defaults --------------------------------------------------------------------------------------


def default_faults(node_type: type[Node]) -> list[str]:
    """List the defaults that are not those of the PyTorch class or function of the node."""
    theirs = torch_defaults(node_type.torch)
    found = []
    for name, info in node_type.model_fields.items():
        spelled = name if name in theirs else SPELLING.get(name, name)
        known = f"{node_type.__name__}.{name}" in OTHER_DEFAULTS
        if spelled in theirs and not known and not alike(info.default, theirs[spelled]):
            found.append(f"{name} is {info.default!r}, but {theirs[spelled]!r} in PyTorch")
    return found


def alike(ours: object, theirs: object) -> bool:
    if theirs is F.relu:
        return ours == "relu"
    return ours == theirs and (type(ours) is type(theirs) or not isinstance(ours, bool))


def torch_defaults(name: str) -> Mapping[str, object]:
    """Return the defaults of a PyTorch class or function, as far as it declares any."""
    module, _, last = name.partition(".")
    found = getattr(MODULES[module], last) if name else None
    if inspect.isclass(found) and issubclass(found, nn.RNNBase):
        bent = {"nonlinearity": found(1, 1).nonlinearity} if found is nn.RNN else {}
        return {**signature_defaults(nn.RNNBase), **bent}
    written_in_c = getattr(torch.ops.aten, last, None)
    if written_in_c is None:
        return signature_defaults(found) if found else {}
    first = getattr(written_in_c, written_in_c.overloads()[0])
    arguments = [argument for argument in first._schema.arguments if argument.has_default_value()]
    return {argument.name: alone(argument.default_value) for argument in arguments}


def alone(value: object) -> object:
    """Return the first item of a list of one number per dimension."""
    return (value or (None,))[0] if isinstance(value, list) else value


def signature_defaults(found: object) -> dict[str, object]:
    parameters = inspect.signature(found).parameters.values()
    return {
        parameter.name: parameter.default
        for parameter in parameters
        if parameter.default is not parameter.empty
    }


# -- files -----------------------------------------------------------------------------------------

POOL = (True, False, None, 0, 1, 2, 3, 7, -1, 0.0, 0.25, 0.5, 1.5, 1e-5, "a", "2 * b", "c // d")


def random_node(node_type: type[Node], random: Random) -> Node:
    """Draw every parameter of a node at random, valid together or not."""
    values = {}
    for name, info in node_type.model_fields.items():
        takes = TypeAdapter(info.rebuild_annotation(), config=ConfigDict(strict=True))
        choices = (*POOL, *named_values(takes.json_schema()))
        values[name] = random.choice([value for value in choices if accepts(takes, value)])
    return node_type(**values)


def named_values(schema: object) -> Iterator[object]:
    """List the values of the enumerations in a schema."""
    if isinstance(schema, dict):
        yield from schema.get("enum", ())
        schema = list(schema.values())
    if isinstance(schema, list):
        for one in schema:
            yield from named_values(one)


def accepts(takes: TypeAdapter, value: object) -> bool:
    try:
        takes.validate_python(value)
    except ValidationError:
        return False
    return True


def file_faults(node: Node) -> list[str]:
    """Save a model with the node, load it, and list what has changed."""
    names = {name: Hyperparameter(2, "a size") for name in "abcd"}
    model = Model("CompiledNode", Graph().with_node("node", node), hyperparameters=names)
    data = dumps(model)
    again = loads(data)
    found = [] if again == model else [f"{node!r} is loaded as {again.graph.nodes['node']!r}"]
    return found + ([] if dumps(again) == data else ["saving it again writes other bytes"])
