"""Every parameter that may name a hyperparameter refuses the values that it could not use."""

from dataclasses import fields, replace
from random import Random
from types import ModuleType

import pytest

from codegen.check import check
from codegen.check.check_cache import CheckCache
from codegen.check.inference import Inference
from codegen.check.model_checks import named_hyperparameters
from codegen.check.problem import Severity
from codegen.harness.one_node import DrawnCase, compile_node, draw_case, one_node_graph
from codegen.source.identifiers import identifier
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, InputNode, Model, OutputNode
from nodes.core.graphs.node import Node
from nodes.reshape.slice import Slice
from tests.codegen.running import run_source
from tests.node_cases import cases

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


# -- the Config ------------------------------------------------------------------------------------

SIZES = (0, 1, 2, 3, 4, 5, 6, 8, 12, 24, -1, -8)
POSITIVE = [size for size in SIZES if size > 0]
NUMBERS = (0.0, 1.0, 0.25, 1.5, -0.5, 1e-300, *NO_NUMBERS)
EVERY_CASE = [
    pytest.param(case, id=f"{node_type.__name__}-{number}")
    for node_type in node_types().values()
    if not issubclass(node_type, Block | InputNode | OutputNode)
    for number, case in enumerate(cases(node_type))
]


def is_accepted(drawn_case: DrawnCase, used: tuple[str, ...], name: str, value: object) -> bool:
    """Check the model of a case with another value of one hyperparameter."""
    other = replace(drawn_case, values={**drawn_case.values, name: value})
    incoming = {f"to_{port.replace('.', '_')}": spec for port, spec in other.specs.items()}
    model, cache = other.model(), CheckCache()
    cache.prepare(model)
    graph = one_node_graph(other, used)
    checked = Inference(model, cache).graph(graph, "drawn", incoming, "drawn")
    return all(problem.severity is not Severity.ERROR for problem in checked.problems)


def turns_around(drawn_case: DrawnCase, name: str, value: object) -> bool:
    """Check whether a bound of a slice would count from the other end, which is other code."""
    present = drawn_case.values[name]
    is_bound = isinstance(drawn_case.node, Slice) and name in ("the_start", "the_stop")
    return is_bound and type(value) is int and (value < 0) != (present < 0)


def takes(module: ModuleType, name: str, value: object) -> bool:
    try:
        module.Config(**{name: value})
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("case", EVERY_CASE)
@pytest.mark.parametrize("seed", range(3))
def test_the_config_refuses_the_values_that_the_check_refuses(case, seed):
    drawn_case = draw_case(case, Random(seed))
    used = tuple(port.name for port in drawn_case.node.outputs)
    module = run_source(compile_node(drawn_case, used).source)
    spelled = {identifier(name): name for name in drawn_case.values}
    of_parameters = named_hyperparameters(drawn_case.node)
    differing = {
        (field.name, repr(value)): accepted
        for field in fields(module.Config)
        for value in ((*SIZES, *NUMBERS) if spelled[field.name] in of_parameters else POSITIVE)
        if not turns_around(drawn_case, spelled[field.name], value)
        and (accepted := is_accepted(drawn_case, used, spelled[field.name], value))
        != takes(module, field.name, value)
    }
    assert differing == {}
