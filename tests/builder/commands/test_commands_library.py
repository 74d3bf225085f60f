"""What is added from the library is part of the model from then on, and edited there."""

from builder.commands import edges, model_settings, nodes
from builder.document.document import Document
from builder.search.search import all_items
from nodes.core.graphs.graph import Block, Hyperparameter, PortRef
from nodes.io.feature_input import FeatureInput
from nodes.library.library import library
from nodes.recurrent.gru import GRU
from tests.builder.documents import selected, sound

GRU_BLOCK = library()["GRU from gates"]
RWKV = library()["RWKV layer"]


def test_a_block_of_the_library_comes_with_its_parts_and_hyperparameters():
    document = sound(nodes.add(Document(), RWKV.node, (0.0, 0.0)))
    model = document.model
    assert {*model.blocks} == {"TimeMixing", "ChannelMixing", "RWKV layer"}
    assert model.hyperparameters == {"d_model": Hyperparameter(128)}
    assert selected(document) == {"rwkv_layer"}
    assert model.layout["RWKV layer"].keys() == model.blocks["RWKV layer"].nodes.keys()
    assert document.notices == ("added the hyperparameters d_model = 128",)


def test_a_hyperparameter_of_the_model_keeps_its_value():
    document = model_settings.set_hyperparameter(Document(), "hidden_size", 64)
    document = sound(nodes.add(document, GRU_BLOCK.node, (0.0, 0.0)))
    assert document.model.values == {"hidden_size": 64}


def test_a_block_that_was_added_is_the_one_of_the_model():
    document = nodes.add(Document(), GRU_BLOCK.node, (0.0, 0.0))
    body = document.model.blocks["GRU from gates"].renamed("kept", "remembered")
    model = document.model.with_graph("GRU from gates", body)
    document = sound(nodes.add(Document(model), GRU_BLOCK.node, (0.0, 90.0)))
    assert document.model.blocks == {"GRU from gates": body}
    keys = [item.key for item in all_items(document)]
    assert keys.count("block:GRU from gates") == 1


def test_a_part_of_another_content_is_renamed():
    document = nodes.add(Document(), Block(block="GRU from gates"), (0.0, 0.0))
    graph = document.model.blocks["GRU from gates"]
    taken = Document(Document().model.with_graph("TimeMixing", graph))
    document = sound(nodes.add(taken, RWKV.node, (0.0, 0.0)))
    placed = document.model.blocks["RWKV layer"].nodes["attn"]
    assert document.model.blocks["TimeMixing"] == graph
    assert placed == Block(block="TimeMixing 2")


def test_a_node_is_replaced_by_a_block_of_the_library():
    document = nodes.add(Document(), FeatureInput(features=3), (0.0, 0.0), "signal")
    document = nodes.add(document, GRU(), (200.0, 0.0), "gru")
    document = edges.connect(document, PortRef("signal", "output"), PortRef("gru", "input"))
    document = sound(nodes.replace_type(document, "gru", GRU_BLOCK.node))
    assert document.graph.nodes["gru"] == GRU_BLOCK.node
    assert document.graph.edges == {PortRef("gru", "x"): PortRef("signal", "output")}
