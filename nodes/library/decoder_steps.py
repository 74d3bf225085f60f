"""Recurrent decoders with attention inside of the recurrence, or behind it."""

from nodes.activation.masked_softmax import MaskedSoftmax
from nodes.activation.tanh import Tanh
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.core.graphs.graph import Graph
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.state_input import StateInput
from nodes.io.state_output import StateOutput
from nodes.io.step_input import StepInput
from nodes.linear.linear import Linear
from nodes.linear.matmul import MatMul
from nodes.masks.padding_mask import PaddingMask
from nodes.merge.add import Add
from nodes.merge.concatenate import Concatenate
from nodes.recurrent.gru_cell import GRUCell
from nodes.recurrent.lstm import LSTM
from nodes.reshape.reshape import Reshape


def bahdanau_step() -> Graph:
    """Build a step of a decoder: attention from the state before, then a GRU cell."""
    builder = GraphBuilder()
    x = builder.add("word", StepInput())
    memory = builder.add("memory", BlockInput(shape="B S M", kind="features"))
    keys = builder.add("keys", BlockInput(shape="B S D", kind="features"))
    mask = builder.add("mask", BlockInput(shape="B S", kind="mask"))
    state = builder.add("state", StateInput(size="d_model"))
    query = builder.add("query", Linear(bias=False), state)
    query = builder.add("row", Reshape(pattern="B D -> B 1 D"), query)
    score = builder.add("tanh", Tanh(), builder.add("sum", Add(), query, keys))
    score = builder.add("score", Linear(out_features=1, bias=False), score)
    score = builder.add("scores", Reshape(pattern="B S 1 -> B S"), score)
    weights = builder.add("weights", MaskedSoftmax(), score, mask)
    row = builder.add("weights_row", Reshape(pattern="B S -> B 1 S"), weights)
    context = builder.add("weighted", MatMul(), row, memory)
    context = builder.add("context", Reshape(pattern="B 1 M -> B M"), context)
    joined = builder.add("cell_input", Concatenate(), x, context)
    new = builder.add("cell", GRUCell(hidden_size="d_model"), joined, state)
    builder.add("output", GraphOutput(), builder.add("all", Concatenate(), new, context, x))
    builder.add("alignment", GraphOutput(), weights)
    builder.add("next_state", StateOutput(), new, state)
    return builder.build()


def luong_decoder() -> Graph:
    """Build an LSTM, attention with the score "general", and the layer that joins both."""
    heads = Reshape(pattern="B T C -> B 1 T C")
    builder = GraphBuilder()
    x = builder.add("x", BlockInput(shape="B T C", kind="features"))
    memory = builder.add("memory", BlockInput(shape="B S C", kind="features"))
    mask = builder.add("mask", BlockInput(shape="B S", kind="mask", optional=True))
    x = builder.add("decoder", LSTM(hidden_size="d_model"), x)
    query = builder.add("query", heads, x)
    score = builder.add("score", Linear(out_features="d_model", bias=False), memory)
    key, value = builder.add("key", heads, score), builder.add("value", heads, memory)
    allowed = builder.add("allowed", PaddingMask(), mask)
    dot = ScaledDotProductAttention(scale=1.0)
    attention = builder.add("attention", dot, query, key, value, mask=allowed)
    context = builder.add("context", Reshape(pattern="B 1 T C -> B T C"), attention)
    x = builder.add("both", Concatenate(), context, x)
    x = builder.add("combine", Linear(out_features="d_model", bias=False), x)
    builder.add("output", GraphOutput(), builder.add("activation", Tanh(), x))
    builder.add("alignment", GraphOutput(), attention["attention"])
    return builder.build()
