"""Names of every script, in the real window."""

import pytest

from builder.actions.file_actions import with_layout
from nodes.core.files.model_file import dumps
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from tests.window.driver import WindowDriver

NAMES = [
    "Вложение",
    "嵌入层",
    "एम्बेडिंग",
    "طبقة الانتباه",
    "임베딩",
    "Ενσωμάτωση",
    "🔥 couche cachée",
]


@pytest.fixture
def driver(tmp_path):
    builder = GraphBuilder()
    first, *others = NAMES
    value = builder.add("Вход", TokenInput())
    value = builder.add(first, Embedding(num_embeddings=32, embedding_dim="ширина"), value)
    for name in others:
        value = builder.add(name, Linear(out_features="ширина"), value)
    value = builder.add("出力", Linear(out_features=32, bias=False, tie=first), value)
    builder.add("Выход", GraphOutput(), value)
    model = Model("Модель", builder.build(), hyperparameters={"ширина": Hyperparameter(16)})
    file = tmp_path / "Модель 模型.json"
    file.write_bytes(dumps(with_layout(model)))
    driver = WindowDriver(tmp_path, str(file))
    yield driver
    driver.close()


def test_nodes_of_every_script_are_shown_and_edited(driver):
    state = driver.state()
    assert {*NAMES} < state["nodes"].keys()
    driver.screenshot("names_of_every_script")
    driver.click(*driver.node("Вложение"))
    driver.key("Delete")
    driver.wait_for(lambda state: state["messages"])
    message = "出力 has a weight of its own now, as Вложение no longer has one"
    assert driver.state()["messages"] == [message]
    driver.screenshot("notice_of_a_tie")
    driver.key("ctrl+z")
    state = driver.wait_for(lambda state: "Вложение" in state["nodes"])
    assert driver.model()["nodes"]["出力"]["tie"] == "Вложение"
    assert state["errors"] == 0
