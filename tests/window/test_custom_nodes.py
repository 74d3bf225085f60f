"""The window asks before a custom node runs, and shows it like any other."""

import pytest

from tests.custom_node_files import GATED_MIX, MIXED
from tests.window.driver import WindowDriver


@pytest.fixture
def with_nodes(tmp_path):
    nodes = tmp_path / "config" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "gated_mix.py").write_text(GATED_MIX)
    (nodes / "broken.py").write_text("class Broken(Node)\n    pass\n")
    (tmp_path / "graph.json").write_text(MIXED)
    driver = WindowDriver(tmp_path, str(tmp_path / "graph.json"))
    yield driver
    driver.close()


def test_a_custom_node_is_unknown_until_it_is_allowed(with_nodes):
    driver = with_nodes
    state = driver.wait_for(lambda state: state["dialog"] == "CustomNodeList")
    assert "which is not yet allowed" in state["problems"][0]
    driver.screenshot("custom_nodes_asked")
    driver.click(*driver.widget("Allow to run"))
    state = driver.wait_for(lambda state: not state["problems"])
    driver.screenshot("custom_nodes_allowed")
    driver.key("Escape")
    driver.wait_for(lambda state: not state["dialog"] and "class GatedMixLayer" in state["source"])
    assert not driver.state()["dirty"] and driver.state()["undo"] == 0
    driver.click(*driver.widget("palette_search"))
    driver.type("mix")
    driver.widget("GatedMix")
    driver.widget("custom")
    driver.screenshot("custom_nodes_palette")
    assert driver.state()["errors"] == 0
