"""The cases that every node is tested with: parameters, and sizes that are valid with them."""

from nodes.activation.celu import CELU
from nodes.activation.cumulative_sum import CumulativeSum
from nodes.activation.elu import ELU
from nodes.activation.gelu import GELU
from nodes.activation.hardshrink import Hardshrink
from nodes.activation.leaky_relu import LeakyReLU
from nodes.activation.log_softmax import LogSoftmax
from nodes.activation.masked_softmax import MaskedSoftmax
from nodes.activation.soft_cap import SoftCap
from nodes.activation.softmax import Softmax
from nodes.activation.softshrink import Softshrink
from nodes.attention.merge_heads import MergeHeads
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.attention.split_heads import SplitHeads
from nodes.convolution.conv1d import Conv1d
from nodes.convolution.max_pool1d import MaxPool1d
from nodes.convolution.unfold import Unfold
from nodes.core.graphs.node import Node
from nodes.core.graphs.node_case import Case
from nodes.core.graphs.port import Kind
from nodes.dropout.dropout import Dropout
from nodes.dropout.stochastic_depth import StochasticDepth
from nodes.embedding.embedding import Embedding
from nodes.embedding.learned_tokens import LearnedTokens
from nodes.io.attention_bias_input import AttentionBiasInput
from nodes.io.attention_mask_input import AttentionMaskInput
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.mask_input import MaskInput
from nodes.io.state_input import StateInput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.linear.matmul import MatMul
from nodes.masks.causal_mask import CausalMask
from nodes.masks.combine_masks import CombineMasks
from nodes.masks.either_mask import EitherMask
from nodes.masks.invert_mask import InvertMask
from nodes.masks.length_mask import LengthMask
from nodes.masks.token_mask import TokenMask
from nodes.masks.window_mask import WindowMask
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from nodes.merge.concatenate import Concatenate
from nodes.merge.multiply import Multiply
from nodes.merge.scalar_mix import ScalarMix
from nodes.merge.split import Split
from nodes.merge.stack import Stack
from nodes.normalization.batch_norm import BatchNorm
from nodes.normalization.l2_norm import L2Norm
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.layer_scale import LayerScale
from nodes.normalization.rms_norm import RMSNorm
from nodes.normalization.scale_norm import ScaleNorm
from nodes.pooling.arg_max import ArgMax
from nodes.pooling.conditional_random_field import ConditionalRandomField
from nodes.pooling.last_step import LastStep
from nodes.pooling.max_pooling import MaxPooling
from nodes.pooling.mean import Mean
from nodes.pooling.mean_pooling import MeanPooling
from nodes.pooling.sum import Sum
from nodes.position.alibi import ALiBi
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.padded_position_ids import PaddedPositionIds
from nodes.position.position_ids import PositionIds
from nodes.position.relative_position_bias import RelativePositionBias
from nodes.position.rotary_encoding import RotaryEncoding
from nodes.position.sinusoidal_encoding import SinusoidalEncoding
from nodes.recurrent.gru import GRU
from nodes.recurrent.gru_cell import GRUCell
from nodes.recurrent.lstm import LSTM
from nodes.recurrent.lstm_cell import LSTMCell
from nodes.recurrent.multi_head_selective_scan import MultiHeadSelectiveScan
from nodes.recurrent.rglru import RGLRU
from nodes.recurrent.rnn import RNN
from nodes.recurrent.rnn_cell import RNNCell
from nodes.recurrent.selective_scan import SelectiveScan
from nodes.reshape.expand import Expand
from nodes.reshape.reshape import Reshape
from nodes.reshape.reverse import Reverse
from nodes.reshape.scatter_add import ScatterAdd
from nodes.reshape.select import Select
from nodes.reshape.shift_right import ShiftRight
from nodes.reshape.slice import Slice
from nodes.reshape.transpose import Transpose
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.gated_feed_forward import GatedFeedForward
from nodes.transformer.mixture_of_experts import MixtureOfExperts
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.node_parameters import (
    BEFORE,
    DEEP,
    HEADS,
    LAYER,
    LLAMA,
    MASK_OR_LENGTHS,
    SELF,
    STATES,
    YARN,
)

