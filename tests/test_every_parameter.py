"""Every parameter that may name a hyperparameter refuses the values that it could not use."""

import pytest

from codegen.check import check
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Graph, Hyperparameter, Model
from nodes.core.graphs.node import Node

NAMED = [
    (node_type, key)
    for node_type in node_types().values()
    for key in node_type.open_fields
    if not node_type.model_fields[key].is_required()
]
TEXTS = ("relu", "sqrt", "same", "causal", "none", "1", "")
NO_NUMBERS = (*TEXTS, True, False, None, float("nan"), float("inf"), -float("inf"))


def takes_names(node_type: type[Node], key: str) -> bool:
    try:
        node_type(**{key: "name"})
    except ValueError:
        return False
    return True


OPEN = [
    pytest.param(node_type, key, id=f"{node_type.__name__}.{key}")
    for node_type, key in NAMED
    if takes_names(node_type, key)
]


def errors(node_type: type[Node], key: str, value: object) -> list[str]:
    """Check a node that is not connected, with a hyperparameter of a value; list its errors."""
    graph = Graph().with_node("node", node_type(**{key: "name"}))
    known = {"name": Hyperparameter(value)}
    report = check(Model(graph=graph, hyperparameters=known))
    found = [problem for problem in report.errors if problem.location.parameter == key]
    return [problem.message for problem in found]


@pytest.mark.parametrize(("node_type", "key"), OPEN)
def test_a_value_of_a_wrong_type_is_one_problem_of_the_parameter(node_type, key):
    choices = node_type.choice_fields.get(key, ())
    wrong = [value for value in NO_NUMBERS if value not in choices]
    wrong += [0.5] if key in node_type.size_fields else []
    wrong += [1, 0.5] if choices else []
    found = {repr(value): len(errors(node_type, key, value)) for value in wrong}
    assert found == dict.fromkeys(found, 1)


def test_a_text_in_a_number_is_named():
    assert errors(node_types()["Dropout"], "p", "relu") == ["expected a number, got name = 'relu'"]
    assert errors(node_types()["MatMul"], "scale", "sqrt") == [
        "expected a number, got name = 'sqrt'"
    ]
    assert errors(node_types()["Conv1d"], "padding", "same") == [
        "expected a whole number for name, got 'same'; change it"
    ]
