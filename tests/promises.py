"""What a node class promises, and every way in which PyTorch finds it untrue."""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from random import Random

import torch
import torch.nn.functional as F
from pydantic import ConfigDict, TypeAdapter, ValidationError
from torch import Tensor, nn

from codegen.cost import total
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Block, Composite, Graph, Hyperparameter, Model
from nodes.core.graphs.node import Category, Node
from tests.one_node import DTYPES, Probe, Situation, compile_graph, one_node_graph, probe

PLACES = {"nn": nn, "F": F, "torch": torch}
SPELLING = {
    "causal": "is_causal",
    "hidden_size": "dim_feedforward",
    "eps": "layer_norm_eps",
}
"""Our words for parameters that PyTorch calls otherwise, where it has none of our name."""
OURS = {
    "Concatenate.dim": "features are joined far more often than batches",
}
"""Defaults that differ from PyTorch's on purpose, with the reason."""


# -- shapes, kinds, weights ------------------------------------------------------------------------


def uses(node: Node) -> list[tuple[str, ...]]:
    """List the sets of outputs that are tried: each alone, and all together."""
    names = tuple(port.name for port in node.outputs)
    return list(dict.fromkeys([*((name,) for name in names), names]))


def broken_promises(here: Situation) -> list[str]:
    """Compile and run a node, and tell every promise that its code breaks."""
    found: list[str] = []
    for used in uses(here.node):
        made = probe(here, used)
        results = as_tuple(made.module(*here.tensors().values()))
        for port, tensor in zip(used, results, strict=True):
            found += broken_output(here, made, port, tensor)
        found += broken_weights(here, made)
    return list(dict.fromkeys(found))


def as_tuple(result: object) -> tuple[Tensor, ...]:
    return result if isinstance(result, tuple) else (result,)


def broken_output(here: Situation, made: Probe, port: str, tensor: Tensor) -> Iterator[str]:
    spec = made.inferred.outputs[port]
    declared = here.node.find_output(port)
    if tuple(tensor.shape) != here.shape(spec.shape):
        yield f"{port}: {here.shape(spec.shape)} is promised, {tuple(tensor.shape)} comes"
    elif type(here.node).infer is Node.infer or isinstance(here.node, Composite):
        told = here.shape(made.inferred.dims.fill(declared.parsed))
        if told != tuple(tensor.shape):
            yield f"{port}: its pattern says {told}, {tuple(tensor.shape)} comes"
    if tensor.dtype is not DTYPES[spec.kind]:
        yield f"{port}: {spec.kind.value} are promised, {tensor.dtype} comes"


def broken_weights(here: Situation, made: Probe) -> Iterator[str]:
    """Compare the weights a node tells of, and how many, with those that its module has."""
    count = sum(one.numel() for one in made.module.parameters())
    cost = total(here.model(), made.checked, here.run)
    if cost.parameters != count:
        yield f"{cost.parameters} trained numbers are promised, there are {count}"
    if cost.flops < 0:
        yield f"{cost.flops} operations are promised"
    if isinstance(here.node, Composite):
        return
    numbers = made.inferred.dims.evaluate(here.numbers)
    told = dict(here.node.resolve(here.values).weights(numbers))
    there = {
        name.partition(".")[2]: tuple(one.shape) for name, one in made.module.named_parameters()
    }
    if told != there:
        yield f"the weights {told} are promised, there are {there}"


# -- composites ------------------------------------------------------------------------------------


def unlike_expansion(here: Situation) -> list[str]:
    """Compare a composite with its expansion, drawn as a block with the same weights."""
    found = []
    given = {**here.specs}
    for port in here.node.inputs:
        if port.default and port.name not in given:
            given[port.name] = given[port.default]
    full = Situation(here.node, given, here.values, here.run)
    for used in uses(here.node):
        whole, drawn = probe(full, used), probe_expansion(full, used)
        drawn.module.load_state_dict(whole.module.state_dict())
        tensors = full.tensors().values()
        results = (as_tuple(one.module.eval()(*tensors)) for one in (whole, drawn))
        for port, ours, theirs in zip(used, *results, strict=True):
            if not torch.equal(ours, theirs):
                found.append(f"{port}: the expansion gives {theirs}, the node {ours}")
    return found


def probe_expansion(here: Situation, used: tuple[str, ...]) -> Probe:
    """Compile what a composite stands for, drawn by hand."""
    dims, _ = here.node.bind(here.specs, here.model().sizes)
    expanded: Graph = here.node.specialize(here.values).expand(dims)
    block = Block(block="Inside", repeat=here.node.repeat, share=here.node.share)
    graph = one_node_graph(here, used).with_node("node", block)
    model = here.model().with_graph("Inside", expanded)
    incoming = {f"to_{port}": spec for port, spec in here.specs.items()}
    return compile_graph(model, graph, incoming)


