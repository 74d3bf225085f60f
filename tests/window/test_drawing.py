"""Drawing a model from the empty canvas to code that runs, with mouse and keyboard alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.window.driver import WindowDriver

EXAMPLE = pytest.mark.parametrize("driver", [("char_lstm",)], indirect=True)


def begin(driver: WindowDriver) -> None:
    """Close the start page."""
    driver.wait_for(lambda state: state["dialog"] == "StartPage")
    driver.key("Escape")
    driver.wait_for(lambda state: not state["dialog"])


def add(driver: WindowDriver, words: str, x: float, y: float) -> str:
    """Add a node at a pixel by the node search; return its name."""
    before = driver.state()["nodes"].keys()
    driver.move(x, y)
    driver.key("Tab")
    driver.wait_for(lambda state: state["dialog"] == "AddNode")
    driver.type(words)
    driver.key("Return")
    state = driver.wait_for(lambda state: len(state["nodes"]) > len(before))
    (name,) = state["nodes"].keys() - before
    return name


def connect(driver: WindowDriver, source: str, target: str) -> None:
    driver.drag(driver.port(f"<{source}"), driver.port(f">{target}"))
    driver.wait_for(
        lambda state: f'"{target}": "{source}"' in state["model"], f"no edge to {target}"
    )


def set_field(driver: WindowDriver, label: str, text: str) -> None:
    """Type into a field of the inspector."""
    driver.click(*driver.widget(f"field.{label}"))
    driver.key("ctrl+a")
    driver.type(text)
    driver.key("Return")


def draw(driver: WindowDriver) -> None:
    """Draw tokens -> embedding -> LSTM -> linear -> output."""
    left, top, width, height = driver.state()["viewport"]
    y = top + height / 2
    driver.key("ctrl+minus", "ctrl+minus", "ctrl+minus")
    for step, words in enumerate(("token input", "embedding", "lstm", "dense", "graph output")):
        add(driver, words, left + (step + 0.6) * width / 5.6, y)
    driver.key("Escape", "Home")
    connect(driver, "token_input.output", "embedding.input")
    connect(driver, "embedding.output", "lstm.input")
    connect(driver, "lstm.output", "linear.input")
    connect(driver, "linear.output", "graph_output.input")


def test_an_lstm_language_model_is_drawn_fixed_saved_and_run(driver):
    begin(driver)
    draw(driver)
    assert driver.wait_for(lambda state: state["source"])["problems"] == []
    driver.screenshot("drawn")
    break_and_fix(driver)
    path = save(driver, "mine.json")
    assert not driver.state()["dirty"]
    saved = json.loads(path.read_text())
    assert saved["edges"] == driver.model()["edges"]
    driver.key("ctrl+n")
    driver.wait_for(lambda state: state["dialog"] == "StartPage")
    driver.key("Left", "Return")
    driver.wait_for(lambda state: not state["nodes"])
    open_file(driver, path)
    assert driver.model() == saved
    run_exported(driver)


def break_and_fix(driver: WindowDriver) -> None:
    """Introduce a shape mismatch, and fix it by the first remedy."""
    driver.click(*driver.node("linear"))
    x, y = driver.empty_point()
    added = add(driver, "add", x, y)
    driver.key("Escape")
    connect(driver, "embedding.output", f"{added}.terms.0")
    connect(driver, "lstm.output", f"{added}.terms.1")
    driver.click(*driver.node("lstm"))
    set_field(driver, "hidden_size", "96")
    state = driver.wait_for(lambda state: any("96" in problem for problem in state["problems"]))
    driver.screenshot("problem")
    steps = state["undo"]
    driver.click(*driver.remedy())
    state = driver.wait_for(lambda state: not any("96" in one for one in state["problems"]))
    assert state["undo"] == steps + 1
    driver.click(*driver.node(added))
    driver.key("Delete")
    while driver.wait_for(lambda state: state["source"])["problems"]:
        driver.click(*driver.remedy())  # removes what only led to the deleted node
    assert driver.wait_for(lambda state: state["source"])["problems"] == []


def save(driver: WindowDriver, name: str) -> Path:
    path = driver.folder / name
    driver.key("ctrl+s")
    driver.wait_for(lambda state: state["dialog"] == "FileDialog")
    driver.key("ctrl+a")
    driver.type(str(path))
    driver.key("Return")
    driver.wait_for(lambda state: state["path"] == str(path))
    return path


def open_file(driver: WindowDriver, path: Path) -> None:
    driver.key("ctrl+o")
    driver.wait_for(lambda state: state["dialog"] == "FileDialog")
    driver.key("ctrl+a")
    driver.type(str(path))
    driver.key("Return")
    driver.wait_for(lambda state: state["path"] == str(path))


def run_exported(driver: WindowDriver) -> None:
    """Export the code, and run it without this program."""
    folder = driver.folder / "exported"
    folder.mkdir()
    driver.key("ctrl+e")
    driver.wait_for(lambda state: state["dialog"] == "FileDialog")
    driver.key("ctrl+a")
    driver.type(str(folder))
    driver.key("Return")
    driver.wait_for(lambda state: (folder / "model.py").exists())
    program = (
        "import torch, model\n"
        "network = next(c for c in vars(model).values() if isinstance(c, type)"
        " and issubclass(c, torch.nn.Module) and c.__module__ == 'model')\n"
        "ids = torch.zeros(2, 7, dtype=torch.long)\n"
        "print(tuple(network(model.Config())(ids).shape))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("(2, 7, "), done.stderr


def test_undoing_everything_restores_the_empty_canvas(driver):
    begin(driver)
    empty = driver.state()["model"]
    draw(driver)
    drawn = driver.state()
    for _ in range(drawn["undo"]):
        driver.key("ctrl+z")
    state = driver.wait_for(lambda state: not state["undo"])
    assert state["model"] == empty
    for _ in range(drawn["undo"]):
        driver.key("ctrl+y")
    assert driver.wait_for(lambda state: not state["redo"])["model"] == drawn["model"]


@EXAMPLE
def test_zooming_keeps_the_point_under_the_pointer(driver):
    x, y = driver.node("lstm")
    driver.move(x, y)
    before = canvas_point(driver, x, y)
    zoom = driver.state()["camera"][2]
    driver.scroll(3)
    assert driver.state()["camera"][2] > zoom
    assert canvas_point(driver, x, y) == pytest.approx(before, abs=1)
    driver.scroll(-5)
    assert driver.state()["camera"][2] < zoom
    assert canvas_point(driver, x, y) == pytest.approx(before, abs=1)


def canvas_point(driver: WindowDriver, x: float, y: float) -> tuple[float, float]:
    """Return the canvas point under a pixel."""
    state = driver.state()
    at_x, at_y, zoom = state["camera"]
    left, top, _, _ = state["viewport"]
    return at_x + (round(x) - left) / zoom, at_y + (round(y) - top) / zoom


@EXAMPLE
@pytest.mark.parametrize("button", [2, 3], ids=["middle", "right"])
def test_panning_moves_the_canvas_with_the_pointer(driver, button):
    x, y = driver.empty_point()
    before = canvas_point(driver, x, y)
    driver.drag((x, y), (x + 120, y + 60), button)
    assert canvas_point(driver, x + 120, y + 60) == pytest.approx(before, abs=1.5)
    assert driver.state()["undo"] == 0


@EXAMPLE
def test_a_node_is_dragged_from_the_palette(driver):
    before = driver.state()["nodes"].keys()
    driver.drag(driver.widget("LSTM"), driver.empty_point())
    (name,) = driver.state()["nodes"].keys() - before
    assert driver.model()["nodes"][name]["type"] == "LSTM"


@EXAMPLE
def test_a_node_dropped_on_an_edge_is_inserted_into_it(driver):
    driver.move(*midpoint(driver, "<embed.output", ">lstm.input"))
    driver.scroll(12)
    before = driver.state()["nodes"].keys()
    steps = driver.state()["undo"]
    start = palette_entry(driver, "Dropout")
    driver.drag(start, midpoint(driver, "<embed.output", ">lstm.input"), steps=10)
    state = driver.state()
    (name,) = state["nodes"].keys() - before
    edges = driver.model()["edges"]
    assert edges[f"{name}.input"] == "embed.output"
    assert edges["lstm.input"] == f"{name}.output"
    assert state["undo"] == steps + 1


def palette_entry(driver: WindowDriver, name: str) -> tuple[float, float]:
    """Scroll the palette from its end upwards until it shows a node type, and return its centre."""
    driver.move(*driver.widget("LSTM"))
    driver.scroll(-100)
    for _ in range(100):
        if any(widget["text"] == name for widget in driver.state()["widgets"]):
            break
        driver.scroll(2)
    return driver.widget(name)


def midpoint(driver: WindowDriver, one: str, other: str) -> tuple[float, float]:
    (ax, ay), (bx, by) = driver.port(one), driver.port(other)
    return (ax + bx) / 2, (ay + by) / 2


@EXAMPLE
def test_nodes_are_grouped_into_a_block_and_ungrouped(driver):
    before = driver.model()
    driver.click(*driver.node("embed"))
    driver.xdotool("keydown", "shift")
    driver.click(*driver.node("lstm"))
    driver.xdotool("keyup", "shift")
    driver.wait_until_still()  # ctrl+shift+g ungroups
    driver.key("ctrl+g")
    grouped = driver.model()
    (block,) = grouped["blocks"]
    assert {"embed", "lstm"} <= grouped["blocks"][block]["nodes"].keys()
    assert driver.wait_for(lambda state: state["source"])["problems"] == []
    driver.key("Return")
    state = driver.wait_for(lambda state: state["block_path"])
    assert {"embed", "lstm"} <= state["nodes"].keys()
    driver.screenshot("block")
    driver.key("Escape")
    driver.wait_for(lambda state: not state["block_path"])
    driver.key("ctrl+shift+g")
    after = driver.model()
    assert after["edges"] == before["edges"]
    assert after["nodes"] == before["nodes"]
