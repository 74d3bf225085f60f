from builder.canvas.active_graph import find_active_graph
from builder.canvas.overlay import NO_HIT, HitResult
from builder.canvas.scene import SceneMaker
from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.editor.tooltip import tooltip
from codegen.check import check
from nodes.core.graphs.graph import Model, PortRef
from nodes.linear.linear import Linear
from tests.builder.canvas.scenes import ref, residual


def tooltip_lines(hit, model: Model | None = None) -> list[str]:
    document = Document(residual() if model is None else model)
    report = check(document.model)
    active = find_active_graph(document, report)
    around = document.model, active.checked, report, active.graph_name
    scene = SceneMaker().make(active.graph, active.positions, active.comments, *around)
    return tooltip(hit, scene, active).splitlines()


def test_empty_canvas_has_no_tooltip():
    assert tooltip_lines(NO_HIT) == []


def test_missing_items_have_no_tooltip():
    assert tooltip_lines(HitResult(node="gone")) == []
    assert tooltip_lines(HitResult(edge=ref("gone.input"))) == []
    assert tooltip_lines(HitResult(end=PortEnd(ref("gone.input"), True))) == []


def test_a_node_has_its_type_and_documentation():
    heading, what = tooltip_lines(HitResult(node="relu"))
    assert heading == "relu · ReLU"
    assert what.endswith(".")


def test_a_port_has_its_kind_and_shape():
    lines = tooltip_lines(HitResult(end=PortEnd(ref("embed.output"), False)))
    assert lines[0] == "output · features"
    assert "Shape: (B, T, 64)" in lines


def test_an_unconnected_input_has_its_pattern():
    model = residual().edit("", lambda graph: graph.with_node("loose", Linear()))
    lines = tooltip_lines(HitResult(end=PortEnd(PortRef("loose", "input"), True)), model)
    assert any(line.startswith("Expects: ") for line in lines)


def test_an_optional_input_is_marked():
    lines = tooltip_lines(HitResult(end=PortEnd(ref("add.terms.2"), True)))
    assert lines[-1] == "Optional."


def test_an_edge_has_its_ends_and_its_shape():
    assert tooltip_lines(HitResult(edge=ref("linear.input"))) == [
        "embed.output to linear.input",
        "Shape: (B, T, 64)",
        "Receptive field: sees its own step only",
    ]


def test_a_node_with_an_error_has_its_message():
    model = residual().edit("", lambda graph: graph.with_node("linear", Linear(out_features=7)))
    lines = tooltip_lines(HitResult(node="add"), model)
    assert any("7" in line for line in lines)