# -- documentation ---------------------------------------------------------------------------------


def undocumented(node_type: type[Node]) -> list[str]:
    """Tell what the manual page of a class leaves out, or says of what is not there."""
    page = inspect.cleandoc(vars(node_type).get("__doc__") or "")
    first = page.partition("\n")[0]
    found = [] if re.fullmatch(r"[A-Z].*[a-z0-9)]\.", first) else [f"no first sentence: {first!r}"]
    words = {word for port in node_type.outputs for word in port.parsed.words}
    words -= {word for port in node_type.inputs for word in port.parsed.words}
    own = node_type.model_fields.keys()
    found += differences("parameter", section(page, "Parameters"), own)
    told = section(page, "Dimensions")
    found += [f"the size {one} is not described" for one in words - own - told - {"B", "T"}]
    for port in (*node_type.inputs, *node_type.outputs):
        if not re.fullmatch(r"[^A-Z].*[^.]", port.doc):
            found.append(f"the port {port.name} is not described in a few words: {port.doc!r}")
    if not isinstance(node_type.category, Category):
        found.append("it has no place in the palette")
    return found


def differences(what: str, told: set[str], own: Iterable[str]) -> list[str]:
    return [f"the {what} {one} is not described" for one in set(own) - told] + [
        f"the {what} {one} is described, but there is none" for one in told - set(own)
    ]


def section(page: str, title: str) -> set[str]:
    """Read the names that a section of a docstring describes."""
    text = re.search(rf"^{title}:\n((?:    .*\n?)*)", page, re.MULTILINE)
    return set(re.findall(r"^    (\w+): \S", text.group(1), re.MULTILINE)) if text else set()


# -- defaults --------------------------------------------------------------------------------------


def strange_defaults(node_type: type[Node]) -> list[str]:
    """Tell the defaults that are not those of the PyTorch class or function of the same name."""
    theirs = torch_defaults(node_type.torch)
    found = []
    for name, info in node_type.model_fields.items():
        spelled = name if name in theirs else SPELLING.get(name, name)
        known = f"{node_type.__name__}.{name}" in OURS
        if spelled in theirs and not known and not alike(info.default, theirs[spelled]):
            found.append(f"{name} is {info.default!r}, but {theirs[spelled]!r} in PyTorch")
    return found


def alike(ours: object, theirs: object) -> bool:
    if theirs is F.relu:
        return ours == "relu"
    return ours == theirs and (type(ours) is type(theirs) or not isinstance(ours, bool))


def torch_defaults(name: str) -> Mapping[str, object]:
    """Tell the defaults of a PyTorch class or function; none for one that says nothing."""
    place, _, last = name.partition(".")
    found = getattr(PLACES[place], last) if name else None
    if inspect.isclass(found) and issubclass(found, nn.RNNBase):
        bent = {"nonlinearity": found(1, 1).nonlinearity} if found is nn.RNN else {}
        return {**signature_defaults(nn.RNNBase), **bent}
    written_in_c = getattr(torch.ops.aten, last, None)
    if written_in_c is None:
        return signature_defaults(found) if found else {}
    first = getattr(written_in_c, written_in_c.overloads()[0])
    arguments = [one for one in first._schema.arguments if one.has_default_value()]
    return {one.name: alone(one.default_value) for one in arguments}


def alone(value: object) -> object:
    """Take the number for every dimension out of its list."""
    return (value or (None,))[0] if isinstance(value, list) else value


def signature_defaults(found: object) -> dict[str, object]:
    parameters = inspect.signature(found).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not one.empty}


# -- files -----------------------------------------------------------------------------------------

POOL = (True, False, None, 0, 1, 2, 3, 7, -1, 0.0, 0.25, 0.5, 1.5, 1e-5, "a", "2 * b", "c // d")


def drawn_node(node_type: type[Node], random: Random) -> Node:
    """Draw every parameter of a node, whether they fit each other or not."""
    told = {}
    for name, info in node_type.model_fields.items():
        takes = TypeAdapter(info.rebuild_annotation(), config=ConfigDict(strict=True))
        choices = (*POOL, *named_values(takes.json_schema()))
        told[name] = random.choice([value for value in choices if accepts(takes, value)])
    return node_type(**told)


def named_values(schema: object) -> Iterator[object]:
    """List the values that a schema names one by one."""
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


def lost_in_a_file(node: Node) -> list[str]:
    """Save a model with the node, read it, and tell what has changed."""
    names = {name: Hyperparameter(2, "a size") for name in "abcd"}
    model = Model("Probe", Graph().with_node("node", node), hyperparameters=names)
    data = dumps(model)
    again = loads(data)
    found = [] if again == model else [f"{node!r} comes back as {again.graph.nodes['node']!r}"]
    return found + ([] if dumps(again) == data else ["saving it again gives other bytes"])
