"""Rules for calls of LSTM, GRU and RNN."""

from typing import Any

from torch import fx, nn

from builder.importing.rules.layer_rules import swapped
from builder.importing.rules.steps import Match, Ref, WeightEntry
from builder.importing.tracing.known_calls import Call, Packed, Slot
from builder.importing.tracing.operators import arg, op
from builder.importing.tracing.trace import Trace
from nodes.core.graphs.node import Node
from nodes.recurrent.gru import GRU
from nodes.recurrent.lstm import LSTM
from nodes.recurrent.rnn import RNN

_NODES: dict[type[nn.Module], type[Node]] = {nn.LSTM: LSTM, nn.GRU: GRU, nn.RNN: RNN}


def recurrent(trace: Trace, value: fx.Node) -> Match | None:
    """A call of ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN``, also on packed sequences."""
    if op(value) != "known_module" or type(trace.call(value).module) not in _NODES:
        return None
    call, tensors = trace.call(value), arg(value, 0)
    module: Any = call.module
    x: Any = call.arguments["input"]
    lengths: Any = None
    if isinstance(x, Packed):
        x, lengths = x.data, x.lengths
    match = Match(trace, value)
    source = Ref(tensors[x.position])
    ports = {"input": source if module.batch_first else swapped(match, source, 0, 1)}
    if isinstance(lengths, Slot):
        ports["lengths"] = Ref(tensors[lengths.position])
    ports |= _states(trace, call, tensors)
    match.add(_node(module), ports, "rnn", module_weights(trace, module))
    return match


def _node(module: Any) -> Node:
    given = {
        "hidden_size": module.hidden_size,
        "num_layers": module.num_layers,
        "bias": module.bias,
        "dropout": float(module.dropout),
        "bidirectional": module.bidirectional,
    }
    if isinstance(module, nn.LSTM):
        given["proj_size"] = module.proj_size
    if isinstance(module, nn.RNN):
        given["nonlinearity"] = module.nonlinearity
    return _NODES[type(module)].model_validate(given)


def _states(trace: Trace, call: Call, tensors: list[fx.Node]) -> dict[str, Ref]:
    """Connect the initial states that are not zeros."""
    states = call.arguments["hx"]
    given = states if isinstance(states, tuple) else (states,)
    names = ("initial_hidden", "initial_cell")
    found = {}
    for name, state in zip(names, given, strict=False):
        if isinstance(state, Slot) and not _is_zero(trace, tensors[state.position]):
            found[name] = Ref(tensors[state.position])
    return found


def _is_zero(trace: Trace, value: fx.Node) -> bool:
    return not trace.sources(value) and all(not bool(run[value].any()) for run in trace.runs)


def recurrent_output(trace: Trace, value: fx.Node) -> Match | None:
    """One of the outputs of a recurrent network."""
    call_node = arg(value, 0)
    if op(value) != "getitem" or op(call_node) != "known_module":
        return None
    call = trace.call(call_node)
    if type(call.module) not in _NODES:
        return None
    index, match = arg(value, 1), Match(trace, value)
    packed = call.arguments["input"]
    if isinstance(packed, Packed):
        lengths: Any = packed.lengths
        if index == 1:
            return match.alias(arg(call_node, 0)[lengths.position])
        index -= index > 1
    if index > 0:
        return match.alias(Ref(call_node, ("output", "hidden", "cell")[index]))
    if call.module.batch_first:
        return match.alias(call_node)
    swapped(match, Ref(call_node), 0, 1)
    return match


def module_weights(trace: Trace, module: nn.Module) -> dict[str, WeightEntry]:
    """Return the weights of a module that is called as a whole, under their own names."""
    path = module_path(trace, module)
    return {name: f"{path}{name}" for name, _ in module.named_parameters()}


def module_path(trace: Trace, module: nn.Module) -> str:
    """Return the path of a module in the model, with a dot at its end unless it is the model."""
    path = next(name for name, one in trace.model.named_modules() if one is module)
    return f"{path}." if path else ""
