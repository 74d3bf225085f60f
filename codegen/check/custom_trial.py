"""The trial of a custom node: its code rules are run at check time, so that faults are problems.

A built-in node runs them first when the model is compiled.
"""

from codegen.check.checked_graph import CheckedNode
from codegen.check.node_streaming import own_steps
from codegen.check.time_analysis import field_context
from codegen.source.identifiers import identifier
from codegen.source.layer_sources import layer_names
from nodes.core.graphs.emit_context import Argument, EmitContext, arguments
from nodes.core.graphs.node import Node
from nodes.core.graphs.node_guard import NodeFault
from nodes.core.graphs.python_expression import Expr, name


def require_code(checked: CheckedNode) -> None:
    """Run the rules for code, receptive fields, weights and cost of a custom node.

    Raises:
        NodeFault: one fails, or returns what it must not return.
    """
    node, inferred = checked.node, checked.inferred
    if not node.origin or inferred is None:
        return
    ports = frozenset(port.name for port in node.outputs)
    _require_outputs(node, ports, frozenset(inferred.outputs), "infer")
    specs = {**checked.input_specs, **inferred.outputs}
    context = EmitContext(
        dims=inferred.dims,
        shapes={port: spec.shape for port, spec in specs.items()},
        connected=frozenset(checked.input_specs),
        used=ports,
        layer=name("self.layer"),
        symbol=lambda symbol, _: f"self.{identifier(symbol)}",
        store=_stored,
    )
    sources = {port: name(identifier(port.replace(".", "_"))) for port in checked.input_specs}
    node.module(context)
    node.forward(context, **arguments(node.inputs, sources))
    _require_layers(node, context)
    node.weights(inferred.dims)
    node.flops(inferred.dims)
    _require_fields(checked, ports)


def _require_fields(checked: CheckedNode, ports: frozenset[str]) -> None:
    """Compute the receptive fields with those of inputs of its own."""
    node, inferred = checked.node, checked.inferred
    assert inferred is not None
    fields = {port: own_steps(port, spec) for port, spec in checked.input_specs.items()}
    found = node.receptive_fields(field_context("", checked, fields, None))
    _require_outputs(node, ports, frozenset(found), "receptive_fields")
    for port in sorted(ports):
        expected, got = len(inferred.outputs[port].shape), len(found[port].dims)
        if expected != got:
            message = f"of {port} of {type(node).__name__} to have {expected} dimensions, got {got}"
            raise NodeFault(
                type(node), f"expected receptive_fields {message}; correct {node.origin}"
            )


def _require_outputs(node: Node, ports: frozenset[str], found: frozenset[str], method: str) -> None:
    if missing := sorted(ports - found):
        expected = f"expected {method} of {type(node).__name__} to give every output"
        raise NodeFault(type(node), f"{expected}, got none for {missing[0]}; correct {node.origin}")


def _stored(attribute: str, _: Argument) -> Expr:
    return name(f"self.{attribute}")


def _require_layers(node: Node, context: EmitContext) -> None:
    if missing := sorted(context.functions - layer_names({node.origin})):
        expected = "expected a function or class of its file or of codegen.layers in library_call"
        raise NodeFault(type(node), f"{expected}, got {missing[0]}; define it in {node.origin}")
