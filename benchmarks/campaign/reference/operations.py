"""The operation of every primitive node type and composite."""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.campaign.reference import (
    distances,
    elementwise,
    recurrences,
    rotations,
    sequences,
    tensors,
    transformers,
)
from benchmarks.campaign.reference.activations import ACTIVATIONS, elu, shrunk, thresholded
from benchmarks.campaign.reference.call import Call


def _each(function: Callable[[Tensor], Tensor]) -> Callable[[Call, Tensor], Tensor]:
    return lambda call, input: function(input)


OPERATIONS: Mapping[str, Callable] = {
    "Embedding": elementwise.embedding,
    "PositionIds": sequences.position_ids,
    "SinusoidalEncoding": sequences.sinusoidal_encoding,
    "LearnedEncoding": sequences.learned_encoding,
    "PaddedPositionIds": sequences.padded_position_ids,
    "RotaryEncoding": rotations.rotary_encoding,
    "RNN": sequences.recurrent(1, sequences.rnn_cell, 1),
    "GRU": sequences.recurrent(3, sequences.gru_cell, 1),
    "LSTM": sequences.recurrent(4, sequences.lstm_cell, 2),
    "RNNCell": sequences.one_step(1, sequences.rnn_cell),
    "GRUCell": sequences.one_step(3, sequences.gru_cell),
    "LSTMCell": sequences.one_step(4, sequences.lstm_cell),
    "LinearRecurrence": recurrences.linear_recurrence,
    "SelectiveScan": recurrences.selective_scan,
    "WKV": recurrences.wkv,
    "RGLRU": recurrences.rglru,
    "SplitHeads": transformers.split_heads,
    "MergeHeads": transformers.merge_heads,
    "ScaledDotProductAttention": transformers.attention,
    "MultiHeadAttention": transformers.multi_head_attention,
    "FeedForward": transformers.feed_forward,
    "GatedFeedForward": transformers.gated_feed_forward,
    "MixtureOfExperts": transformers.mixture_of_experts,
    "EncoderLayer": transformers.encoder_layer,
    "DecoderLayer": transformers.decoder_layer,
    "CausalMask": sequences.causal_mask,
    "WindowMask": sequences.window_mask,
    "PaddingMask": sequences.padding_mask,
    "LengthMask": sequences.length_mask,
    "CombineMasks": sequences.combine_masks,
    "EitherMask": sequences.either_mask,
    "InvertMask": lambda call, mask: torch.logical_not(mask),
    "TokenMask": sequences.token_mask,
    "Linear": elementwise.linear,
    "FourierMixing": tensors.fourier_mixing,
    "MatMul": elementwise.matmul,
    "LayerNorm": elementwise.layer_norm,
    "RMSNorm": elementwise.rms_norm,
    "ScaleNorm": elementwise.scale_norm,
    "ReLU": _each(ACTIVATIONS["relu"]),
    "GELU": elementwise.gelu,
    "SiLU": _each(ACTIVATIONS["silu"]),
    "Tanh": _each(torch.tanh),
    "Sigmoid": _each(torch.sigmoid),
    "LeakyReLU": elementwise.leaky_relu,
    "ELU": elementwise.elu,
    "Softplus": _each(F.softplus),
    "ReLU6": _each(ACTIVATIONS["relu6"]),
    "ReLUSquared": _each(ACTIVATIONS["relu_squared"]),
    "QuickGELU": _each(ACTIVATIONS["quick_gelu"]),
    "Mish": _each(ACTIVATIONS["mish"]),
    "SELU": _each(ACTIVATIONS["selu"]),
    "CELU": lambda call, input: elu(input, call.alpha, call.alpha),
    "Softsign": _each(ACTIVATIONS["softsign"]),
    "LogSigmoid": _each(ACTIVATIONS["log_sigmoid"]),
    "Tanhshrink": _each(ACTIVATIONS["tanhshrink"]),
    "Softshrink": lambda call, input: shrunk(input, call.lambd),
    "Hardshrink": lambda call, input: thresholded(input, call.lambd),
    "Hardswish": _each(ACTIVATIONS["hardswish"]),
    "Hardsigmoid": _each(ACTIVATIONS["hardsigmoid"]),
    "Exp": _each(torch.exp),
    "SoftCap": lambda call, input: call.cap * torch.tanh(input / call.cap),
    "Absolute": _each(torch.abs),
    "ALiBi": distances.alibi,
    "RelativePositionBias": distances.relative_position_bias,
    "L2Norm": elementwise.l2_norm,
    "LayerScale": tensors.layer_scale,
    "LearnedMix": tensors.learned_mix,
    "LearnedTokens": tensors.learned_tokens,
    "ScalarMix": tensors.scalar_mix,
    "Softmax": elementwise.softmax,
    "LogSoftmax": elementwise.log_softmax,
    "MaskedSoftmax": elementwise.masked_softmax,
    "CumulativeSum": tensors.cumulative_sum,
    "Dropout": elementwise.dropout,
    "StochasticDepth": lambda call, input: input,
    "Add": elementwise.add,
    "Multiply": elementwise.multiply,
    "Affine": elementwise.affine,
    "Concatenate": elementwise.concatenate,
    "Stack": elementwise.stack,
    "Split": elementwise.split,
    "Transpose": elementwise.transpose,
    "Reshape": elementwise.reshape,
    "Slice": elementwise.cut,
    "Select": elementwise.select,
    "ShiftRight": elementwise.shift_right,
    "Reverse": tensors.reverse,
    "Expand": tensors.expand,
    "Gather": tensors.gather,
    "MeanPooling": sequences.mean_pooling,
    "MaxPooling": sequences.max_pooling,
    "LastStep": sequences.last_step,
    "FirstStep": sequences.first_step,
    "Sum": tensors.total,
    "Mean": tensors.average,
    "ArgMax": tensors.arg_max,
    "Conv1d": sequences.conv1d,
    "MaxPool1d": sequences.max_pool1d,
}
"""Computes the outputs of a node from its call and its inputs by port."""

COMPOSITES = frozenset(
    (
        "Block",
        "MultiHeadAttention",
        "FeedForward",
        "GatedFeedForward",
        "EncoderLayer",
        "DecoderLayer",
    )
)
"""The types that can be repeated."""
