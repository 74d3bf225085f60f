"""Custom nodes run after consent alone, and are then like any other node."""

import sys

import pytest

from builder.actions.node_actions import check_custom_nodes, refuse_nodes
from builder.custom.custom_nodes import CustomNodes, Status
from builder.custom.trial_import import try_import
from builder.panels.palette_model import entry_details, palette_groups
from builder.training.run_script import run_script
from codegen.check import check
from codegen.compile import compile_model
from codegen.harness.one_node import generated_module, instance
from nodes.core.files.json_schema import schema
from nodes.core.files.model_file import dumps, loads
from nodes.core.files.strict_json import quote
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.unknown_node import Unknown
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from tests.builder.editors import an_editor
from tests.custom_node_files import GATED_MIX, MIXED, TWICE, TWICE_GRAPH
from tests.custom_node_fixtures import nodes_folder

__all__ = ["nodes_folder"]

RAN = "import pathlib\npathlib.Path({!r}).write_text('')\n"


def allowed(custom: CustomNodes) -> CustomNodes:
    """Allow all sources without the trial in a child process."""
    assert custom.admit(custom.sources, {}) == []
    return custom


def test_a_file_is_found_and_a_graph_opened_without_running_it(nodes_folder, tmp_path):
    (nodes_folder / "twice.py").write_text(RAN.format(str(tmp_path / "ran")) + TWICE)
    (source,) = (custom := CustomNodes()).sources
    assert (source.names, custom.status(source)) == (("Twice",), Status.NEW)
    model = loads(TWICE_GRAPH.encode())
    (problem,) = check(model).problems
    assert problem.location.node == "twice"
    assert problem.message.startswith("expected a loaded node type, got 'Twice': it is in '")
    assert problem.message.endswith(
        "twice.py', which is not yet allowed; allow it under Custom nodes in the window, or add "
        "--trust to the command"
    )
    assert problem.remedies == ()
    assert loads(dumps(model)) == model
    assert custom.needed(model) == [source]
    assert not (tmp_path / "ran").exists()
    allowed(custom)
    assert (tmp_path / "ran").exists()


def test_an_allowed_node_is_one_like_any_other(nodes_folder):
    (nodes_folder / "gated_mix.py").write_text(GATED_MIX)
    allowed(CustomNodes())
    node_type = node_types()["GatedMix"]
    model = loads(MIXED.encode())
    assert type(model.graph.nodes["mix"]) is node_type
    assert loads(dumps(model)) == model
    assert check(model).problems == ()
    source = compile_model(model).source
    assert "nodes" not in source.replace("nn.", "")
    parameters = dict(instance(source, "Mixed").named_parameters())
    assert {name: tuple(one.shape) for name, one in parameters.items()} == {
        "project.weight": (8, 8),
        "project.bias": (8,),
        "mix.gate.weight": (8, 16),
        "mix.gate.bias": (8,),
    }
    assert "GatedMix" in schema()["$defs"]


def test_the_palette_marks_a_custom_node(nodes_folder, tmp_path):
    (nodes_folder / "twice.py").write_text(TWICE)
    custom = allowed(CustomNodes())
    document = an_editor(tmp_path).document
    entries = [entry for group in palette_groups(document) for entry in group.entries]
    (entry,) = [entry for entry in entries if entry.origin]
    assert (entry.name, entry.subtitle) == ("Twice", "Merge and split")
    assert entry_details(entry, document.model).origin == custom.sources[0].name


def test_the_code_of_other_models_does_not_depend_on_custom_nodes(nodes_folder):
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=8))
    builder.add("y", GraphOutput(), builder.add("linear", Linear(), x))
    model = Model("GatedMixLayer", builder.build())
    before = compile_model(model).source
    (nodes_folder / "gated_mix.py").write_text(GATED_MIX)
    allowed(CustomNodes())
    assert compile_model(model).source == before


def test_a_changed_file_is_asked_for_again(nodes_folder):
    file = nodes_folder / "twice.py"
    file.write_text(TWICE)
    allowed(CustomNodes())
    assert CustomNodes().undecided() == []
    file.write_text(TWICE.replace("2.0", "4.0"))
    (source,) = (custom := CustomNodes()).undecided()
    assert custom.status(source) is Status.CHANGED
    assert "Twice" not in node_types()
    allowed(custom)
    assert node_types()["Twice"]().factor == 4.0


