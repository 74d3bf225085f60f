"""The code of one primitive node: the expression of its module, and the one of its outputs.

A `CheckedNode` and the values at its inputs -> expressions, through an `EmitContext`.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from codegen.check.checked_graph import CheckedNode
from codegen.check.node_streaming import node_streaming
from codegen.check.streaming_kind import Streaming
from codegen.planning.checked_access import inferred
from codegen.planning.model_scope import ModelScope
from codegen.planning.module_attributes import ModuleAttributes
from codegen.planning.values import PendingExpression, Value
from nodes.core.graphs.emit_context import EmitContext, arguments
from nodes.core.graphs.python_expression import Expr, name
from nodes.core.shapes.dim import AnyDim


@dataclass(slots=True)
class PrimitiveEmitter:
    """Emits the code of one primitive node.

    Attributes:
        scope: the scope of the model.
        attributes: the attributes of the class.
        checked: the checked node.
        layer: the attribute of its module, if it has one.
        used: its output ports that are read.
        sources: the value at each connected input.
        cached_state: its cached state, in a model with a cache.
        padding_idx: the row of its weight that stays zero.
        shared: the shared value that it reads, if any.
        read: the expression of each source, as it was read last.
    """

    scope: ModelScope
    attributes: ModuleAttributes
    checked: CheckedNode
    layer: str
    used: frozenset[str]
    sources: Mapping[str, Value]
    cached_state: Expr | None
    padding_idx: AnyDim | None
    shared: Mapping[str, Value]
    read: tuple[Expr, ...] = ()

    def module(self) -> Expr | None:
        """Emit the expression that constructs the module; None if the node has none."""
        return self.scope.cached_expression(self.checked, self._module_key, self._emit_module)

    def forward(self) -> Expr:
        """Emit the expression of the outputs, with the sources as they are read at this point."""
        self.read = tuple([value.expr for value in self.sources.values()])
        expr = self.scope.cached_expression(self.checked, self._forward_key, self._emit_forward)
        assert expr is not None, self.layer
        return expr

    def effects(self) -> Hashable | None:
        """Return what the code does but for the arguments of the module; None if not only that.

        Code that stores a number, reads a free size or calls the library has further effects.
        """
        keys = self._module_key, self._forward_key
        entries = [self.scope.cached_entry(self.checked, key) for key in keys]
        module, forward = entries
        if module is None or forward is None:
            return None
        return module[1] is None, module[2], forward[1], forward[2], self._streaming

    def of(self, checked: CheckedNode) -> "PrimitiveEmitter":
        """Emit the code of another node that reads what this one has read."""
        values = zip(self.sources.items(), self.read, strict=True)
        sources = {
            port: Value(value.spec, pending=PendingExpression(expr))
            for (port, value), expr in values
        }
        other = replace(self, checked=checked, sources=sources)
        other.module()
        other.forward()
        return other

    @property
    def _module_key(self) -> tuple[object, ...]:
        return self.layer, self.padding_idx

    @property
    def _forward_key(self) -> tuple[object, ...]:
        state = self.cached_state and self.cached_state.text
        shared = tuple(value.expr.text for value in self.shared.values())
        streamed = self.scope.state_argument, self.scope.sequence
        texts = tuple([expr.text for expr in self.read])
        return self.layer, streamed, self.attributes.is_model, self.used, state, shared, texts

    @property
    def _streaming(self) -> Streaming | None:
        """How the node streams, in a model with a cache."""
        if not self.scope.state_argument:
            return None
        connected = frozenset(self.sources)
        return node_streaming(self.checked, connected, self.used, self.scope.sequence)

    def _emit_module(self) -> Expr | None:
        context = self._context()
        module = self.checked.node.module(context)
        self.scope.use_functions(context.functions)
        return module

    def _emit_forward(self) -> Expr:
        context = self._context()
        context.symbol = self.attributes.forward_symbol
        context.shared = next((value.expr for value in self.shared.values()), None)
        node = self.checked.node
        expressions = {port: value.expr for port, value in self.sources.items()}
        expr = node.forward(context, **arguments(node.inputs, expressions))
        self.scope.use_functions(context.functions)
        return expr

    def _context(self) -> EmitContext:
        result = inferred(self.checked)
        specs = {**self.checked.input_specs, **result.outputs}
        return EmitContext(
            dims=result.dims,
            shapes={port: spec.shape for port, spec in specs.items()},
            connected=frozenset(self.sources),
            used=self.used,
            layer=name(f"self.{self.layer}"),
            symbol=self.attributes.init_symbol,
            start=name("start") if self._streaming is Streaming.POSITION else None,
            cached_state=self.cached_state,
            store=self.attributes.store,
            write=self.scope.notation.write,
            padding_idx=self.padding_idx,
        )
