"""Text of users, of any script and however hostile, comes out of every command as it is."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from builder.cli.commands import app
from builder.cli.terminal import Terminal
from nodes.core.files.atomic_save import ANYTHING
from nodes.core.files.model_file import save
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.block_input import BlockInput
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear

pytestmark = pytest.mark.slow

COMMANDS: dict[str, list[str]] = {
    "edit": ["{missing}"],
    "new": ["{new}", "--from", "{file}"],
    "check": ["{file}"],
    "compile": ["{file}"],
    "export": ["{file}", "-o", "{new}"],
    "import": ["{missing}:Net"],
    "run": ["{file}"],
    "show": ["{file}"],
    "nodes": ["{text}"],
    "schema": [],
    "data": ["{text}"],
    "weights": ["{file}", "{missing}"],
    "picture": ["{file}", "-o", "{new}.svg", "--block", "{text}"],
}
"""Arguments for each command; ``{text}`` is the text, the others name files after it."""

SAY_NOTHING = {"compile", "run", "schema"}
"""Commands that write none of these texts, or in code alone."""

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
TEXTS = [" ".join(LETTERS[:5]), " ".join(LETTERS[5:]), *MARKUP, *INVISIBLE]
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


def with_a_problem(model: Model) -> Model:
    """Add a node without an input, whose problem names it."""
    nodes = {**model.graph.nodes, f"{model.name} 5": Linear(out_features=3)}
    return replace(model, graph=Graph(nodes, model.graph.edges))


def invoke(arguments: list[str], charset: str = "utf-8", **environment: str) -> Result:
    variables = {"COLUMNS": "1000", **environment}
    return CliRunner(charset=charset, env=variables).invoke(app, arguments)


def run(command: str, text: str, model: Model, **options: str) -> str:
    """Run a command on files that are named after a text; return all its output, unstyled."""
    stem = f"graph {in_name(text)}"
    save(model, Path(f"{stem}.json"), ANYTHING)
    fields = {"file": f"{stem}.json", "missing": f"{stem}.no", "new": f"{stem} new", "text": text}
    words = [word.format(**fields) for word in COMMANDS[command]]
    answer = invoke([command, *words], **options)
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    return STYLE.sub("", answer.stdout + answer.stderr)


def shown(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def test_every_command_is_tried():
    assert {command.name for command in app.registered_commands} == COMMANDS.keys()


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("terminal", [{}, {"FORCE_COLOR": "1"}], ids=["pipe", "terminal"])
def test_a_text_is_written_as_it_is(command, text, terminal):
    for model in (named(text), with_a_problem(named(text))):
        output = run(command, text, model, **terminal)
        assert output.replace("\n", "").isprintable()
        if command not in SAY_NOTHING and not (command == "check" and model == named(text)):
            assert shown(in_name(text)) in output or repr(text)[1:-1] in output


@pytest.mark.parametrize("text", [*LETTERS[:2], INVISIBLE[0]], ids=ascii)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("charset", ["ascii", "gbk"])
def test_what_an_encoding_lacks_is_escaped(command, text, charset):
    run(command, text, with_a_problem(named(text)), charset=charset).encode(charset)


@pytest.mark.parametrize("text", ["съешь ещё", ":smile: [red]\\", "\x1b[31m\u202e"], ids=ascii)
def test_a_line_of_a_running_program_is_written_as_it_is(text, capsys):
    Terminal().line(text)
    Terminal().note(text)
    Terminal().fail(text)
    captured = capsys.readouterr()
    assert captured.out == f"{shown(text)}\n"
    assert STYLE.sub("", captured.err) == f"{shown(text)}\n" * 2


def test_a_sample_is_printed_in_its_script():
    Path("данные.txt").write_text("съешь ещё этих мягких булок, да выпей чаю\n" * 40, "utf-8")
    words = ["run", "char_lstm", "--data", "данные.txt", "--steps", "1", "--seq-len", "16"]
    answer = invoke([*words, "--hidden-size", "8", "--eval-every", "1"])
    assert answer.exit_code == 0, answer.output
    assert "данные.txt" in answer.stderr
    assert len(set(re.findall("[\u0430-\u0451]", answer.stdout))) > 5
    assert "\\u04" not in answer.output