def test_a_corrected_file_is_asked_for_again(nodes_folder):
    file = nodes_folder / "twice.py"
    file.write_text(f"{TWICE}\nprint(1 / 0)\n")
    custom = CustomNodes()
    assert len(custom.admit(custom.sources, {})) == 1
    assert custom.undecided() == []
    file.write_text(TWICE)
    custom.find()
    (source,) = custom.undecided()
    assert (custom.status(source), custom.problem(source)) == (Status.CHANGED, None)
    allowed(custom)
    assert "Twice" in node_types()


def test_a_refused_file_is_not_asked_for_until_it_changes(nodes_folder):
    file = nodes_folder / "twice.py"
    file.write_text(TWICE)
    custom = CustomNodes()
    assert custom.refuse(custom.sources) == []
    assert CustomNodes().undecided() == []
    assert custom.status(custom.sources[0]) is Status.REFUSED
    file.write_text(f"{TWICE}\n")
    assert len(CustomNodes().undecided()) == 1


def test_safe_mode_loads_nothing(nodes_folder):
    (nodes_folder / "twice.py").write_text(TWICE)
    allowed(CustomNodes())
    custom = CustomNodes(safe=True)
    assert "Twice" not in node_types()
    assert custom.status(custom.sources[0]) is Status.SWITCHED_OFF
    (problem,) = check(loads(TWICE_GRAPH.encode())).problems
    assert problem.message.endswith("which is switched off by --safe; start without --safe")


@pytest.mark.parametrize("content", ["{", "[]", '{"allowed": {"a": 1}}', '{"everything": true}'])
def test_consents_that_cannot_be_read_allow_nothing(nodes_folder, content):
    (nodes_folder / "twice.py").write_text(TWICE)
    file = nodes_folder.parent / "allowed_nodes.json"
    allowed(CustomNodes())
    file.write_text(content)
    custom = CustomNodes()
    assert "Twice" not in node_types()
    assert custom.warning.startswith("no custom node is allowed to run, as '")
    assert custom.warning.endswith("; correct or remove the file")
    assert custom.admit(custom.sources, {}) == [custom.warning]
    assert file.read_text() == content


def test_a_fault_of_one_file_does_not_keep_the_others_from_loading(nodes_folder):
    (nodes_folder / "broken.py").write_text("class Broken(")
    (nodes_folder / "fails.py").write_text(
        f"{TWICE.replace('Twice', 'Thrice')}\nraise OSError('no')"
    )
    (nodes_folder / "twice.py").write_text(TWICE)
    custom = CustomNodes()
    messages = custom.admit(custom.sources, {})
    assert [message.partition(": ")[2] for message in messages] == [
        "expected Python source, got a syntax error: '(' was never closed; correct the line",
        "expected a file that can be imported, got OSError: no; correct it",
    ]
    assert {"Twice", "Thrice"} & node_types().keys() == {"Twice"}


@pytest.mark.slow
def test_a_file_whose_import_ends_the_process_is_not_loaded(nodes_folder):
    file = nodes_folder / "ends.py"
    file.write_text(f"import os\nos._exit(3)\n{TWICE}")
    (nodes_folder / "twice.py").write_text(TWICE)
    custom = CustomNodes()
    (message,) = custom.allow(custom.sources)
    assert message == (
        f"{quote(str(file))}: expected an import that ends, got a process that ended with exit "
        "code 3; correct it, and allow it again"
    )
    assert "Twice" in node_types()
    assert [source.names for source in custom.undecided()] == []
    assert CustomNodes().undecided()[0].name == str(file)


@pytest.mark.slow
def test_a_script_that_takes_too_long_is_ended(tmp_path):
    (tmp_path / "sleeps.py").write_text("import time\nprint('started', flush=True)\ntime.sleep(60)")
    lines = []
    with pytest.raises(TimeoutError, match="longer than 2 seconds"):
        run_script(tmp_path, "sleeps.py", [], lines.append, 2)
    assert lines == ["started"]


