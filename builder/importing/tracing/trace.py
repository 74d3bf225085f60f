"""A traced model: its operators in order, and their values on examples.

`trace` exports a model with ``torch.export``, its batch size and lengths left open, and runs the
operators on the examples. The rules of `builder.importing.rules` read a `Trace`.
"""

import logging
import operator
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from typing import Any

import sympy
import torch
from torch import Tensor, fx, nn

from builder.importing.exchange.request import ExampleInput, FixedSizeError, NotImported
from builder.importing.tracing.einsum import replace_einsums
from builder.importing.tracing.known_calls import CALLS, Call, recording
from builder.importing.tracing.known_shapes import KNOWN
from builder.importing.tracing.load_target import described
from builder.importing.tracing.open_lengths import open_lengths
from builder.importing.tracing.operators import CONVERSIONS, arg, op
from builder.importing.tracing.samples import SIZES, Entrance, Sizes, draw

Size = Any
"""A size: a whole number, or an expression of sympy in which B, T and S are symbols."""

Values = dict[fx.Node, Any]

_WRAPPER = "model"
_MAY_COPY = CONVERSIONS | frozenset(
    [
        "clone",
        "contiguous",
        "alias",
        "detach",
        "lift_fresh_copy",
        "slice",
        "expand",
        "view",
        "squeeze",
    ]
)
"""Operators that return the elements that they take, in their order, if the shape is the same."""

_SHAPE_ONLY = frozenset(
    [
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "new_zeros",
        "new_ones",
        "new_full",
        "new_empty",
    ]
)
"""Operators that read the shape of a tensor alone."""

_RANDOM = {"native_dropout": 2, "dropout": 2, "alpha_dropout": 2, "feature_dropout": 2}
"""The operators that are random in training, and the position of the argument that says so."""


