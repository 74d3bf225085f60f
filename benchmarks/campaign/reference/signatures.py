"""The parameters and ports of every node type, restated from the manuals."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.campaign.reference.fields import (
    Dimension,
    Field,
    Name,
    Number,
    Padding,
    Plain,
    Probability,
    Scale,
    Whole,
    Word,
)

FLAG, OFF, TEXT = Plain(True), Plain(False), Plain("")
ACTIVATIONS = (
    *("relu", "gelu", "gelu_tanh", "silu", "tanh", "sigmoid", "relu_squared", "quick_gelu"),
    *("mish", "elu", "celu", "selu", "leaky_relu", "relu6", "hardswish", "hardsigmoid"),
    *("softplus", "softsign", "log_sigmoid", "tanhshrink", "softshrink", "hardshrink"),
)
QK_NORM = Word("none", names=("none", "layer", "rms", "l2"))
ABOVE_0 = Number(None, low=0, above=True)
ONE = Number(1.0, low=0, above=True)
ROPE_TYPE = Name("default", names=("default", "linear", "ntk", "llama3", "yarn"))
SCALING = {
    "original_max_position_embeddings": Whole(None),
    "low_freq_factor": ONE,
    "high_freq_factor": Number(4.0, low=0, above=True),
    "beta_fast": Number(32.0, low=0, above=True),
    "beta_slow": ONE,
    "attention_factor": ABOVE_0,
}
LENGTH = Name("T", names=("T", "S"))
PAIR = {"queries": LENGTH, "keys": LENGTH}
COPIES = {"repeat": Whole(1), "share": OFF}
CELL = {"hidden_size": Whole(128), "bias": FLAG}
RECURRENT = {
    "hidden_size": Whole(128),
    "num_layers": Whole(1),
    "bias": FLAG,
    "dropout": Probability(0.0),
    "bidirectional": OFF,
}
LAYER = {
    "num_heads": Whole(8),
    "hidden_size": Whole(2048),
    "dropout": Probability(0.1),
    "activation": Word("relu", names=ACTIVATIONS),
    "norm_first": OFF,
    "eps": Number(1e-5, low=0, above=True),
    "bias": FLAG,
    "norm": Word("layer", names=("layer", "rms")),
    "gated": OFF,
    "attn_dropout": Probability(None),
    "ffn_dropout": Probability(None),
    "num_kv_heads": Whole(None),
    "head_dim": Whole(None),
    "rotary": ABOVE_0,
    "rope_type": ROPE_TYPE,
    "rope_factor": ONE,
    "original_max_position_embeddings": Whole(None),
    "window": Whole(None),
    "qk_norm": QK_NORM,
    "scale": ABOVE_0,
    **COPIES,
}

SEQUENCE: Mapping[str, Field] = {"length": LENGTH, "steps": Whole(None)}

FIELDS: Mapping[str, Mapping[str, Field]] = {
    "TokenInput": SEQUENCE,
    "MaskInput": SEQUENCE,
    "FeatureInput": {**SEQUENCE, "features": Whole(1)},
    **dict.fromkeys(("AttentionMaskInput", "AttentionBiasInput"), PAIR),
    "BlockInput": {
        "kind": Name("any", names=("features", "token ids", "mask", "lengths", "state", "any")),
        "shape": Plain("..."),
        "optional": OFF,
    },
    "StepInput": {},
    "StateOutput": {},
    "MaskedSoftmax": {},
    "StateInput": {"size": Whole(128)},
    "Block": {"block": TEXT, **COPIES},
    "Embedding": {
        "num_embeddings": Whole(256),
        "embedding_dim": Whole(128),
        "padding_idx": Whole(None, least=0),
        "scale": Scale(1.0),
        "tie": TEXT,
    },
    "LearnedTokens": {"num_tokens": Whole(1)},
    "SinusoidalEncoding": {"base": Number(10000.0, low=0, above=True)},
    "LearnedEncoding": {"max_length": Whole(256)},
    "PositionIds": {"offset": Whole(0, least=0)},
    "PaddedPositionIds": {"offset": Whole(0, least=0), "padding": Whole(0, least=0)},
    "RotaryEncoding": {
        "base": Number(10000.0, low=0, above=True),
        "interleaved": OFF,
        "rope_type": ROPE_TYPE,
        "factor": ONE,
        **SCALING,
        "truncate": FLAG,
    },
    "ALiBi": {"num_heads": Whole(8)},
    "RelativePositionBias": {
        "num_heads": Whole(8),
        "num_buckets": Whole(32),
        "max_distance": Whole(128),
        "bidirectional": FLAG,
    },
    "RNN": {**RECURRENT, "nonlinearity": Word("tanh", names=("tanh", "relu"))},
    "GRU": RECURRENT,
    "RNNCell": {**CELL, "nonlinearity": Word("tanh", names=("tanh", "relu"))},
    **dict.fromkeys(("GRUCell", "LSTMCell"), CELL),
    "LSTM": {**RECURRENT, "proj_size": Whole(0, least=0)},
    "SplitHeads": {"num_heads": Whole(8)},
    "ScaledDotProductAttention": {
        "dropout_p": Probability(0.0),
        "causal": OFF,
        "scale": ABOVE_0,
        "window": Whole(None),
        "softcap": ABOVE_0,
        "sinks": OFF,
        "add_bias_kv": OFF,
        "add_zero_attn": OFF,
    },
    "MultiHeadAttention": {
        "num_heads": Whole(8),
        "num_kv_heads": Whole(None),
        "head_dim": Whole(None),
        "dropout": Probability(0.0),
        "bias": FLAG,
        "qkv_bias": FLAG,
        "out_bias": FLAG,
        "causal": OFF,
        "window": Whole(None),
        "rotary": ABOVE_0,
        "rotary_dim": Whole(None),
        "rotary_interleaved": OFF,
        "rope_type": ROPE_TYPE,
        "rope_factor": ONE,
        **SCALING,
        "rope_truncate": FLAG,
        "qk_norm": QK_NORM,
        "qk_norm_eps": ABOVE_0,
        "scale": ABOVE_0,
        "softcap": ABOVE_0,
        "sinks": OFF,
        "add_bias_kv": OFF,
        "add_zero_attn": OFF,
        **COPIES,
    },
    "FeedForward": {
        "hidden_size": Whole(None),
        "activation": Word("relu", names=ACTIVATIONS),
        "dropout": Probability(0.0),
        "bias": FLAG,
        **COPIES,
    },
    "GatedFeedForward": {
        "hidden_size": Whole(None),
        "activation": Word("silu", names=ACTIVATIONS),
        "dropout": Probability(0.0),
        "bias": OFF,
        **COPIES,
    },
    "MixtureOfExperts": {
        "num_experts": Whole(8),
        "top_k": Whole(2),
        "hidden_size": Whole(None),
        "activation": Word("silu", names=("silu", "gelu", "relu")),
        "normalize": FLAG,
    },
    "EncoderLayer": {**LAYER, "causal": OFF},
    "DecoderLayer": {**LAYER, "causal": FLAG},
    "WindowMask": {"window": Whole(64), "causal": FLAG},
    "Linear": {"out_features": Whole(None), "bias": FLAG, "tie": TEXT},
    "MatMul": {"transpose_right": OFF, "scale": Scale(1.0)},
    "LayerNorm": {
        "eps": Number(1e-5, low=0, above=True),
        "elementwise_affine": FLAG,
        "bias": FLAG,
    },
    "BatchNorm": {
        "eps": Number(1e-5, low=0, above=True),
        "momentum": Probability(0.1),
        "affine": FLAG,
    },
    "RMSNorm": {"eps": Number(None, low=0, above=True), "elementwise_affine": FLAG},
    "L2Norm": {"eps": Number(1e-12, low=0, above=True)},
    "ScaleNorm": {"eps": Number(1e-5, low=0, above=True)},
    "GELU": {"approximate": Word("none", names=("none", "tanh"))},
    "LeakyReLU": {"negative_slope": Number(0.01, low=0)},
    "ELU": {"alpha": Number(1.0, low=0, above=True)},
    "CELU": {"alpha": Number(1.0, low=0, above=True)},
    "Softshrink": {"lambd": Number(0.5, low=0)},
    "Hardshrink": {"lambd": Number(0.5, low=0)},
    "SoftCap": {"cap": Number(30.0, low=0, above=True)},
    "Softmax": {"dim": Dimension(-1)},
    "LogSoftmax": {"dim": Dimension(-1)},
    **{name: {"dim": Dimension(-1)} for name in ("CumulativeSum", "Sum", "Mean", "ArgMax")},
    "Reverse": {"dim": Dimension(1)},
    "Expand": {"dim": Dimension(1), "size": Whole(8)},
    "RGLRU": {"num_heads": Whole(8)},
    "MultiHeadSelectiveScan": {"num_heads": Whole(8)},
    "TokenMask": {"padding_id": Whole(0, least=0)},
    "LayerScale": {"init_value": Number(1e-4)},
    "StochasticDepth": {"p": Probability(0.1)},
    "Dropout": {"p": Probability(0.5)},
    "Affine": {"scale": Number(1.0), "shift": Number(0.0)},
    "Concatenate": {"dim": Dimension(-1)},
    "Stack": {"dim": Dimension(0)},
    "Split": {"size": Whole(None)},
    "Transpose": {"dim0": Dimension(1), "dim1": Dimension(2)},
    "Reshape": {"pattern": Plain("B T (size C) -> B (T size) C"), "size": Whole(2)},
    "Slice": {
        "dim": Dimension(1),
        "start": Whole(0, least=None),
        "stop": Whole(None, least=None),
        "step": Whole(1),
    },
    "Select": {"dim": Dimension(1), "index": Whole(0, least=None)},
    "ShiftRight": {"steps": Whole(1), "fill": Whole(0, least=None)},
    "Conv1d": {
        "out_channels": Whole(128),
        "kernel_size": Whole(3),
        "stride": Whole(1),
        "padding": Padding(0, least=0),
        "dilation": Whole(1),
        "groups": Whole(1),
        "bias": FLAG,
    },
    "MaxPool1d": {
        "kernel_size": Whole(2),
        "stride": Whole(None),
        "padding": Whole(0, least=0),
    },
    "ScatterAdd": {"size": Whole(256)},
    "Unfold": {"kernel_size": Whole(2), "stride": Whole(None)},
}
"""The parameters of each type; a type that is not listed has none."""

POOLED = "input:features:3 mask?:mask:2 lengths?:lengths:1 -> output:features"
STEPS = "lengths?:lengths:1 initial_hidden?:state:3"
ANYTHING = "input:any:0+ -> output:any"
EACH = "input:features:0+ -> output:features"
NORM = "input:features:1+ -> output:features"
HEADS = "query:features:4 key:features:4 value:features:4 mask?:mask:0+ bias?:features:0+"
KEYS = "key_mask?:mask:2"
POSITIONS = "positions?:tokens:0+"
BIAS = "score_bias?:features:0+"
DISTANCES = "query:features:3 key=query:features:3 -> output:features"
MANY = "*:features:0+ -> output:features"

SIGNATURES: Mapping[str, str] = {
    "TokenInput": "-> output:tokens",
    "FeatureInput": "-> output:features",
    **dict.fromkeys(("MaskInput", "AttentionMaskInput"), "-> output:mask"),
    "AttentionBiasInput": "-> output:features",
    "LengthInput": "-> output:lengths",
    "BlockInput": "-> output:any",
    "GraphOutput": "input:any:0+ ->",
    "StepInput": "-> output:any",
    "StateInput": "-> output:features",
    "StateOutput": "input:features:2 state:features:2 ->",
    "ConditionalRandomField": "emissions:features:3 tags?:tokens:2 mask?:mask:2 -> "
    "path:tokens log_likelihood:features",
    "MaskedSoftmax": "input:features:1+ mask:mask:0+ -> output:features",
    **dict.fromkeys(
        ("RNNCell", "GRUCell"), "input:features:2 hidden:features:2 -> output:features"
    ),
    "LSTMCell": "input:features:2 hidden:features:2 cell:features:2 -> "
    "new_hidden:features new_cell:features",
    "Embedding": "input:tokens:0+ -> output:features",
    "LearnedTokens": "input:features:2+ -> output:features",
    "PositionIds": "input:any:2+ -> output:tokens",
    "PaddedPositionIds": "mask:mask:2 -> output:tokens",
    "SinusoidalEncoding": f"input:features:3 {POSITIONS} -> output:features",
    "LearnedEncoding": f"input:features:3 {POSITIONS} -> output:features",
    "RotaryEncoding": f"input:features:4 {POSITIONS} -> output:features",
    "RNN": f"input:features:3 {STEPS} -> output:features hidden:state",
    "GRU": f"input:features:3 {STEPS} -> output:features hidden:state",
    "LSTM": f"input:features:3 {STEPS} initial_cell?:state:3 -> "
    "output:features hidden:state cell:state",
    "LinearRecurrence": "input:features:3 decay:features:3 initial_state?:state:2 -> "
    "output:features state:state",
    "SelectiveScan": "input:features:3 delta:features:3 b:features:3 c:features:3 "
    "initial_state?:state:3 -> output:features state:state",
    "MultiHeadSelectiveScan": "input:features:3 delta:features:3 b:features:3 c:features:3 "
    "initial_state?:state:3 -> output:features state:state",
    "WKV": "key:features:3 value:features:3 initial_state?:state:3 -> output:features state:state",
    "SplitHeads": "input:features:3 -> output:features",
    "MergeHeads": "input:features:4 -> output:features",
    "ScaledDotProductAttention": f"{HEADS} {KEYS} -> output:features attention:features",
    "MultiHeadAttention": "query:features:3 key=query:features:3 value=key:features:3 "
    f"{KEYS} mask?:mask:0+ {BIAS} {POSITIONS} key_positions=positions:tokens:0+ -> "
    "output:features attention:features",
    "FeedForward": NORM,
    "GatedFeedForward": NORM,
    "MixtureOfExperts": "input:features:1+ -> output:features router_logits:features",
    "EncoderLayer": f"input:features:3 {KEYS} mask?:mask:0+ {BIAS} {POSITIONS} -> output:features",
    "DecoderLayer": f"input:features:3 memory:features:3 {KEYS} memory_mask?:mask:2 "
    f"{BIAS} {POSITIONS} -> output:features",
    "CausalMask": "input:any:2+ -> output:mask",
    "WindowMask": "input:any:2+ -> output:mask",
    "PaddingMask": "mask:mask:2 -> output:mask",
    "LengthMask": "lengths:lengths:1 input:any:2+ -> output:mask",
    **dict.fromkeys(("CombineMasks", "EitherMask"), "masks*:mask:0+ -> output:mask"),
    "InvertMask": "mask:mask:0+ -> output:mask",
    "TokenMask": "input:tokens:2 -> output:mask",
    "Linear": NORM,
    "MatMul": "left:features:2+ right:features:2+ -> output:features",
    "FourierMixing": "input:features:3 -> output:features",
    **dict.fromkeys(("LayerNorm", "RMSNorm", "ScaleNorm", "L2Norm", "LayerScale"), NORM),
    "BatchNorm": "input:features:2+ -> output:features",
    "LearnedMix": "first:features:1+ second:features:1+ -> output:features",
    "StochasticDepth": NORM,
    **dict.fromkeys(("CumulativeSum", "Sum", "Mean"), EACH),
    "ArgMax": "input:features:0+ -> output:tokens",
    **dict.fromkeys(("ReLU", "GELU", "SiLU", "Tanh", "Sigmoid", "LeakyReLU", "ELU"), EACH),
    **dict.fromkeys(("Softplus", "Softmax", "LogSoftmax", "Dropout", "Affine"), EACH),
    **dict.fromkeys(("ReLU6", "ReLUSquared", "QuickGELU", "Mish", "SELU", "CELU"), EACH),
    **dict.fromkeys(("Softsign", "LogSigmoid", "Tanhshrink", "Softshrink", "Hardshrink"), EACH),
    **dict.fromkeys(("Hardswish", "Hardsigmoid"), EACH),
    **dict.fromkeys(("Exp", "Heaviside", "SoftCap", "Absolute"), EACH),
    **dict.fromkeys(("ALiBi", "RelativePositionBias"), DISTANCES),
    "Add": f"terms{MANY}",
    "Multiply": f"factors{MANY}",
    "Concatenate": f"parts{MANY}",
    "Stack": f"parts{MANY}",
    "Split": "input:features:1+ -> first:features second:features",
    **dict.fromkeys(("Transpose", "Reshape", "Slice", "Select"), ANYTHING),
    **dict.fromkeys(("Reverse", "Expand"), ANYTHING),
    "ScalarMix": NORM,
    "RGLRU": "input:features:3 initial_state?:state:2 -> output:features state:state",
    "ShiftRight": "input:any:2+ -> output:any",
    "Gather": "input:features:3 index:tokens:2 -> output:features",
    "ScatterAdd": "input:features:3 index:tokens:2 -> output:features",
    **dict.fromkeys(("MeanPooling", "MaxPooling", "LastStep"), POOLED),
    "FirstStep": "input:features:3 -> output:features",
    "Conv1d": "input:features:3 -> output:features",
    **dict.fromkeys(("MaxPool1d", "Unfold"), "input:features:3 -> output:features"),
}
"""The ports of each type: name, kind and rank; ``?`` optional, ``*`` variadic, ``=`` a default."""


@dataclass(frozen=True)
class PortRule:
    """An input port: what it takes."""

    name: str
    kind: str
    rank: str
    optional: bool = False
    variadic: bool = False
    default: str = ""

    def takes_rank(self, rank: int) -> bool:
        """Return whether a tensor of this rank fits."""
        least = int(self.rank.rstrip("+"))
        return rank >= least if self.rank.endswith("+") else rank == least


@lru_cache(maxsize=200)
def signature(node_type: str) -> tuple[tuple[PortRule, ...], tuple[tuple[str, str], ...]]:
    """Return the input ports of a type, and the names and kinds of its outputs."""
    inputs, outputs = SIGNATURES[node_type].split("->")
    rules = []
    for text in inputs.split():
        name, kind, rank = text.split(":")
        stem, _, default = name.partition("=")
        rules.append(
            PortRule(stem.rstrip("?*"), kind, rank, stem[-1] == "?", stem[-1] == "*", default)
        )
    return tuple(rules), tuple(
        (name, kind) for name, kind in (o.split(":") for o in outputs.split())
    )
