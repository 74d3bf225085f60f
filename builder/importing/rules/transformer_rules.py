"""Rules for calls of ``nn.MultiheadAttention`` and of the layers of ``nn.Transformer``."""

from typing import Any

import torch
from torch import fx, nn

from builder.importing.rules.layer_rules import swapped
from builder.importing.rules.mask_matching import Condition, Mask, find_mask
from builder.importing.rules.recurrent_rules import module_path
from builder.importing.rules.region_rules import FUNCTIONS
from builder.importing.rules.regions import agrees
from builder.importing.rules.steps import Match, Ref, WeightEntry
from builder.importing.rules.weight_entries import part_of
from builder.importing.tracing.known_calls import Call, Slot
from builder.importing.tracing.operators import arg, op
from builder.importing.tracing.trace import Trace
from nodes.activation.activation_name import ActivationName, activation
from nodes.normalization.layer_norm import LayerNorm
from nodes.pooling.mean import Mean
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.multi_head_attention import MultiHeadAttention
from nodes.transformer.transformer_layer import TransformerLayer

_STACKS = (nn.TransformerEncoder, nn.TransformerDecoder)
_LAYERS = (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)

Weights = dict[str, WeightEntry]


def transformer_output(trace: Trace, value: fx.Node) -> Match | None:
    """The output of a call of one of these modules."""
    call_node = arg(value, 0)
    if op(value) != "getitem" or op(call_node) != "known_module":
        return None
    call = trace.call(call_node)
    match = Match(trace, value)
    if isinstance(call.module, nn.MultiheadAttention):
        if arg(value, 1) == 0:
            return _batch_last(match, call.module.batch_first, Ref(call_node))
        match.alias(Ref(call_node, "attention"))
        if call.arguments["average_attn_weights"]:
            match.add(Mean(dim=1), {"input": Ref(call_node, "attention")})
        return match
    if isinstance(call.module, (*_STACKS, *_LAYERS)):
        return _batch_last(match, _layers(call.module)[0].self_attn.batch_first, Ref(call_node))
    return None


def _batch_last(match: Match, batch_first: bool, found: Ref) -> Match:
    if batch_first:
        return match.alias(found)
    swapped(match, found, 0, 1)
    return match


def attention_call(trace: Trace, value: fx.Node) -> Match | None:
    """A call of ``nn.MultiheadAttention``."""
    if op(value) != "known_module":
        return None
    call, match = trace.call(value), Match(trace, value)
    module: Any = call.module
    if not isinstance(module, nn.MultiheadAttention):
        return None
    if module.bias_k is not None or module.add_zero_attn:
        return None
    mask = _mask(match, call, ("attn_mask", "is_causal"), "key_padding_mask")
    if mask is None:
        return None
    node = MultiHeadAttention(
        num_heads=module.num_heads,
        dropout=module.dropout,
        bias=module.in_proj_bias is not None,
        causal=mask.causal,
        window=mask.window,
    )
    ports: dict[str, Ref] = {}
    for name in ("query", "key", "value"):
        source = _tensor(value, call, name)
        before = "query" if name == "key" else "key"
        if name == "query" or source is not _tensor(value, call, before):
            ref = Ref(source)
            ports[name] = ref if module.batch_first else swapped(match, ref, 0, 1)
    if mask.keys is not None:
        ports["key_mask"] = mask.keys.add(match)
    weights = attention_weights(module, module_path(trace, module))
    match.add(node, ports, "attention", weights)
    return match


def _tensor(value: fx.Node, call: Call, name: str) -> fx.Node:
    found: fx.Node = arg(value, 0)[call.arguments[name].position]
    return found


def attention_weights(module: nn.MultiheadAttention, path: str) -> Weights:
    """Return where the weights of the projections come from."""
    weights: Weights = {}
    for index, letter in enumerate("qkv"):
        if module.in_proj_weight is not None:
            weights[f"{letter}.weight"] = part_of(f"{path}in_proj_weight", index, 3)
        else:
            weights[f"{letter}.weight"] = f"{path}{letter}_proj_weight"
        if module.in_proj_bias is not None:
            weights[f"{letter}.bias"] = part_of(f"{path}in_proj_bias", index, 3)
    weights["out.weight"] = f"{path}out_proj.weight"
    if module.out_proj.bias is not None:
        weights["out.bias"] = f"{path}out_proj.bias"
    return weights


def _mask(match: Match, call: Call, names: tuple[str, str], padding_name: str) -> Mask | None:
    """Find the mask of a call: PyTorch's boolean masks are true where attention is not allowed."""
    conditions = []
    for name in (names[0], padding_name):
        slot = call.arguments[name]
        if isinstance(slot, Slot):
            value = arg(match.value, 0)[slot.position]
            boolean = value.meta["val"].dtype == torch.bool
            meaning = "blocked" if boolean else "added"
            conditions.append(Condition(value, meaning, name == padding_name))  # type: ignore[arg-type]
    return find_mask(match.trace, conditions)