@dataclass
class Trace:
    """The operators of a model.

    Attributes:
        model: the model.
        program: the exported program, with its weights.
        examples: the inputs.
        output_names: the names of the tensors that it returns.
        left_out: what it returns besides tensors.
        runs: the value of each operator, for each of `SIZES`.
        symbols: the names of the sizes that a run chooses.
        flipped: masks of the examples are true where they would be false.
        matches: what rules made of operators so far, by the rule and the operator.
    """

    model: nn.Module
    program: fx.GraphModule
    examples: Sequence[ExampleInput]
    output_names: list[str]
    left_out: list[str]
    runs: list[Values] = field(default_factory=list)
    symbols: dict[sympy.Symbol, sympy.Symbol] = field(default_factory=dict)
    flipped: bool = False
    matches: dict[Any, Any] = field(default_factory=dict)

    def run(self) -> None:
        """Run the operators on the examples, with other masks if these block a whole sequence."""
        for self.flipped in (False, True):
            self.runs = [_run(self, self.operators, sizes) for sizes in SIZES]
            if all(bool(torch.isfinite(run[x]).all()) for run in self.runs for x in self.outputs):
                return

    @cached_property
    def operators(self) -> list[fx.Node]:
        """The operators in the order in which they ran."""
        return list(self.program.graph.nodes)

    @cached_property
    def rank(self) -> dict[fx.Node, int]:
        """The position of each operator."""
        return {node: position for position, node in enumerate(self.operators)}

    @cached_property
    def placeholders(self) -> list[fx.Node]:
        """The inputs of the model."""
        return [node for node in self.operators if node.op == "placeholder"]

    @cached_property
    def outputs(self) -> list[fx.Node]:
        """The tensors that the model returns."""
        returned: Any = self.operators[-1].args[0]
        while len(returned) == 1 and isinstance(returned[0], tuple | list):
            returned = returned[0]
        return [node for node in returned if isinstance(node, fx.Node)]

    def example(self, node: fx.Node) -> ExampleInput:
        """Return the example of an input."""
        return self.examples[self.placeholders.index(node)]

    def call(self, node: fx.Node) -> Call:
        """Return the call of a known module."""
        return CALLS.calls[node.args[1]]  # type: ignore[index]

    def shape(self, node: fx.Node) -> tuple[Size, ...]:
        """Return the sizes of a tensor, in which B, T and S are symbols."""
        return tuple(self.size(size) for size in node.meta["val"].shape)

    def dtype(self, node: Any) -> torch.dtype | None:
        """Return the type of the elements of a tensor; None for what is none."""
        value = node.meta.get("val") if isinstance(node, fx.Node) else None
        return value.dtype if isinstance(value, Tensor) else None

    def size(self, value: Any) -> Size:
        """Return a size: that of an operator, or of a number."""
        if isinstance(value, fx.Node):
            value = value.meta["val"]
        if isinstance(value, torch.SymInt):
            expression = value.node.expr.xreplace(self.symbols)
            return int(expression) if expression.is_Integer else expression
        return int(value)

    def scope(self, node: fx.Node) -> tuple[str, ...]:
        """Return the paths of the modules whose ``forward`` an operator belongs to.

        The second call of a module has the path ``path@1``.
        """
        stack = node.meta.get("nn_module_stack") or {}
        found = []
        for key, (path, _) in stack.items():
            call = key.rpartition(".")[2].rpartition("@")[2] if "@" in key else ""
            if path.startswith(f"{_WRAPPER}."):
                own = path.removeprefix(f"{_WRAPPER}.").partition("@")[0]
                found.append(f"{own}@{call}" if call.isdecimal() else own)
        return tuple(found)

    def module(self, path: str) -> nn.Module:
        """Return a module by its path; "" is the model."""
        own = path.partition("@")[0]
        return self.model.get_submodule(own) if own else self.model

    def is_layer(self, path: str) -> bool:
        """Tell whether a module is one of PyTorch's own."""
        return type(self.module(path)).__module__.startswith("torch.nn.")

    def weight(self, node: fx.Node) -> str | None:
        """Return the name of a weight in the ``state_dict`` of the model; None if it is none."""
        if node.op != "get_attr":
            return None
        name = str(node.target)
        value = _attribute(self.program, name)
        return name.removeprefix(f"{_WRAPPER}.") if isinstance(value, nn.Parameter) else None

    @cached_property
    def _sources(self) -> dict[fx.Node, frozenset[fx.Node]]:
        found: dict[fx.Node, frozenset[fx.Node]] = {}
        for node in self.operators:
            if node.op == "placeholder" or self.weight(node) is not None:
                found[node] = frozenset({node})
            elif op(node) == "sym_size" or op(node) in _SHAPE_ONLY:
                found[node] = frozenset()
            else:
                found[node] = frozenset().union(*(found[one] for one in node.all_input_nodes))
        return found

    def sources(self, node: fx.Node) -> frozenset[fx.Node]:
        """Return the inputs and weights whose elements a value depends on."""
        return self._sources[node]

    def inputs(self, node: fx.Node) -> list[fx.Node]:
        """Return the inputs of the model whose elements a value depends on, in order."""
        return [one for one in self.placeholders if one in self._sources[node]]

    def number(self, value: Any) -> Any:
        """Return the number that all elements of a constant are; other values as they are."""
        if not isinstance(value, fx.Node) or self.sources(value):
            return value
        constant = self.runs[0].get(value)
        if not isinstance(constant, Tensor) or constant.numel() == 0 or constant.is_complex():
            return value
        first = constant.flatten()[0]
        return first.item() if bool((constant == first).all()) else value

    def evaluate(self, node: fx.Node, given: Mapping[fx.Node, Any], run: int = 0) -> Any:
        """Compute a value anew from other values of operators before it."""
        values = dict(given)
        affected = set(given)
        needed = self._ancestors(node, affected) - affected
        for one in sorted(needed, key=self.rank.__getitem__):
            if affected.intersection(one.all_input_nodes):
                values[one] = _computed(one, values, self.runs[run])
                affected.add(one)
        return values.get(node, self.runs[run][node])

    def drawn(self, sizes: Sizes) -> list[Tensor]:
        """Draw an example of each input; the same ones for the same sizes."""
        torch.manual_seed(sizes["T"])
        pairs = zip(self.placeholders, self.examples, strict=True)
        return [draw(example, sizes, *_ids(node), self.flipped) for node, example in pairs]

    def ancestors(self, nodes: Sequence[fx.Node]) -> list[fx.Node]:
        """Return operators and all before them, in order."""
        found = set().union(*(self._ancestors(node, set()) for node in nodes))
        return sorted(found, key=self.rank.__getitem__)

    def computed(self, nodes: Sequence[fx.Node], sizes: Sizes) -> Values:
        """Compute operators on an example of other sizes."""
        return _run(self, self.ancestors(nodes), sizes)

    def _ancestors(self, node: fx.Node, stop: set[fx.Node]) -> set[fx.Node]:
        """Return an operator and those before it, up to some."""
        pending, seen = [node], {node}
        while pending:
            one = pending.pop()
            before = [x for x in one.all_input_nodes if x not in seen] if one not in stop else []
            seen.update(before)
            pending += before
        return seen


