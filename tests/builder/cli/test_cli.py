"""The commands: their text, their JSON and their exit codes."""

import json
import pickle
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from builder.cli.commands import app
from builder.cli.sample_data import SAMPLES
from builder.storage.example_files import example_names, example_path
from codegen.compile import compile_model
from nodes.core.files.model_file import load
from nodes.core.graphs.catalog import node_types
from tests.codegen.running import network

pytestmark = pytest.mark.slow

EXAMPLES = pytest.mark.parametrize("name", example_names())
NODES = pytest.mark.parametrize("name", node_types())
LSTM_ON_TOKENS = {
    "nodes": {
        "x": {"type": "TokenInput"},
        "lstm": {"type": "LSTM"},
        "y": {"type": "GraphOutput"},
    },
    "edges": {"lstm.input": "x.output", "y.input": "lstm.output"},
}
HOSTILE = {
    "noise": bytes(range(256)),
    "pickle": pickle.dumps({"wireformer": 1}),
    "empty": b"",
    "deep": b"[" * 100_000,
    "wide": b"[" + b"1," * 100_000 + b"1]",
    "number": b"9" * 100_000,
    "other": b'{"glTF": 2}',
    "future": b'{"wireformer": 999, "name": "x", "nodes": {}, "edges": {}}',
    "escapes": b'{"wireformer": 1, "name": "\\u001b]0;owned\\u0007", "nodes": {}, "edges": {}}',
    "surrogate": b'{"wireformer": 1, "name": "\\ud800", "nodes": {}, "edges": {}}',
}


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def invoke(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": None}).invoke(app, [str(argument) for argument in arguments])


def output_of(*arguments: object) -> str:
    """Run a command that must succeed, and return its output."""
    answer = invoke(*arguments)
    assert (answer.exit_code, answer.stderr) == (0, "")
    return answer.stdout


def data(*arguments: object) -> object:
    return json.loads(output_of(*arguments, "--json"))


def refused(*arguments: object) -> str:
    """Run a command that must fail, and return its one line of error."""
    answer = invoke(*arguments)
    assert (answer.exit_code, answer.stdout) == (2, "")
    (line,) = answer.stderr.splitlines()
    as_json = invoke(*arguments, "--json")
    assert as_json.exit_code == 2
    assert json.loads(as_json.stdout)["error"] == line
    return line


def write(file: str, **parts: object) -> str:
    graph = {"wireformer": 1, "name": "drawn", "nodes": {}, "edges": {}, **parts}
    Path(file).write_text(json.dumps(graph), encoding="utf-8")
    return file


def between(node: dict[str, object], port: str = "input", width: int = 8) -> str:
    """Write a graph of one node between an input and an output."""
    nodes = {
        "x": {"type": "FeatureInput", "features": width},
        "node": node,
        "y": {"type": "GraphOutput"},
    }
    edges = {f"node.{port}": "x.output", "y.input": "node.output"}
    return write("between.json", nodes=nodes, edges=edges)


def cost(node: dict[str, object], **where: object) -> tuple[int, int]:
    """Return a node's parameters and operations for two sequences of five steps."""
    rows = data("show", between(node, **where), "-B", 2, "-T", 5)["nodes"]
    return rows[1]["parameters"], rows[1]["flops"]


@EXAMPLES
def test_an_example_has_no_errors(name):
    assert output_of("check", name).splitlines()[-1] == "no errors"
    assert data("check", name)["ok"] is True


@EXAMPLES
def test_compile_writes_the_code_only(name):
    source = compile_model(load(example_path(name))[0]).source
    assert output_of("compile", name) == source
    assert data("compile", name)["source"] == source


@EXAMPLES
def test_show_counts_the_parameters_of_the_model(name):
    model = network(load(example_path(name))[0])
    assert data("show", name)["parameters"] == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(("share", "copies"), [(False, 3), (True, 1)])
def test_a_repeated_block_has_its_parameters_in_each_copy_unless_it_is_shared(share, copies):
    inner = {
        "nodes": {
            "x": {"type": "BlockInput", "kind": "features", "shape": "B T C"},
            "linear": {"type": "Linear", "out_features": 8},
            "out": {"type": "GraphOutput"},
        },
        "edges": {"linear.input": "x.output", "out.input": "linear.output"},
    }
    nodes = {
        "x": {"type": "FeatureInput", "features": 8},
        "stack": {"type": "Block", "block": "Inner", "repeat": 3, "share": share},
        "y": {"type": "GraphOutput"},
    }
    edges = {"stack.x": "x.output", "y.input": "stack.out"}
    file = write("stack.json", nodes=nodes, edges=edges, blocks={"Inner": inner})
    shown = data("show", file, "-B", 2, "-T", 5)
    assert shown["parameters"] == copies * (8 * 8 + 8)
    assert shown["flops"] == 3 * 2 * (2 * 5) * 8 * 8
    model = network(load(file)[0])
    assert sum(p.numel() for p in model.parameters()) == shown["parameters"]


def test_a_tied_weight_counts_once():
    rows = {row["node"]: row["parameters"] for row in data("show", "gpt")["nodes"]}
    assert rows["embed"] > 0
    assert rows["head"] == 0


def test_the_cost_of_a_linear_layer():
    assert cost({"type": "Linear", "out_features": 4}) == (8 * 4 + 4, 2 * (2 * 5) * 8 * 4)


def test_the_cost_of_attention():
    matrices, pairs = 4 * 8 * 8, 2 * (2 * 2 * 5 * 5) * (4 + 4)
    node = {"type": "MultiHeadAttention", "num_heads": 2}
    assert cost(node, port="query") == (matrices + 4 * 8, 2 * (2 * 5) * matrices + pairs)


def test_the_cost_of_an_lstm():
    gates = 4 * 6 * (8 + 6)
    assert cost({"type": "LSTM", "hidden_size": 6}) == (gates + 2 * 4 * 6, 2 * (2 * 5) * gates)


def test_show_lists_every_node_with_its_shape():
    lines = output_of("show", between({"type": "Linear", "out_features": 4}), "-B", 2, "-T", 5)
    assert [" ".join(line.split()) for line in lines.splitlines()] == [
        "drawn at B=2, T=5",
        "node type output receptive field parameters FLOPs",
        "x FeatureInput (B, T, 8) its own step only 0 0",
        "node Linear (B, T, 4) its own step only 36 640",
        "y GraphOutput 0 0",
        "total tied weights once 36 640",
    ]


def test_a_problem_has_a_location_and_a_remedy():
    answer = invoke("check", write("wrong.json", **LSTM_ON_TOKENS))
    assert answer.exit_code == 1
    assert answer.stdout.splitlines() == [
        "error   lstm.input: expected features, got token ids from x.output. "
        "Insert Embedding(256, 128) before lstm.input.",
        "waiting y waits for lstm",
        "1 error",
    ]


@pytest.mark.parametrize("command", ["check", "compile", "show", "export -o out", "run"])
def test_a_graph_with_errors_has_exit_code_1(command):
    recipe = {"kind": "language-modelling"}
    name, *options = command.split()
    file = write("wrong.json", **LSTM_ON_TOKENS, recipe=recipe)
    assert invoke(name, file, *options).exit_code == 1
    answer = invoke(name, file, *options, "--json")
    assert answer.exit_code == 1
    assert "lstm.input" in [problem["where"] for problem in json.loads(answer.stdout)["problems"]]
    assert not Path("out").exists()


def test_show_reports_the_number_of_errors():
    answer = invoke("show", write("wrong.json", **LSTM_ON_TOKENS))
    assert answer.stderr == "1 error; to list problems: wireformer check wrong.json\n"


@pytest.mark.parametrize("command", ["check", "compile", "show", "export -o out", "run"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_an_invalid_graph_is_refused_in_one_line(kind, command):
    Path("graph.json").write_bytes(HOSTILE[kind])
    name, *options = command.split()
    line = refused(name, "graph.json", *options)
    assert line.startswith("'graph.json': ")
    assert line.isprintable()


@pytest.mark.parametrize(
    ("graph", "line"),
    [
        (
            "missing.json",
            "'missing.json' cannot be read: no such file or directory; check its name and "
            "permissions",
        ),
        (".", "expected a file, got a folder: '.'; choose a file"),
        ("gtp", "expected the name of an example, got 'gtp'. Did you mean gpt?"),
        (
            "\x1b[31m",
            r"expected the name of an example, got '\x1b[31m'. Choose one of "
            f"{', '.join(example_names())}.",
        ),
    ],
)
def test_what_cannot_be_found_is_refused_with_a_remedy(graph, line):
    assert refused("check", graph).removesuffix(".") == line.removesuffix(".")


def test_an_example_is_found_beside_a_folder_of_its_name():
    Path("gpt").mkdir()
    assert output_of("check", "gpt").splitlines()[-1] == "no errors"


def test_a_file_is_preferred_to_the_example_of_its_name():
    Path(write("wrong.json", **LSTM_ON_TOKENS)).rename("gpt")
    assert invoke("check", "gpt").exit_code == 1


def test_invisible_characters_of_names_are_escaped():
    nodes = {"\u202ex\u9f8d": {"type": "TokenInput"}, "y[red]": {"type": "GraphOutput"}}
    edges = {"y[red].input": "\u202ex\u9f8d.output"}
    file = write("names.json", name="a\u202eb [red]", nodes=nodes, edges=edges)
    for command in ("check", "show", "compile"):
        answer = invoke(command, file)
        output = answer.stdout + answer.stderr
        assert output.replace("\n", "").isprintable()
    assert "\\u202ex\u9f8d" in invoke("show", file).stdout
    assert "y[red]" in invoke("show", file).stdout


def test_a_new_graph_is_a_copy_of_the_example():
    assert output_of("new", "mine.json", "--from", "char_lstm") == (
        "wrote mine.json; next: wireformer check mine.json\n"
    )
    assert Path("mine.json").read_bytes() == example_path("char_lstm").read_bytes()


def test_a_new_graph_replaces_an_old_one_on_request_only():
    Path("mine.json").write_text("mine")
    assert refused("new", "mine.json") == (
        "'mine.json': expected no file, got one. Choose another name, or use --force to replace "
        "the file."
    )
    assert Path("mine.json").read_text() == "mine"
    assert data("new", "mine.json", "--force") == {"file": "mine.json"}
    assert load("mine.json")[0].name == "GPT"


def test_examples_are_listed_with_their_descriptions():
    assert list(data("new")) == example_names()
    assert all(data("new").values())
    assert [line.split()[0] for line in output_of("new").splitlines()] == ["name", *example_names()]


def test_a_new_graph_needs_a_folder():
    assert refused("new", "none/mine.json").startswith("'none/mine.json' is not saved")


def test_compiled_code_replaces_another_file_on_request_only():
    Path("model.py").write_text("mine")
    assert refused("compile", "gpt", "-o", "model.py") == (
        "'model.py': expected no file, got one with other content. Choose another name, or use "
        "--force to replace the file."
    )
    assert Path("model.py").read_text() == "mine"
    assert output_of("compile", "gpt", "-o", "model.py", "--force") == "wrote model.py\n"
    assert Path("model.py").read_text(encoding="utf-8") == output_of("compile", "gpt")


@pytest.mark.parametrize(
    "command",
    ["compile gpt -o file/model.py", "export gpt -o file/folder", "data stocks -o file/a.csv"],
)
def test_what_cannot_be_written_is_refused(command):
    Path("file").write_text("in the way")
    line = refused(*command.split())
    assert line == (
        f"'{command.split()[-1]}' is not saved, and is on the disk as it was: a part of the path "
        "is a file, not a folder; choose another folder"
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_written(name):
    sample = SAMPLES[name]
    assert output_of("data", name) == f"wrote {sample.filename}\n"
    assert data("data", name, "-o", "again") == {"file": "again"}
    assert Path("again").read_bytes() == Path(sample.filename).read_bytes()


def test_samples_are_listed():
    assert list(data("data")) == list(SAMPLES)
    assert [line.split()[0] for line in output_of("data").splitlines()] == ["name", *SAMPLES]


def test_an_unknown_sample_is_refused_with_those_known():
    assert refused("data", "moon") == (
        f"expected a sample set, got 'moon'. Choose one of {', '.join(SAMPLES)}."
    )


@NODES
def test_a_manual_names_every_parameter_and_port(name):
    node = node_types()[name]
    page = output_of("nodes", name)
    listed = {line.split()[0].rstrip(":") for line in page.splitlines() if line.startswith("    ")}
    ports = {port.name for port in (*node.inputs, *node.outputs)}
    assert {*node.model_fields, *ports} <= listed
    described = data("nodes", name.lower())
    assert described["type"] == name
    assert described["parameters"].keys() == node.model_fields.keys()
    assert {port["name"] for port in described["inputs"] + described["outputs"]} == ports


def test_the_catalogue_lists_every_node():
    assert {one["type"] for one in data("nodes")} == node_types().keys()
    assert len(output_of("nodes").splitlines()) == len(node_types()) + 1


def test_a_node_is_found_by_its_alias():
    assert output_of("nodes", "Self-Attention") == output_of("nodes", "MultiHeadAttention")


def test_an_unknown_node_type_is_answered_with_the_closest():
    assert refused("nodes", "LTSM") == "expected a node type, got 'LTSM'. Did you mean LSTM?"
    assert refused("nodes", "\x07") == (
        r"expected a node type, got '\x07'. To list them: wireformer nodes"
    )


def test_the_schema_is_json():
    assert json.loads(output_of("schema")) == data("schema")


@pytest.mark.parametrize(
    "command", ["nope", "check", "check gpt gpt", "show gpt -B 0", "show gpt -T x", "gpt"]
)
def test_a_usage_error_shows_the_usage(command):
    answer = invoke(*command.split())
    assert answer.exit_code == 2
    assert "Usage: " in answer.output


@pytest.mark.parametrize("columns", ["10", "40", "300"])
@pytest.mark.parametrize("colour", [{"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}])
def test_a_terminal_may_be_narrow_or_wide_and_without_colour(columns, colour):
    for command in ("show gpt", "nodes", "data", "check gpt", "nodes LSTM"):
        answer = CliRunner(env={"COLUMNS": columns, **colour}).invoke(app, command.split())
        assert answer.exit_code == 0
        assert "NO_COLOR" not in colour or "\x1b[3" not in answer.stdout


def test_a_pipe_gets_each_row_of_a_table_on_one_line():
    assert len(output_of("show", "gpt").splitlines()) == len(data("show", "gpt")["nodes"]) + 3
