"""The values that no layer computes for itself, as `nodes.core.graphs.shared_value` says.

A `GraphUse` -> the shared values that its nodes read, those of the composites in it too. The class
of the model computes them; every other class takes them as parameters, the body of a loop over
steps too, for which they are the same at each step.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from codegen.check.graph_use import GraphUse
from codegen.check.node_streaming import time_dims
from codegen.check.streamable_graph import streaming_of
from codegen.check.streaming_kind import Streaming
from codegen.planning.model_scope import ModelScope
from codegen.planning.module_attributes import ModuleAttributes
from codegen.planning.plan import Assign, Parameter
from codegen.planning.values import PendingExpression, Scope, Value
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.graph import Composite
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.graphs.python_expression import Expr, name
from nodes.core.graphs.shared_value import SharedValue, SharingNode
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings


def shared_values(use: GraphUse) -> tuple[SharedValue, ...]:
    """Return the shared values that the code of a graph reads, each once."""
    found = use.checked.shared
    key = use.output_nodes, use.sequence
    if key not in found:
        of_nodes = (value for name in use.live for value in node_values(use, name))
        found[key] = tuple(dict.fromkeys(of_nodes))
    return found[key]


def node_values(use: GraphUse, name: str) -> tuple[SharedValue, ...]:
    """Return the shared values that the code of a node reads, those of its class in its order."""
    node = use.checked.graph.nodes[name]
    if not isinstance(node, Composite | SharingNode):
        return ()
    if isinstance(node, Composite):
        inner = use.inner(name)
        if inner is None:
            return ()
        found = shared_values(inner)
        # The body of a loop begins anew at each step, whatever the model has read before.
        is_loop = bool(inner.checked.graph.step_inputs)
        return tuple(replace(one, continues=False) for one in found) if is_loop else found
    checked_node = use.checked.nodes[name]
    if checked_node.inferred is None:
        return ()
    connected = frozenset(use.checked.sources[name])
    value = node.shared_value(checked_node.inferred.dims, connected, use.live[name])
    if value is None:
        return ()
    # An attention of no earlier steps has no cache of keys.
    keeps = not node.caches_inputs or streaming_of(use, name) is Streaming.STATEFUL
    length = TensorSpec((value.length,), Kind.FEATURES)
    return (replace(value, continues=keeps and bool(time_dims(length, use.sequence))),)


class SharedVariables:
    """The shared values that one method reads.

    Attributes:
        values: the value of each.
    """

    def __init__(self, use: GraphUse, nodes: Iterable[str]) -> None:
        self._use = use
        self.values: dict[SharedValue, Value] = {}
        for node in nodes:
            for shared in node_values(use, node):
                spec = TensorSpec((shared.length,), Kind.FEATURES)
                value = self.values.setdefault(shared, Value(spec, role=shared.name_hint))
                value.remaining_uses += 1

    def of_node(self, name: str) -> dict[str, Value]:
        """Return the values that a node reads, each by a word that is no port."""
        found = node_values(self._use, name) if self.values else ()
        return {f"*{number}": self.values[shared] for number, shared in enumerate(found)}

    def add_parameters(self, scope: Scope) -> list[Parameter]:
        """Name the parameters of a class that is given them."""
        kinds = Counter(type(shared) for shared in self.values)
        hints = [s.parameter if kinds[type(s)] == 1 else s.name_hint for s in self.values]
        return [
            Parameter(scope.add_parameter(value, hint), shared.annotation)
            for hint, (shared, value) in zip(hints, self.values.items(), strict=True)
        ]

    def shapes(self) -> list[str]:
        """List the variables with their shapes, where their types do not say these."""
        return [f"{v.variable} {shared.shape}" for shared, v in self.values.items() if shared.shape]

    def context(self, attributes: ModuleAttributes, scope: ModelScope) -> EmitContext:
        """Return the context of the class that computes them."""
        return EmitContext(
            dims=Bindings({}, {}),
            shapes={},
            connected=frozenset(),
            used=frozenset(),
            layer=name("self"),
            symbol=attributes.forward_symbol,
            store=attributes.store,
            start=name("start") if scope.state_argument else None,
            write=scope.notation.write,
        )

    def compute(self, context: EmitContext, scope: Scope, device: Expr) -> None:
        """Let each be computed where it is first read.

        Args:
            context: the context of the class; its start is the position of the first step.
            scope: the body of ``forward``, which the positions of the steps are assigned in.
            device: the device of the results.
        """
        start, steps = context.start, dict[tuple[AnyDim, bool], Expr]()
        for shared, value in self.values.items():
            context.start = start if shared.continues else None
            key = shared.length, shared.continues

            def positions(key: tuple[AnyDim, bool] = key) -> Expr:
                if key not in steps:
                    steps[key] = name(scope.names.create("steps"))
                    code = _positions(context, key[0], device)
                    scope.statements.append(Assign(steps[key].text, code))
                return steps[key]

            code = shared.code(context, device, positions)
            value.pending = PendingExpression(code, shows_shape=False)


def _positions(context: EmitContext, length: AnyDim, device: Expr) -> Expr:
    """Write the positions of some steps from the first one on."""
    count = context.expression(length)
    span = [count] if context.start is None else [context.start, context.start + count]
    return context.call("torch.arange", *span, device=device)