def test_what_is_open_takes_over_an_allowed_node(nodes_folder, tmp_path):
    (nodes_folder / "twice.py").write_text(TWICE)
    editor = an_editor(tmp_path, loads(TWICE_GRAPH.encode()))
    assert isinstance(editor.document.graph.nodes["twice"], Unknown)
    assert len(editor.errors()) == 1
    allowed(editor.custom)
    editor.renew_nodes()
    assert editor.document.graph.nodes["twice"].factor == 3.0
    assert editor.errors() == []
    assert (editor.session.dirty, len(editor.store.history.entries)) == (False, 1)
    module = generated_module(editor.analysis.finish().source)
    assert hasattr(module, "Model")
    refuse_nodes(editor, editor.custom.sources)
    assert isinstance(editor.document.graph.nodes["twice"], Unknown)


def test_a_file_that_changes_while_the_window_is_open_is_announced_once(nodes_folder, tmp_path):
    editor = an_editor(tmp_path)
    (nodes_folder / "twice.py").write_text(TWICE)
    check_custom_nodes(editor)
    (notice,) = editor.view_state.notifications
    assert notice.text == "twice.py is not yet allowed: open Custom nodes to decide"
    editor.dismiss(notice)
    check_custom_nodes(editor)
    assert editor.view_state.notifications == []


# -- packages --------------------------------------------------------------------------------------

METADATA = "Metadata-Version: 2.1\nName: my-nodes\nVersion: {}\n"
ENTRY = "[wireformer.nodes]\nTwice = {}\n"


@pytest.fixture
def package(nodes_folder, tmp_path, monkeypatch):
    """Install a package with a node into a folder of the import path."""
    site = tmp_path / "site"
    module = site / "my_nodes_of_test"
    module.mkdir(parents=True)
    (module / "__init__.py").write_text("")
    (module / "twice.py").write_text(TWICE)
    info = site / "my_nodes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA.format("1.0"))
    (info / "entry_points.txt").write_text(ENTRY.format("my_nodes_of_test.twice:Twice"))
    monkeypatch.syspath_prepend(str(site))
    yield info
    for name in [name for name in sys.modules if name.startswith("my_nodes_of_test")]:
        del sys.modules[name]


def test_a_package_is_listed_by_its_metadata_and_loaded_after_consent(package):
    custom = CustomNodes()
    (source,) = [source for source in custom.sources if source.name == "my-nodes"]
    assert (source.origin, source.names) == ("my-nodes 1.0", ("Twice",))
    assert "my_nodes_of_test" not in sys.modules
    assert custom.admit([source], {}) == []
    assert node_types()["Twice"].origin == "my-nodes 1.0"


def test_another_version_of_a_package_is_asked_for_again(package):
    custom = CustomNodes()
    custom.admit([source for source in custom.sources if source.name == "my-nodes"], {})
    (package / "METADATA").write_text(METADATA.format("1.1"))
    assert [source.origin for source in CustomNodes().undecided()] == ["my-nodes 1.1"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "my_nodes_of_test.twice",
            "expected an entry point Twice = module:Twice, got my_nodes_of_test.twice; correct the "
            "package",
        ),
        (
            "my_nodes_of_test.twice:Nope",
            "expected a class derived from Node at my_nodes_of_test.twice:Nope, got none; correct "
            "the package",
        ),
        (
            "nope_of_test.twice:Twice",
            "expected an installed module nope_of_test, got none; install it, or remove the import "
            "(files do not see each other)",
        ),
    ],
)
def test_a_wrong_entry_point_is_a_problem(package, value, message):
    (package / "entry_points.txt").write_text(ENTRY.format(value))
    custom = CustomNodes()
    sources = [source for source in custom.sources if source.name == "my-nodes"]
    assert custom.admit(sources, {}) == [f"'my-nodes': {message}"]


@pytest.mark.slow
def test_a_package_is_tried_with_the_import_path_of_the_program(package):
    custom = CustomNodes()
    sources = [source for source in custom.sources if source.name == "my-nodes"]
    assert try_import(sources) == {}
