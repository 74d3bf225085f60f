"""The code has sizes as the user wrote them; the file keeps them, and the inspector shows them."""

import pytest

from builder.commands.model_settings import rename_hyperparameter
from builder.document.document import Document
from codegen.compile import compile_model
from nodes.core.files.model_file import dumps, loads
from nodes.core.files.node_entries import with_parameter
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.transformer.multi_head_attention import MultiHeadAttention


def model_of(text: str, **sizes: int) -> Model:
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=5))
    x = builder.add("wide", Linear(out_features=text), x)
    builder.add("output", GraphOutput(), builder.add("narrow", Linear(out_features=2), x))
    known = {name: Hyperparameter(value) for name, value in sizes.items()}
    return Model("Sized", builder.build(), {}, known)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("num_heads * head_dim", "num_heads * head_dim"),
        ("head_dim * num_heads", "head_dim * num_heads"),
        ("2*(num_heads+1)", "2 * (num_heads + 1)"),
        ("(num_heads + 1) * head_dim", "(num_heads + 1) * head_dim"),
        ("head_dim - (num_heads - 1)", "head_dim - (num_heads - 1)"),
        ("head_dim + head_dim", "head_dim + head_dim"),
        ("(head_dim * 3) // num_heads", "head_dim * 3 // num_heads"),
    ],
)
def test_the_code_has_a_size_as_it_was_written(text, written):
    model = loads(dumps(model_of(text, num_heads=2, head_dim=6)))
    assert model.graph.nodes["wide"].text_of("out_features") == text
    source = compile_model(model).source
    expected = written.replace("num_heads", "config.num_heads")
    expected = expected.replace("head_dim", "config.head_dim")
    assert f"self.wide = nn.Linear(5, {expected})" in source
    assert f"self.narrow = nn.Linear({expected}, 2)" in source.replace(
        "\n            ", ""
    ).replace("\n        )", ")")


def test_other_sizes_are_in_the_order_of_the_hyperparameters():
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=8))
    attention = MultiHeadAttention(num_heads="num_heads", head_dim="head_dim")
    builder.add("output", GraphOutput(), builder.add("attention", attention, x))
    for names in (("num_heads", "head_dim"), ("head_dim", "num_heads")):
        known = {name: Hyperparameter(4) for name in names}
        source = compile_model(Model("Sized", builder.build(), {}, known)).source
        assert f"self.q = nn.Linear(8, config.{names[0]} * config.{names[1]})" in source


def test_a_change_of_another_parameter_keeps_the_text():
    node = with_parameter(Linear(out_features="2*(width+1)"), "bias", False)
    assert node.text_of("out_features") == "2*(width+1)"
    assert with_parameter(node, "out_features", "width").text_of("out_features") == "width"
    assert with_parameter(node, "out_features", 7).text_of("out_features") is None


def test_a_renamed_hyperparameter_is_renamed_in_the_text():
    document = Document(model_of("2 * (width + 1) * width", width=3))
    renamed = rename_hyperparameter(document, "width", "d_model")
    text = renamed.model.graph.nodes["wide"].text_of("out_features")
    assert text == "2 * (d_model + 1) * d_model"
