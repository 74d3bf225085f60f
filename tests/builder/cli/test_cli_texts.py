"""Text of users, of any script and however hostile, comes out of every command as it is."""

import re
import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from builder.cli.commands import app
from nodes.core.files.model_file import save
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io import BlockInput, FeatureInput, GraphOutput
from nodes.linear import Linear

pytestmark = pytest.mark.slow

COMMANDS: dict[str, list[str]] = {
    "edit": ["{missing}"],
    "new": ["{new}", "--from", "{file}"],
    "check": ["{file}"],
    "compile": ["{file}"],
    "export": ["{file}", "-o", "{new}"],
    "run": ["{file}"],
    "show": ["{file}"],
    "nodes": ["{text}"],
    "schema": [],
    "data": ["{text}"],
    "picture": ["{file}", "-o", "{new}.svg", "--block", "{text}"],
}
"""Arguments for each command; ``{text}`` is the text, the others name files after it."""

LETTERS = [
    "Вложение",
    "嵌入层",
    "埋め込み",
    "임베딩",
    "طبقة",
    "Ενσωμάτωση",
    "शब्द",
    "couche cachée",
    "🔥🤖",
]
MARKUP = [
    ":smile:",
    ":red_heart:",
    "[red]x[/red]",
    "[/]",
    "[bold",
    "[link=http:x]y[/link]",
    "back\\slash",
    "\\[x]",
    "ends\\",
    "{x} %s",
]
INVISIBLE = ["\u202eevil", "a\u200bb", "\u2066x", "\x9b31m"]
TEXTS = [*LETTERS, *MARKUP, *INVISIBLE]
STYLE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("DISPLAY", raising=False)


def in_name(text: str) -> str:
    """Return a text without what no name contains."""
    return re.sub("[./\x00-\x1f\x7f-\x9f]", "", text)


def named(text: str) -> Model:
    """Build a model with a text in every place that takes one, and with a problem there."""
    name = in_name(text)
    inner = GraphBuilder(notes=text)
    x = inner.add(name, BlockInput(shape="B T C", kind="features"))
    inner.add(f"{name} 2", GraphOutput(), inner.add(f"{name} 3", Linear(out_features=4), x))
    outer = GraphBuilder(notes=text, blocks={name: inner.build()})
    x = outer.add(name, FeatureInput(features=8))
    x = outer.add(f"{name} 2", Block(block=name), x)
    outer.add(f"{name} 4", GraphOutput(), x)
    graph = outer.build()
    hyperparameters = {"width": Hyperparameter(in_name(text), text)}
    return Model(name, graph, outer.blocks, hyperparameters)


def broken(model: Model, text: str) -> Model:
    """Add a node with a problem that names it."""
    nodes = {**model.graph.nodes, f"{in_name(text)} 5": Linear(out_features=3)}
    return Model(model.name, Graph(nodes, model.graph.edges), model.blocks, model.hyperparameters)


def invoke(arguments: list[str], charset: str = "utf-8", **environment: str) -> Result:
    environment = {"COLUMNS": "1000", **environment}
    return CliRunner(charset=charset, env=environment).invoke(app, arguments)


def arguments_of(command: str, text: str, model: Model) -> list[str]:
    stem = in_name(text)
    Path(stem).mkdir(exist_ok=True)
    file = Path(f"{stem}.json")
    if not file.exists():
        save(model, file)
    fields = {"file": str(file), "missing": f"{stem}.no", "new": f"{stem} new", "text": text}
    return [command, *(argument.format(**fields) for argument in COMMANDS[command])]


def shown(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def names_of_emoji(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) == "So"}


def test_every_command_is_tried():
    names = {command.name for command in app.registered_commands}
    assert names == COMMANDS.keys()


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("terminal", [{}, {"FORCE_COLOR": "1"}], ids=["pipe", "terminal"])
def test_a_text_is_written_as_it_is(command, text, terminal):
    for number, model in enumerate([named(text), broken(named(text), text)]):
        Path(str(number)).mkdir()
        arguments = [f"{word}" for word in arguments_of(command, text, model)]
        for file in Path().glob("*.json"):
            save(model, file, None) if not file.exists() else None
        answer = invoke(arguments, **terminal)
        output = STYLE.sub("", answer.stdout + answer.stderr)
        assert answer.exception is None or isinstance(answer.exception, SystemExit)
        assert output.replace("\n", "").isprintable()
        assert names_of_emoji(output) <= names_of_emoji(text) | names_of_emoji("│─╭╮╰╯")