def trace(model: nn.Module, examples: Sequence[ExampleInput], training: bool) -> Trace:
    """Trace a model.

    Args:
        model: the model.
        examples: the inputs of its ``forward``.
        training: trace what it does in training, where dropout is seen everywhere.

    Raises:
        NotImported: it cannot be exported, or fixes the batch size or a length.
    """
    entrance = Entrance(model, examples)
    entrance.train(training)
    drawn = tuple(draw(example, SIZES[0], limit=2) for example in examples)
    auto = torch.export.Dim.AUTO
    dynamic = tuple(dict.fromkeys(range(min(x.dim(), 2)), auto) for x in drawn)
    try:
        with warnings.catch_warnings(), _quiet(), recording(KNOWN), open_lengths():
            warnings.simplefilter("ignore")
            exported = torch.export.export(
                entrance, drawn, dynamic_shapes=(dynamic,), strict=False
            ).run_decompositions({})
            program = exported.module(check_guards=False)
    except Exception as error:
        raise NotImported(f"the model cannot be traced: {described(error)}") from error
    model.eval()
    if not entrance.returned.names:
        left_out = ", ".join(entrance.returned.left_out) or "nothing"
        raise NotImported(
            f"expected forward to return tensors, or tuples or mappings of them, got {left_out}"
        )
    _remove_copies(program.graph)
    replace_einsums(program.graph)
    returned = entrance.returned
    found = Trace(model, program, examples, returned.names, returned.left_out)
    _name_sizes(found)
    found.run()
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence PyTorch, which repeats at length what an exception says."""
    logging.disable(logging.ERROR)
    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)


def _remove_copies(graph: fx.Graph) -> None:
    """Remove the operators that return what they take: copies, whole slices and the like."""
    for node in graph.nodes:
        x = arg(node, 0)
        if op(node) not in _MAY_COPY or not isinstance(x, fx.Node):
            continue
        old, new = x.meta.get("val"), node.meta.get("val")
        if not isinstance(old, Tensor) or not isinstance(new, Tensor) or old.dtype != new.dtype:
            continue
        sizes = [[str(size) for size in one.shape] for one in (old, new)]
        if sizes[0] == sizes[1]:
            node.replace_all_uses_with(x)


def _name_sizes(traced: Trace) -> None:
    """Name the sizes that a run chooses.

    Raises:
        FixedSizeError: the code fixes one of them, or two of them are always equal.
    """
    for node in traced.placeholders:
        example = traced.example(node)
        dims = [example.dims[i] for i in example.order]
        for size, symbol in zip(node.meta["val"].shape, dims, strict=True):
            if isinstance(symbol, int):
                continue
            found = size.node.expr if isinstance(size, torch.SymInt) else size
            if not isinstance(found, sympy.Symbol):
                raise FixedSizeError(
                    f"{example.name}: expected code that works for any {symbol}, got code that "
                    f"works for {symbol} = {found} only when it is traced, as with a Python loop "
                    f"over {symbol}"
                )
            named = traced.symbols.setdefault(
                found, sympy.Symbol(symbol, integer=True, positive=True)
            )
            if str(named) != symbol:
                raise FixedSizeError(
                    f"{example.name}: expected code that works for any {symbol}, got code for "
                    f"which {symbol} is always {named}; write {named} in --example-input"
                )


def _run(traced: Trace, nodes: Sequence[fx.Node], sizes: Sizes) -> Values:
    """Compute operators on an example, without dropout."""
    given = dict(zip(traced.placeholders, traced.drawn(sizes), strict=True))
    values: Values = {}
    for node in nodes:
        if node.op == "placeholder":
            values[node] = given[node]
        elif node.op == "get_attr":
            values[node] = _attribute(traced.program, str(node.target))
        elif node.op == "call_function":
            values[node] = _computed(node, values, values)
    return values


def _ids(node: fx.Node) -> tuple[int, list[int]]:
    """Return the number of token ids of an input, and the ids that the code compares it with.

    They are the rows of the embedding that reads it.
    """
    pending, seen, rows, compared = [node], {node}, [], []
    while pending:
        for user in pending.pop().users:
            if op(user) == "embedding":
                rows.append(int(arg(user, 0).meta["val"].shape[0]))
            elif op(user) in ("eq", "ne") and isinstance(arg(user, 1), int):
                compared.append(arg(user, 1))
            elif op(user) in ("transpose", "view", "slice", *CONVERSIONS) and user not in seen:
                seen.add(user)
                pending.append(user)
    return min(rows, default=2), compared


def _computed(node: fx.Node, values: Values, otherwise: Values) -> Any:
    """Compute the value of one operator, as in evaluation."""

    def load(one: fx.Node) -> Any:
        return values[one] if one in values else otherwise[one]

    args: list[Any] = list(fx.map_arg(node.args, load))
    kwargs: dict[str, Any] = dict(fx.map_arg(node.kwargs, load))
    name = op(node)
    if name in _RANDOM and len(args) > _RANDOM[name]:
        args[_RANDOM[name]] = False
    if name == "scaled_dot_product_attention":
        args[4:5] = [0.0] * len(args[4:5])
        kwargs.pop("dropout_p", None)
    with torch.no_grad():
        if name in ("view", "_unsafe_view") and isinstance(args[1], list):
            return args[0].reshape(args[1])  # a copy that made it contiguous may have been removed
        return node.target(*args, **kwargs)  # type: ignore[operator]


def _attribute(program: nn.Module, name: str) -> Any:
    return operator.attrgetter(name)(program)