def transformer_call(trace: Trace, value: fx.Node) -> Match | None:
    """A call of an encoder or decoder, or of one of their layers."""
    if op(value) != "known_module" or not isinstance(
        trace.call(value).module, (*_STACKS, *_LAYERS)
    ):
        return None
    call = trace.call(value)
    module: Any = call.module
    layers = _layers(module)
    match = Match(trace, value)
    ports = _ports(match, call, layers[0].self_attn.batch_first)
    nodes = [_layer_node(layer, ports is not None and ports[1]) for layer in layers]
    if ports is None or None in nodes or len({*nodes}) > 1 or nodes[0] is None:
        return None
    path, is_stack = module_path(trace, module), isinstance(module, _STACKS)
    node = nodes[0].model_copy(update={"repeat": len(layers)}) if len(layers) > 1 else nodes[0]
    weights: Weights = {}
    for index, layer in enumerate(layers):
        copy = f"{index}." if len(layers) > 1 else ""
        source = f"{path}layers.{index}." if is_stack else path
        weights |= {f"{copy}{name}": entry for name, entry in _layer_weights(layer, source).items()}
    found = match.add(node, ports[0], "layers" if is_stack else "layer", weights)
    if is_stack and module.norm is not None:
        norm = module.norm
        affine = {name: f"{path}norm.{name}" for name, _ in norm.named_parameters()}
        bias = "bias" in affine or not affine
        given = LayerNorm(eps=norm.eps, elementwise_affine=bool(affine), bias=bias)
        match.add(given, {"input": found}, "norm", affine)
    return match


def _layers(module: Any) -> list[Any]:
    return list(module.layers) if isinstance(module, _STACKS) else [module]


def _ports(match: Match, call: Call, batch_first: bool) -> tuple[dict[str, Ref], bool] | None:
    """Connect the inputs of a layer; return whether it is causal too."""
    first = "tgt" if "tgt" in call.arguments else "src"
    own = {"src": ("mask", "src_mask"), "tgt": ("tgt_mask",)}[first]
    name = next(name for name in own if name in call.arguments)
    mask = _mask(match, call, (name, ""), f"{first}_key_padding_mask")
    if mask is None or mask.window is not None:
        return None
    ports: dict[str, Ref] = {}
    for port, argument in {"input": first, "memory": "memory"}.items():
        if argument in call.arguments:
            source = Ref(_tensor(match.value, call, argument))
            ports[port] = source if batch_first else swapped(match, source, 0, 1)
    if mask.keys is not None:
        ports["key_mask"] = mask.keys.add(match)
    if first == "tgt":
        memory = _mask(match, call, ("memory_mask", ""), "memory_key_padding_mask")
        if memory is None or memory.causal:
            return None
        if memory.keys is not None:
            ports["memory_mask"] = memory.keys.add(match)
    return ports, mask.causal


def _layer_node(layer: Any, causal: bool) -> TransformerLayer | None:
    """Make the node of a layer; None if it is another layer than nodes make."""
    name = activation_name(layer.activation)
    norms = [layer.norm1, layer.norm2, *([layer.norm3] if hasattr(layer, "norm3") else [])]
    affine = all(norm.elementwise_affine for norm in norms)
    has_bias = layer.linear1.bias is not None
    if name is None or not affine or len({norm.eps for norm in norms}) > 1:
        return None
    given = {
        "num_heads": layer.self_attn.num_heads,
        "hidden_size": layer.linear1.out_features,
        "dropout": layer.dropout1.p,
        "activation": name,
        "norm_first": layer.norm_first,
        "eps": norms[0].eps,
        "bias": has_bias,
        "causal": causal,
    }
    if layer.self_attn.dropout != layer.dropout1.p:
        given["attn_dropout"] = layer.self_attn.dropout
    if layer.dropout.p != layer.dropout1.p:
        given["ffn_dropout"] = layer.dropout.p
    kind = DecoderLayer if isinstance(layer, nn.TransformerDecoderLayer) else EncoderLayer
    return kind.model_validate(given)


def activation_name(function: Any) -> ActivationName | None:
    """Return the name of an activation function, by its values."""
    x = torch.linspace(-6.0, 6.0, 101)
    actual = function(x)
    names: tuple[Any, ...] = EncoderLayer.choice_fields["activation"]
    for name in names:
        known = FUNCTIONS.get(activation(name))
        if known is not None and agrees(actual, known(x)):
            found: ActivationName = name
            return found
    return None


def _layer_weights(layer: Any, path: str) -> Weights:
    weights: Weights = {}
    attentions = {"self_attn": layer.self_attn}
    if hasattr(layer, "multihead_attn"):
        attentions["cross_attn"] = layer.multihead_attn
    for name, attention in attentions.items():
        own = "multihead_attn" if name == "cross_attn" else name
        found = attention_weights(attention, f"{path}{own}.")
        weights |= {f"{name}.{key}": entry for key, entry in found.items()}
    names = {"feed_forward.up": "linear1", "feed_forward.down": "linear2"}
    names |= {name: name for name in ("norm1", "norm2", "norm3") if hasattr(layer, name)}
    for name, own in names.items():
        for key, _ in getattr(layer, own).named_parameters():
            weights[f"{name}.{key}"] = f"{path}{own}.{key}"
    return weights
