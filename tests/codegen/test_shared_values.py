"""What no layer changes is computed once in the model and passed down."""

import ast

import pytest
import torch

from codegen.compile import compile_model
from codegen.harness.one_node import instance
from nodes.convolution.max_pool1d import MaxPool1d
from nodes.core.graphs.graph import Block, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.state_input import StateInput
from nodes.io.state_output import StateOutput
from nodes.io.step_input import StepInput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.pooling.last_step import LastStep
from nodes.tasks.language_modelling import LanguageModelling
from nodes.transformer.encoder_layer import EncoderLayer
from nodes.transformer.multi_head_attention import MultiHeadAttention

WIDTH = 8
EMBED = Embedding(num_embeddings="vocab", embedding_dim=WIDTH)


def model_of(*nodes) -> Model:
    """Build a model of nodes in a row."""
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=WIDTH))
    for number, node in enumerate(nodes):
        x = builder.add(f"node_{number}", node, x)
    builder.add("output", GraphOutput(), x)
    return Model("Shared", builder.build())


def calls(source: str, function: str) -> dict[str, int]:
    """Count the calls of a function in each class that has any."""
    found = {}
    for part in ast.parse(source).body:
        if isinstance(part, ast.ClassDef):
            names = [n.func for n in ast.walk(part) if isinstance(n, ast.Call)]
            found[part.name] = sum(isinstance(n, ast.Name) and n.id == function for n in names)
    return {name: count for name, count in found.items() if count}


ROTARY = {"num_heads": 2, "rotary": 100.0, "causal": True}
WINDOW = {"num_heads": 2, "causal": True, "window": 3}


@pytest.mark.parametrize(
    ("nodes", "function", "count"),
    [
        ([EncoderLayer(repeat=3, **ROTARY)], "rotary_tables", 1),
        ([EncoderLayer(**ROTARY), MultiHeadAttention(**ROTARY)], "rotary_tables", 1),
        ([EncoderLayer(**ROTARY), EncoderLayer(**{**ROTARY, "rotary": 50.0})], "rotary_tables", 2),
        ([EncoderLayer(repeat=2, **WINDOW)], "window_mask", 1),
        ([EncoderLayer(**WINDOW), EncoderLayer(**{**WINDOW, "window": 2})], "window_mask", 2),
        ([MultiHeadAttention(softcap=5.0, num_heads=2, causal=True)] * 2, "causal_mask", 1),
        ([MultiHeadAttention(num_heads=2, causal=True)], "causal_mask", 0),
    ],
)
def test_a_shared_value_is_computed_once_by_the_model(nodes, function, count):
    source = compile_model(model_of(*nodes)).source
    assert calls(source, function) == ({"Shared": count} if count else {})


def test_layers_with_other_bases_are_of_one_class():
    nodes = [EncoderLayer(**ROTARY), EncoderLayer(**{**ROTARY, "rotary": 50.0})]
    assert "class EncoderLayer2" not in compile_model(model_of(*nodes)).source


def test_each_layer_reads_the_table_of_its_own_base():
    nodes = [MultiHeadAttention(**ROTARY), MultiHeadAttention(**{**ROTARY, "rotary": 50.0})]
    both = instance(compile_model(model_of(*nodes)).source, "Shared").eval()
    start = x = torch.randn(2, 6, WIDTH)
    for number, node in enumerate(nodes):
        one = instance(compile_model(model_of(node)).source, "Shared").eval()
        one.node_0.load_state_dict(getattr(both, f"node_{number}").state_dict())
        x = one(x)
    torch.testing.assert_close(both(start), x)


def test_the_body_of_a_loop_is_given_them():
    body = GraphBuilder()
    memory = body.add("memory", BlockInput(shape="B S C", kind="features"))
    step, old = body.add("step", StepInput()), body.add("old", StateInput(size="width"))
    read = body.add("attend", MultiHeadAttention(**ROTARY), memory)
    new = body.add("new", Add(), step, old, body.add("last", LastStep(), read))
    body.add("output", GraphOutput(), new)
    body.add("next", StateOutput(), new, old)
    builder = GraphBuilder(blocks={"Body": body.build()})
    x = builder.add("x", FeatureInput(features="width"))
    loop = builder.add("loop", Block(block="Body"), memory=x, step=x)
    builder.add("output", GraphOutput(), loop)
    model = Model("Shared", builder.build(), {"Body": body.build()}, {"width": Hyperparameter(8)})
    source = compile_model(model).source
    assert calls(source, "rotary_tables") == {"Shared": 1}
    assert instance(source, "Shared")(torch.randn(2, 5, 8)).shape == (2, 5, 8)


def test_an_attention_of_its_own_step_alone_has_no_cache_to_count():
    builder = GraphBuilder()
    x = builder.add("embed", EMBED, builder.add("tokens", TokenInput()))
    x = builder.add("full", MultiHeadAttention(num_heads=2, causal=True), x)
    x = builder.add("own", MultiHeadAttention(num_heads=2, causal=True, window=1), x)
    builder.add("logits", GraphOutput(), builder.add("head", Linear(out_features="vocab"), x))
    sizes = {"vocab": Hyperparameter(11)}
    recipe = LanguageModelling(vocabulary="vocab")
    model = Model("Shared", builder.build(), hyperparameters=sizes, recipe=recipe)
    module = instance(compile_model(model).source, "Shared").eval()
    tokens = torch.randint(11, (2, 5))
    whole, _ = module(tokens)
    first, past = module(tokens[:, :3])
    rest, _ = module(tokens[:, 3:], past)
    torch.testing.assert_close(torch.cat((first, rest), 1), whole)


def test_a_length_within_a_loop_may_be_that_of_another_sequence():
    body = GraphBuilder()
    memory = body.add("memory", BlockInput(shape="B S C", kind="features"))
    step = body.add("step", StepInput())
    sharp = MultiHeadAttention(num_heads=2, causal=True, softcap=5.0)
    last = body.add("last", LastStep(), body.add("attend", sharp, memory))
    body.add("output", GraphOutput(), body.add("sum", Add(), step, last))
    builder = GraphBuilder(blocks={"Body": body.build()})
    x = builder.add("x", FeatureInput(features=WIDTH))
    pooled = builder.add("pooled", MaxPool1d(kernel_size=2), x)
    loop = builder.add("loop", Block(block="Body"), memory=pooled, step=x)
    builder.add("output", GraphOutput(), loop)
    source = compile_model(Model("Shared", builder.build(), {"Body": body.build()})).source
    assert calls(source, "causal_mask") == {"Shared": 1}
    assert instance(source, "Shared")(torch.randn(2, 7, WIDTH)).shape == (2, 7, WIDTH)
