from builder.canvas.active_graph import show
from builder.canvas.overlay import EMPTY, HitResult
from builder.canvas.scene import SceneMaker
from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.editor.tooltip import hint
from codegen.check import check
from nodes.core.graphs.graph import Model, PortRef
from nodes.linear import Linear
from tests.builder.canvas.scenes import ref, residual


def told(hit, model: Model | None = None) -> list[str]:
    document = Document(residual() if model is None else model)
    report = check(document.model)
    shown = show(document, report)
    around = document.model, shown.checked, report, shown.graph_name
    scene = SceneMaker().make(shown.graph, shown.positions, shown.comments, *around)
    return hint(hit, scene, shown).splitlines()


def test_nothing_is_said_of_empty_canvas():
    assert told(EMPTY) == []


def test_nothing_is_said_of_what_is_gone():
    assert told(HitResult(node="gone")) == []
    assert told(HitResult(edge=ref("gone.input"))) == []
    assert told(HitResult(end=PortEnd(ref("gone.input"), True))) == []


def test_a_node_is_told_with_its_type_and_what_it_does():
    heading, what = told(HitResult(node="relu"))
    assert heading == "relu · ReLU"
    assert what.endswith(".")


def test_a_port_is_told_with_its_kind_and_its_shape():
    lines = told(HitResult(end=PortEnd(ref("embed.output"), False)))
    assert lines[0] == "output · features"
    assert "Shape: (B, T, 64)" in lines


def test_an_input_without_an_edge_tells_what_it_takes():
    model = residual().edit("", lambda graph: graph.with_node("loose", Linear()))
    lines = told(HitResult(end=PortEnd(PortRef("loose", "input"), True)), model)
    assert any(line.startswith("Takes: ") for line in lines)


def test_an_input_may_say_that_it_needs_no_edge():
    lines = told(HitResult(end=PortEnd(ref("add.terms.2"), True)))
    assert lines[-1] == "May stay without an edge."


def test_an_edge_is_told_with_its_ends_and_its_shape():
    assert told(HitResult(edge=ref("linear.input"))) == [
        "embed.output to linear.input",
        "Shape: (B, T, 64)",
    ]


def test_a_wrong_node_tells_why():
    model = residual().edit("", lambda graph: graph.with_node("linear", Linear(out_features=7)))
    lines = told(HitResult(node="add"), model)
    assert any("7" in line for line in lines)
