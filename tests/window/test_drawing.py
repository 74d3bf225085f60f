"""From an empty canvas to a file that runs, with mouse and keyboard alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.window.driver import Person

EXAMPLE = pytest.mark.parametrize("person", [("char_lstm",)], indirect=True)


def begin(person: Person) -> None:
    """Leave what greets a person, for the empty canvas."""
    person.wait(lambda seen: seen["dialog"] == "StartPage")
    person.key("Escape")
    person.wait(lambda seen: not seen["dialog"])


def add(person: Person, words: str, x: float, y: float) -> str:
    """Search for a node and put it at a pixel; tell its name."""
    before = person.look()["nodes"].keys()
    person.move(x, y)
    person.key("Tab")
    person.wait(lambda seen: seen["dialog"] == "AddNode")
    person.type(words)
    person.key("Return")
    seen = person.wait(lambda seen: len(seen["nodes"]) > len(before))
    (name,) = seen["nodes"].keys() - before
    return name


def wire(person: Person, source: str, target: str) -> None:
    person.drag(person.port(f"<{source}"), person.port(f">{target}"))
    person.wait(lambda seen: f'"{target}": "{source}"' in seen["model"], f"no edge to {target}")


def set_field(person: Person, label: str, text: str) -> None:
    """Type into a field of the inspector."""
    person.click(*person.widget(f"field.{label}"))
    person.key("ctrl+a")
    person.type(text)
    person.key("Return")


def draw(person: Person) -> None:
    """Draw tokens -> embedding -> LSTM -> linear -> output."""
    left, top, width, height = person.look()["view"]
    y = top + height / 2
    person.key("ctrl+minus", "ctrl+minus", "ctrl+minus")
    for step, words in enumerate(("token input", "embedding", "lstm", "dense", "graph output")):
        add(person, words, left + (step + 0.6) * width / 5.6, y)
    person.key("Escape", "Home")
    wire(person, "token_input.output", "embedding.input")
    wire(person, "embedding.output", "lstm.input")
    wire(person, "lstm.output", "linear.input")
    wire(person, "linear.output", "graph_output.input")


def test_an_lstm_language_model_is_drawn_mended_saved_and_run(person):
    begin(person)
    draw(person)
    assert person.wait(lambda seen: seen["source"])["problems"] == []
    person.picture("drawn")
    plant_and_mend(person)
    path = save(person, "mine.json")
    assert not person.look()["dirty"]
    saved = json.loads(path.read_text())
    assert saved["edges"] == person.model()["edges"]
    person.key("ctrl+n")
    person.wait(lambda seen: seen["dialog"] == "StartPage")
    person.key("Left", "Return")
    person.wait(lambda seen: not seen["nodes"])
    open_file(person, path)
    assert person.model() == saved
    run_exported(person)


def plant_and_mend(person: Person) -> None:
    """Add what does not fit, and mend it by the first remedy that is offered."""
    person.click(*person.node("linear"))
    x, y = person.empty()
    added = add(person, "add", x, y)
    person.key("Escape")
    wire(person, "embedding.output", f"{added}.terms.0")
    wire(person, "lstm.output", f"{added}.terms.1")
    person.click(*person.node("lstm"))
    set_field(person, "hidden_size", "96")
    seen = person.wait(lambda seen: any("96" in problem for problem in seen["problems"]))
    person.picture("mistake")
    steps = seen["undo"]
    person.click(*person.remedy())
    seen = person.wait(lambda seen: not any("96" in one for one in seen["problems"]))
    assert seen["undo"] == steps + 1
    person.click(*person.node(added))
    person.key("Delete")
    while person.wait(lambda seen: seen["source"])["problems"]:
        person.click(*person.remedy())  # takes away what led to the node alone
    assert person.wait(lambda seen: seen["source"])["problems"] == []


def save(person: Person, name: str) -> Path:
    path = person.folder / name
    person.key("ctrl+s")
    person.wait(lambda seen: seen["dialog"] == "FileDialog")
    person.key("ctrl+a")
    person.type(str(path))
    person.key("Return")
    person.wait(lambda seen: seen["path"] == str(path))
    return path


def open_file(person: Person, path: Path) -> None:
    person.key("ctrl+o")
    person.wait(lambda seen: seen["dialog"] == "FileDialog")
    person.key("ctrl+a")
    person.type(str(path))
    person.key("Return")
    person.wait(lambda seen: seen["path"] == str(path))


def run_exported(person: Person) -> None:
    """Export the code and run it as a stranger would."""
    folder = person.folder / "exported"
    folder.mkdir()
    person.key("ctrl+e")
    person.wait(lambda seen: seen["dialog"] == "FileDialog")
    person.key("ctrl+a")
    person.type(str(folder))
    person.key("Return")
    person.wait(lambda seen: (folder / "model.py").exists())
    program = (
        "import torch, model\n"
        "network = next(c for c in vars(model).values() if isinstance(c, type)"
        " and issubclass(c, torch.nn.Module) and c.__module__ == 'model')\n"
        "ids = torch.zeros(2, 7, dtype=torch.long)\n"
        "print(tuple(network(model.Config())(ids).shape))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert told.stdout.startswith("(2, 7, "), told.stderr


def test_undoing_everything_gives_the_empty_canvas(person):
    begin(person)
    empty = person.look()["model"]
    draw(person)
    drawn = person.look()
    for _ in range(drawn["undo"]):
        person.key("ctrl+z")
    seen = person.wait(lambda seen: not seen["undo"])
    assert seen["model"] == empty
    for _ in range(drawn["undo"]):
        person.key("ctrl+y")
    assert person.wait(lambda seen: not seen["redo"])["model"] == drawn["model"]


@EXAMPLE
def test_zooming_keeps_what_is_under_the_pointer(person):
    x, y = person.node("lstm")
    person.move(x, y)
    before = under(person, x, y)
    zoom = person.look()["camera"][2]
    person.scroll(3)
    assert person.look()["camera"][2] > zoom
    assert under(person, x, y) == pytest.approx(before, abs=1)
    person.scroll(-5)
    assert person.look()["camera"][2] < zoom
    assert under(person, x, y) == pytest.approx(before, abs=1)


def under(person: Person, x: float, y: float) -> tuple[float, float]:
    """Tell the canvas point under a pixel."""
    seen = person.look()
    at_x, at_y, zoom = seen["camera"]
    left, top, _, _ = seen["view"]
    return at_x + (round(x) - left) / zoom, at_y + (round(y) - top) / zoom


@EXAMPLE
@pytest.mark.parametrize("button", [2, 3], ids=["middle", "right"])
def test_panning_moves_the_canvas_with_the_pointer(person, button):
    x, y = person.empty()
    before = under(person, x, y)
    person.drag((x, y), (x + 120, y + 60), button)
    assert under(person, x + 120, y + 60) == pytest.approx(before, abs=1.5)
    assert person.look()["undo"] == 0


@EXAMPLE
def test_a_node_is_dragged_from_the_palette(person):
    before = person.look()["nodes"].keys()
    person.drag(person.widget("LSTM"), person.empty())
    (name,) = person.look()["nodes"].keys() - before
    assert person.model()["nodes"][name]["type"] == "LSTM"


@EXAMPLE
def test_a_node_dropped_on_an_edge_goes_between(person):
    person.move(*between(person, "<embed.output", ">lstm.input"))
    person.scroll(12)
    before = person.look()["nodes"].keys()
    steps = person.look()["undo"]
    x, y = person.widget("LSTM")
    person.move(x, y)
    person.scroll(-60)
    middle = between(person, "<embed.output", ">lstm.input")
    person.drag(person.widget("Dropout"), middle, steps=10)
    seen = person.look()
    (name,) = seen["nodes"].keys() - before
    edges = person.model()["edges"]
    assert edges[f"{name}.input"] == "embed.output"
    assert edges["lstm.input"] == f"{name}.output"
    assert seen["undo"] == steps + 1


def between(person: Person, one: str, other: str) -> tuple[float, float]:
    (ax, ay), (bx, by) = person.port(one), person.port(other)
    return (ax + bx) / 2, (ay + by) / 2


@EXAMPLE
def test_nodes_become_a_block_and_nodes_again(person):
    before = person.model()
    person.click(*person.node("embed"))
    person.do("keydown", "shift")
    person.click(*person.node("lstm"))
    person.do("keyup", "shift")
    person.key("ctrl+g")
    grouped = person.model()
    (block,) = grouped["blocks"]
    assert {"embed", "lstm"} <= grouped["blocks"][block]["nodes"].keys()
    assert person.wait(lambda seen: seen["source"])["problems"] == []
    person.key("Return")
    seen = person.wait(lambda seen: seen["place"])
    assert {"embed", "lstm"} <= seen["nodes"].keys()
    person.picture("block")
    person.key("Escape")
    person.wait(lambda seen: not seen["place"])
    person.key("ctrl+shift+g")
    after = person.model()
    assert after["edges"] == before["edges"]
    assert after["nodes"] == before["nodes"]
