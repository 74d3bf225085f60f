"""The shapes that known modules return, by which they are traced without looking inside."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from builder.importing.tracing.known_calls import Arguments, KnownModule, Outputs, Packed


def _recurrent(module: Any, arguments: Arguments) -> Outputs:
    x = arguments["input"]
    sequence = x.data if isinstance(x, Packed) else x
    batch_first = module.batch_first
    batch = sequence.size(0 if batch_first else 1)
    directions = 2 if module.bidirectional else 1
    projected = getattr(module, "proj_size", 0) or module.hidden_size
    output = sequence.new_empty((*sequence.shape[:2], directions * projected))
    states = directions * module.num_layers
    hidden = sequence.new_empty((states, batch, projected))
    state: Outputs = hidden
    if isinstance(module, nn.LSTM):
        state = (hidden, sequence.new_empty((states, batch, module.hidden_size)))
    if isinstance(x, Packed):
        return Packed(output, x.lengths.clone(), batch_first), state
    return output, state


def _attention(module: Any, arguments: Arguments) -> Outputs:
    query, key = arguments["query"], arguments["key"]
    output = query.new_empty(query.shape)
    if not arguments["need_weights"]:
        return output, None
    at = (0, 1) if module.batch_first else (1, 0)
    heads = () if arguments["average_attn_weights"] else (module.num_heads,)
    sizes = (query.size(at[0]), *heads, query.size(at[1]), key.size(at[1]))
    return output, query.new_empty(sizes)


def _is_batch(module: Any, arguments: Arguments) -> bool:
    x = next(iter(arguments.values()))
    return (x.data if isinstance(x, Packed) else x).dim() == 3


def _like_first(module: Any, arguments: Arguments) -> Outputs:
    given: Tensor = next(iter(arguments.values()))
    return given.new_empty(given.shape)


def _is_plain_stack(module: Any, arguments: Arguments) -> bool:
    layers = (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)
    plain = all(type(layer) in layers for layer in module.layers)
    norm = module.norm is None or type(module.norm) is nn.LayerNorm
    return plain and norm and _is_batch(module, arguments)


_RECURRENT = KnownModule(_recurrent, _is_batch)
_LAYER = KnownModule(_like_first, _is_batch)
_STACK = KnownModule(_like_first, _is_plain_stack)

KNOWN: Mapping[type[nn.Module], KnownModule] = {
    nn.LSTM: _RECURRENT,
    nn.GRU: _RECURRENT,
    nn.RNN: _RECURRENT,
    nn.MultiheadAttention: KnownModule(_attention, _is_batch),
    nn.TransformerEncoder: _STACK,
    nn.TransformerEncoderLayer: _LAYER,
    nn.TransformerDecoder: _STACK,
    nn.TransformerDecoderLayer: _LAYER,
}