CASES: dict[type[Node], tuple[Case, ...]] = {
    TokenInput: (Case(TokenInput(length="S")), Case(TokenInput(steps=5))),
    FeatureInput: (
        Case(FeatureInput(features=3, length="S")),
        Case(FeatureInput(steps=5)),
    ),
    MaskInput: (Case(MaskInput(length="S")), Case(MaskInput(steps=5))),
    BlockInput: (Case(BlockInput(kind="mask", shape="B T", optional=True)),),
    Embedding: (
        Case(Embedding(), spread="B T"),
        Case(Embedding(num_embeddings=3, embedding_dim=23, padding_idx=2, scale="sqrt"), "B T"),
        Case(Embedding(num_embeddings=3, embedding_dim=23, padding_idx=0, scale=0.5), "T"),
    ),
    AttentionMaskInput: (Case(AttentionMaskInput(keys="S")),),
    AttentionBiasInput: (Case(AttentionBiasInput(queries="S")),),
    PositionIds: (Case(PositionIds(), "3"), Case(PositionIds(offset=2), "")),
    PaddedPositionIds: (Case(PaddedPositionIds()), Case(PaddedPositionIds(offset=2, padding=1))),
    SinusoidalEncoding: (Case(SinusoidalEncoding()), Case(SinusoidalEncoding(base=100.0))),
    LearnedEncoding: (Case(LearnedEncoding()), Case(LearnedEncoding(max_length=53))),
    RotaryEncoding: (
        Case(RotaryEncoding()),
        Case(RotaryEncoding(base=100.0, interleaved=True)),
        Case(RotaryEncoding(rope_type="linear", factor=4.0, interleaved=True)),
        Case(RotaryEncoding(rope_type="ntk", factor=4.0, base=100.0)),
        Case(RotaryEncoding(rope_type="llama3", factor=4.0, **BEFORE, low_freq_factor=0.5)),
        Case(RotaryEncoding(**YARN, beta_fast=8.0, truncate=False)),
        Case(RotaryEncoding(**YARN, attention_factor=1.2)),
    ),
    StateInput: (Case(StateInput(size=23)),),
    LearnedTokens: (Case(LearnedTokens(), "T"), Case(LearnedTokens(num_tokens=3), "")),
    MaskedSoftmax: (Case(MaskedSoftmax(), spread="B H T S"),),
    RNNCell: (Case(RNNCell()), Case(RNNCell(hidden_size=23, bias=False, nonlinearity="relu"))),
    GRUCell: (Case(GRUCell()), Case(GRUCell(hidden_size=23, bias=False))),
    LSTMCell: (Case(LSTMCell()), Case(LSTMCell(hidden_size=23, bias=False))),
    RNN: (
        Case(RNN()),
        Case(RNN(**DEEP, nonlinearity="relu", bias=False)),
        Case(RNN(**DEEP, bidirectional=True)),
    ),
    GRU: (
        Case(GRU()),
        Case(GRU(**DEEP, bias=False)),
        Case(GRU(hidden_size=23, bidirectional=True)),
    ),
    LSTM: (
        Case(LSTM(), without=STATES),
        Case(LSTM(**DEEP, bias=False), without=STATES),
        Case(LSTM(**DEEP, bidirectional=True), without=STATES),
        Case(LSTM(**DEEP, proj_size=2), without=STATES),
        Case(LSTM(hidden_size=23, bidirectional=True, proj_size=2), without=STATES),
    ),
    MultiHeadSelectiveScan: (Case(MultiHeadSelectiveScan(num_heads=3), sizes={"N": 2, "C": 6}),),
    SelectiveScan: (Case(SelectiveScan(), sizes={"N": 2}),),  # its decays stay small
    SplitHeads: (Case(SplitHeads()), Case(SplitHeads(num_heads=3))),
    MergeHeads: (Case(MergeHeads()), Case(MergeHeads(), sizes={"H": 1})),
    ScaledDotProductAttention: (
        Case(ScaledDotProductAttention(), sizes=HEADS),
        Case(ScaledDotProductAttention(dropout_p=0.3, scale=0.5), sizes={"H": 6, "K": 6}),
        Case(ScaledDotProductAttention(causal=True), sizes={**HEADS, "S": "T"}),
        Case(ScaledDotProductAttention(causal=True, window=3), sizes={**HEADS, "S": "T"}),
        Case(ScaledDotProductAttention(softcap=5.0, scale=0.5), sizes=HEADS),
        Case(ScaledDotProductAttention(sinks=True, dropout_p=0.3), sizes=HEADS),
        Case(ScaledDotProductAttention(causal=True, dropout_p=0.3), sizes={**HEADS, "S": "T"}),
        Case(ScaledDotProductAttention(add_bias_kv=True, add_zero_attn=True), sizes=HEADS),
        Case(ScaledDotProductAttention(causal=True, add_zero_attn=True), sizes={**HEADS, "S": "T"}),
        Case(ScaledDotProductAttention(add_bias_kv=True, softcap=5.0), sizes=HEADS),
    ),
    ALiBi: (Case(ALiBi()), Case(ALiBi(num_heads=6))),
    RelativePositionBias: (
        Case(RelativePositionBias()),
        Case(RelativePositionBias(num_heads=3, num_buckets=5, max_distance=17)),
        Case(RelativePositionBias(num_heads=3, bidirectional=False)),
    ),
    L2Norm: (Case(L2Norm()), Case(L2Norm(eps=1e-3), "")),
    MultiHeadAttention: (
        Case(MultiHeadAttention(), sizes=HEADS),
        Case(MultiHeadAttention(num_heads=6, num_kv_heads=3, dropout=0.3), sizes={"C": 24}),
        Case(MultiHeadAttention(num_heads=6, head_dim=3, bias=False), sizes={"C": 23}),
        Case(MultiHeadAttention(num_heads=6, rotary=100.0, causal=True), sizes=SELF),
        Case(
            MultiHeadAttention(num_heads=6, rotary=10.0, rotary_dim=2, causal=True, window=3),
            sizes=SELF,
        ),
        Case(
            MultiHeadAttention(num_heads=6, qk_norm="rms", softcap=5.0, out_bias=False),
            sizes=SELF,
        ),
        Case(
            MultiHeadAttention(num_heads=6, qk_norm="l2", sinks=True, scale=0.3, qkv_bias=False),
            sizes=SELF,
        ),
        Case(MultiHeadAttention(num_heads=6, add_bias_kv=True, add_zero_attn=True), sizes=SELF),
        Case(MultiHeadAttention(num_heads=6, rotary=10.0, rope_type="yarn", **BEFORE), sizes=HEADS),
        Case(MultiHeadAttention(num_heads=6, repeat=2), sizes=SELF, without=("key value",)),
        Case(
            MultiHeadAttention(num_heads=6, repeat=2, share=True),
            sizes=SELF,
            without=("key value",),
        ),
    ),
    FeedForward: (
        Case(FeedForward()),
        Case(FeedForward(hidden_size=23, activation="gelu", dropout=0.3, bias=False), "B"),
        Case(FeedForward(activation="gelu_tanh", repeat=2), "B T"),
        Case(FeedForward(activation="silu", repeat=3, share=True), "B T"),
    ),
    GatedFeedForward: (
        Case(GatedFeedForward()),
        Case(GatedFeedForward(hidden_size=23, activation="gelu", bias=True), "B T"),
        Case(GatedFeedForward(repeat=2, dropout=0.3), "B T"),
    ),
    MixtureOfExperts: (
        Case(MixtureOfExperts()),
        Case(
            MixtureOfExperts(
                num_experts=3, top_k=3, hidden_size=5, activation="gelu", normalize=False
            ),
            "",
        ),
    ),
    EncoderLayer: (
        Case(EncoderLayer(), sizes=SELF),
        Case(EncoderLayer(**LAYER, norm_first=True, dropout=0.0, causal=True), sizes=SELF),
        Case(EncoderLayer(**LLAMA, window=3), sizes=SELF),
        Case(EncoderLayer(**LLAMA, rope_type="llama3", rope_factor=8.0, **BEFORE), sizes=SELF),
        Case(EncoderLayer(num_heads=6, qk_norm="l2", scale=0.3, ffn_dropout=0.2), sizes=SELF),
        Case(EncoderLayer(num_heads=6, hidden_size=23, repeat=2), sizes=SELF),
        Case(EncoderLayer(num_heads=6, hidden_size=23, repeat=2, share=True), sizes=SELF),
    ),
    DecoderLayer: (
        Case(DecoderLayer(), sizes={"C": 24}),
        Case(DecoderLayer(**LAYER, norm_first=True, dropout=0.0, causal=False), sizes={"C": 24}),
        Case(DecoderLayer(**LLAMA, attn_dropout=0.2), sizes={"C": 24}),
        Case(DecoderLayer(num_heads=6, hidden_size=23, repeat=2), sizes={"C": 24}),
        Case(DecoderLayer(num_heads=6, hidden_size=23, repeat=2, share=True), sizes={"C": 24}),
    ),
    CausalMask: (Case(CausalMask(), "3"), Case(CausalMask(), "")),
    WindowMask: (
        Case(WindowMask(), "3"),
        Case(WindowMask(window=3, causal=False), ""),
    ),
    LengthMask: (Case(LengthMask(), "3"), Case(LengthMask(), "")),
    CombineMasks: (Case(CombineMasks(), "T S"), Case(CombineMasks(), "B H T S")),
    EitherMask: (Case(EitherMask(), "T S"), Case(EitherMask(), "B H T S")),
    InvertMask: (Case(InvertMask(), "B T"), Case(InvertMask(), "T S")),
    TokenMask: (Case(TokenMask()), Case(TokenMask(padding_id=3))),
    Linear: (
        Case(Linear(), ""),
        Case(Linear(), "B T"),
        Case(Linear(out_features=23, bias=False)),
    ),
    MatMul: (
        Case(MatMul(), "B"),
        Case(MatMul(scale="sqrt"), ""),
        Case(
            MatMul(transpose_right=True, scale="sqrt"),
            "B 3",
            input_patterns={"left": "... T K", "right": "... S K"},
        ),
        Case(
            MatMul(transpose_right=True, scale=0.5),
            "",
            input_patterns={"left": "T K", "right": "S K"},
        ),
    ),
    LayerNorm: (
        Case(LayerNorm()),
        Case(LayerNorm(bias=False, eps=1e-3), "B"),
        Case(LayerNorm(elementwise_affine=False), "B T"),
    ),
    RMSNorm: (
        Case(RMSNorm()),
        Case(RMSNorm(eps=1e-3), ""),
        Case(RMSNorm(elementwise_affine=False)),
    ),
    ScaleNorm: (Case(ScaleNorm()), Case(ScaleNorm(eps=1e-3), "B T")),
    GELU: (Case(GELU()), Case(GELU(approximate="tanh"), "")),
    LeakyReLU: (Case(LeakyReLU()), Case(LeakyReLU(negative_slope=0.3))),
    CELU: (Case(CELU()), Case(CELU(alpha=0.3))),
    Hardshrink: (Case(Hardshrink()), Case(Hardshrink(lambd=0.3))),
    Softshrink: (Case(Softshrink()), Case(Softshrink(lambd=0.3))),
    SoftCap: (Case(SoftCap()), Case(SoftCap(cap=2.0))),
    ELU: (Case(ELU()), Case(ELU(alpha=0.3))),
    Softmax: (Case(Softmax()), Case(Softmax(dim=1))),
    LogSoftmax: (Case(LogSoftmax()), Case(LogSoftmax(dim=-2))),
    CumulativeSum: (Case(CumulativeSum()), Case(CumulativeSum(dim=1))),
    Dropout: (Case(Dropout()), Case(Dropout(p=0.3), "")),
    StochasticDepth: (Case(StochasticDepth(), "3"), Case(StochasticDepth(p=0.3), "")),
    BatchNorm: (Case(BatchNorm()), Case(BatchNorm(eps=0.1, momentum=0.3, affine=False), "")),
    LayerScale: (Case(LayerScale()), Case(LayerScale(init_value=0.5), "")),
    Add: (Case(Add()), Case(Add(), "2 B 3 T")),
    Multiply: (Case(Multiply()), Case(Multiply(), "T")),
    Affine: (Case(Affine()), Case(Affine(scale=-1.0, shift=1.0)), Case(Affine(shift=0.5), "")),
    Concatenate: (
        Case(Concatenate()),
        Case(
            Concatenate(),
            input_patterns={"parts.0": "B T C", "parts.1": "B T D", "parts.2": "B T 2"},
        ),
        Case(Concatenate(dim=1), input_patterns={"parts.0": "B T C", "parts.1": "B S C"}),
        Case(Concatenate(dim=-2), input_patterns={"parts.0": "T C", "parts.1": "1 C"}),
    ),
    Stack: (Case(Stack()), Case(Stack(dim=-1)), Case(Stack(dim=2)), Case(Stack(), "")),
    Split: (
        Case(Split(), sizes={"C": 6}),
        Case(Split(size=2), "B", sizes={"C": 5}),
    ),
    Transpose: (
        Case(Transpose()),
        Case(Transpose(dim0=0, dim1=-1), "B H T 3"),
    ),
    Reshape: (
        Case(Reshape(), "B T (size C)"),
        Case(Reshape(pattern="B T ... -> (B T) ..."), "B T H C"),
        Case(Reshape(pattern="B (size T) C -> (B size) T C", size=3), "B (size T) C"),
        Case(Reshape(pattern="... (H size) -> H ... size", size=3), "B T (H size)"),
        Case(Reshape(pattern="B H T D -> T B (D H)"), "B H T D"),
        Case(Reshape(pattern="B 1 T -> B T 1"), "B 1 T"),
        Case(Reshape(pattern="B C -> B 1 C"), "B C"),
        Case(Reshape(pattern="B 1 C -> B C"), "B 1 C"),
        Case(Reshape(pattern="... C -> 1 ... 1 C 1"), "B T C"),
        Case(Reshape(pattern="1 B ... 1 -> ... B"), "1 B T 3 1"),
        Case(Reshape(pattern="B 1 (C size) 1 -> C (1 size) B 1"), "B 1 (C size) 1"),
    ),
    Slice: (
        Case(Slice()),
        Case(Slice(dim=1, start=1, stop=4)),
        Case(Slice(dim=-2, start=-3)),
        Case(Slice(dim=0, start=2, stop=-1), "B H"),
        Case(Slice(dim=2, start=1, step=2), "B T C"),
        Case(Slice(dim=-1, stop=-1, step=3), "B T"),
    ),
    Select: (
        Case(Select()),
        Case(Select(dim=-1, index=-1)),
        Case(Select(dim=0, index=1), "4 B C", kinds=(Kind.STATE,)),
        Case(Select(dim=-2, index=-2), "B T C"),
    ),
    Reverse: (Case(Reverse()), Case(Reverse(dim=-1), "B T C"), Case(Reverse(dim=0), "B T")),
    Expand: (
        Case(Expand(), "B 1 T"),
        Case(Expand(dim=-1, size=3), "B 1"),
        Case(Expand(dim=0), "1"),
    ),
    ScalarMix: (Case(ScalarMix(), "B T C"), Case(ScalarMix(), "")),
    RGLRU: (Case(RGLRU(), sizes={"C": 24}), Case(RGLRU(num_heads=3), sizes={"C": 6})),
    Sum: (Case(Sum()), Case(Sum(dim=1), "B T C")),
    Mean: (Case(Mean()), Case(Mean(dim=-2), "B T C")),
    ArgMax: (Case(ArgMax()), Case(ArgMax(dim=1), "B T C")),
    ShiftRight: (
        Case(ShiftRight(), "3"),
        Case(ShiftRight(steps=2, fill=1), ""),
    ),
    MeanPooling: (Case(MeanPooling(), without=MASK_OR_LENGTHS),),
    MaxPooling: (Case(MaxPooling(), without=MASK_OR_LENGTHS),),
    LastStep: (Case(LastStep(), without=MASK_OR_LENGTHS),),
    Conv1d: (
        Case(Conv1d(), "B T"),
        Case(Conv1d(out_channels=23, kernel_size=2, stride=3, padding=2, bias=False)),
        Case(Conv1d(out_channels=23, padding="same", dilation=2)),
        Case(Conv1d(out_channels=6, padding="causal", dilation=2, groups=3), sizes={"C": 15}),
        Case(Conv1d(out_channels=23, padding="causal", stride=2)),
        Case(Conv1d(out_channels=23, kernel_size=1, padding="causal")),
    ),
    MaxPool1d: (
        Case(MaxPool1d()),
        Case(MaxPool1d(kernel_size=3, stride=2, padding=1)),
        Case(MaxPool1d(kernel_size=5)),
    ),
    ConditionalRandomField: (Case(ConditionalRandomField()),),
    ScatterAdd: (Case(ScatterAdd(size=11)),),
    Unfold: (Case(Unfold()), Case(Unfold(kernel_size=5, stride=2)), Case(Unfold(stride=3))),
}


def cases(node_type: type[Node]) -> tuple[Case, ...]:
    """Return the cases of a node type; by default one, with its default parameters."""
    return CASES.get(node_type) or (Case(node_type()),)
