"""A node that breaks a rule opens as it is written: a problem with remedies; nothing is lost."""

import json

import pytest

from builder.commands.nodes import reset_parameter, set_parameter
from builder.document.document import Document, Refused, Selection
from codegen.check import Problem, check
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Model
from nodes.core.graphs.unknown_node import Unknown
from nodes.linear.linear import Linear
from tests.nodes.refusals import Steps, with_change
from tests.nodes.test_file_refusals import VALID as VALID_WITH_DEFAULTS

LAYER_EDGES = {"sum.terms.0": "x.output", "sum.terms.1": "x.output", "y.input": "sum.output"}
VALID = json.loads(with_change(VALID_WITH_DEFAULTS, ("nodes", "drop", "p"), 0.3))
VALID["blocks"]["Layer"]["edges"] = LAYER_EDGES
del VALID["recipe"]  # the check finds nothing then, so a remedy leaves nothing

EMBED = ("nodes", "embed")
KEPT: dict[str, tuple[Steps, object, str]] = {
    "an unknown parameter": (
        ("nodes", "drop", "pp"),
        0.5,
        "drop.pp: expected a parameter of Dropout, got 'pp'. Remove the parameter pp.",
    ),
    "a parameter of another spelling": (
        ("nodes", "drop"),
        {"type": "Dropout", "P": 0.3},
        "drop.P: expected a parameter of Dropout, got 'P'. "
        "Rename the parameter P to p, or remove the parameter P.",
    ),
    "a misspelt parameter": (
        EMBED,
        {"type": "Embedding", "num_embeddings": 9, "embeding_dim": 8},
        "embed.embeding_dim: expected a parameter of Embedding, got 'embeding_dim'. "
        "Rename the parameter embeding_dim to embedding_dim, or remove the parameter embeding_dim.",
    ),
    "a parameter from Python's inside": (
        ("nodes", "drop", "model_config"),
        {},
        "drop.model_config: expected a parameter of Dropout, got 'model_config'. "
        "Remove the parameter model_config.",
    ),
    "a negative size": (
        (*EMBED, "num_embeddings"),
        -5,
        "embed.num_embeddings: expected a whole number of at least 1, got -5. "
        "Set num_embeddings to 5 or 256.",
    ),
    "a size that is always zero": (
        (*EMBED, "embedding_dim"),
        "d * 0",
        "embed.embedding_dim: expected a whole number of at least 1, got d * 0 = 0. "
        "Set embedding_dim to d.",
    ),
    "a size beyond the limit": (
        (*EMBED, "embedding_dim"),
        "9007199254740991 * 2",
        'embed.embedding_dim: "*" at column 18: expected a size below 2**53, got '
        "18014398509481982; make a number in it smaller. Set embedding_dim to 128.",
    ),
    "a broken expression": (
        (*EMBED, "embedding_dim"),
        "d / 2",
        'embed.embedding_dim: "/" at column 3: sizes are whole numbers; write // for floor '
        "division. Set embedding_dim to d.",
    ),
    "a size in a list": (
        (*EMBED, "embedding_dim"),
        [1, 2],
        "embed.embedding_dim: expected a whole number or an expression, got (1, 2). "
        "Set embedding_dim to 128.",
    ),
    "a size that is an object": (
        (*EMBED, "embedding_dim"),
        {"d": [1, None, {"x": "\u0437"}]},
        "embed.embedding_dim: expected a whole number or an expression, got {'d': ",
    ),
    "a probability above one": (
        ("nodes", "drop", "p"),
        2,
        "drop.p: expected a number from 0 to below 1, got 2. Set p to 0.5.",
    ),
    "a flag that is a number": (
        ("nodes", "layers", "share"),
        1,
        "layers.share: expected true or false, got 1. Set share to False.",
    ),
    "an unknown choice": (
        ("nodes", "in", "length"),
        "X",
        "in.length: expected 'T' or 'S', got 'X'. Set length to T.",
    ),
    "a choice that is nothing": (
        ("nodes", "act"),
        {"type": "FeedForward", "activation": None},
        "act.activation: expected relu or gelu or gelu_tanh or silu or tanh or sigmoid",
    ),
    "neither of what is expected": (
        (*EMBED, "scale"),
        "",
        "embed.scale: expected 'sqrt', got ''; "
        "or expected a number, a name or a bracket, got the end in ''. "
        "Set scale to 1.0.",
    ),
    "a block that is not named": (
        ("nodes", "layers"),
        {"type": "Block", "repeat": "n"},
        "layers.block: expected a value, as it has no default; add it. Set block to Layer.",
    ),
    "a parameter of an input of a block": (
        ("blocks", "Layer", "nodes", "x", "kind"),
        "colour",
        "Layer/x.kind: expected 'features', 'token ids', 'mask', 'lengths', 'state' or 'any', "
        "got 'colour'. Set kind to any.",
    ),
    "a parameter of an output of a block": (
        ("blocks", "Layer", "nodes", "y", "kind"),
        "tokens",
        "Layer/y.kind: expected a parameter of GraphOutput, got 'kind'. Remove the parameter kind.",
    ),
    "too many copies": (
        ("nodes", "layers", "repeat"),
        10**9,
        "layers.repeat: expected at most 10000 copies, got 1000000000. Set repeat to 1.",
    ),
    "too many copies at the present values": (
        ("hyperparameters", "n"),
        20_000,
        "layers.repeat: expected at most 10000 copies, got 20000. Set repeat to 1.",
    ),
    "a source that is an input": (
        ("edges", "drop.input"),
        "embed.input",
        "drop.input: expected an edge from an output of embed, got one from embed.input. "
        "Connect embed.output to drop.input.",
    ),
    "a target that is an output": (
        ("edges", "drop.output"),
        "in.output",
        "drop: expected an edge to an input of the node, got one to output. "
        "Remove the edge to drop.output.",
    ),
    "a second spelling of a port": (
        ("edges", "drop.input."),
        "in.output",
        "drop: expected an edge to an input of the node, got one to input.; did you "
        "mean input? Remove the edge to drop.input..",
    ),
}


def test_the_valid_file_has_no_problems():
    assert check(loads(json.dumps(VALID).encode())).problems == ()


def errors(model: Model) -> list[Problem]:
    return check(model).errors


@pytest.mark.parametrize(("path", "value", "message"), KEPT.values(), ids=KEPT)
def test_a_broken_rule_is_a_problem_at_its_node(path, value, message):
    data = with_change(VALID, path, value)
    texts = [str(problem) for problem in errors(loads(data))]
    assert any(text.startswith(message) for text in texts), texts


@pytest.mark.parametrize(("path", "value", "message"), KEPT.values(), ids=KEPT)
def test_saving_what_breaks_a_rule_loses_nothing(path, value, message):
    written = json.loads(with_change(VALID, path, value))
    saved = json.loads(dumps(loads(json.dumps(written).encode())))
    for graph, again in [(written, saved), (written["blocks"]["Layer"], saved["blocks"]["Layer"])]:
        assert again["nodes"] == graph["nodes"]
        assert again["edges"] == graph["edges"]
    data = dumps(loads(json.dumps(saved).encode()))
    assert dumps(loads(data)) == data


@pytest.mark.parametrize(("path", "value", "message"), KEPT.values(), ids=KEPT)
def test_each_remedy_removes_its_problem(path, value, message):
    model = loads(with_change(VALID, path, value))
    for problem in errors(model):
        for remedy in problem.remedies:
            after = errors(remedy.apply(model))
            assert (problem.location, problem.message) not in [
                (other.location, other.message) for other in after
            ]


NO_SIZES = [True, 1.0, "1_0", "\u0661", "\uff11", "9**9**9", "().__class__", "d\n", [1], {}]
SIZES = [(name, key) for name, known in node_types().items() for key in known.size_fields]


@pytest.mark.parametrize(("node_type", "parameter"), SIZES, ids=["-".join(pair) for pair in SIZES])
def test_every_size_is_a_whole_number_or_an_expression(node_type, parameter):
    for value in NO_SIZES:
        entry = {"type": node_type, parameter: value}
        if node_type == "Block":
            entry["block"] = "Layer"
        model = loads(with_change(VALID, ("nodes", "n"), entry))
        assert model.graph.nodes["n"].parameters[parameter] == value
        found = [problem for problem in errors(model) if problem.location.parameter == parameter]
        assert [problem.location.node for problem in found] == ["n"], value
        assert json.loads(dumps(model))["nodes"]["n"] == entry


WRONG = [
    None,
    True,
    -1,
    0,
    2**53 - 1,
    -0.5,
    1e308,
    "",
    "no such thing",
    "d *",
    [],
    [[1, "a"]],
    {"a": 1},
]
PARAMETERS = [(name, key) for name, known in node_types().items() for key in known.model_fields]


@pytest.mark.parametrize(
    ("node_type", "parameter"), PARAMETERS, ids=["-".join(pair) for pair in PARAMETERS]
)
def test_any_value_of_any_parameter_opens_and_is_saved_as_it_is(node_type, parameter):
    for value in WRONG:
        entry = {"type": node_type, parameter: value}
        model = loads(with_change(VALID, ("nodes", "n"), entry))
        check(model)
        if isinstance(model.graph.nodes["n"], Unknown):
            assert json.loads(dumps(model))["nodes"]["n"] == entry
            assert_remedies_help(model)
        assert loads(dumps(model)) == model


def assert_remedies_help(model: Model) -> None:
    """Check that the node n has problems, and that each remedy of one removes it."""
    problems = [each for each in errors(model) if each.location.node == "n"]
    assert problems
    for problem, remedy in [(each, remedy) for each in problems for remedy in each.remedies]:
        assert problem not in errors(remedy.apply(model))


# -- repair in the inspector -----------------------------------------------------------------------


def opened(**parameters: object) -> Document:
    """Return the document of a file with one Linear whose parameters are as written."""
    entry = {"type": "Linear", **parameters}
    model = loads(with_change(VALID, ("nodes", "n"), entry))
    return Document(model=model).selecting(Selection.of("n"))


def test_a_node_is_repaired_by_a_valid_value():
    document = opened(out_features=-5, bias="no")
    assert isinstance(document.graph.nodes["n"], Unknown)
    document = set_parameter(document, "n", "out_features", "2 * d")
    assert document.graph.nodes["n"].parameters == {"out_features": "2 * d", "bias": "no"}
    document = set_parameter(document, "n", "bias", False)
    assert document.graph.nodes["n"] == Linear(out_features="2 * d", bias=False)


def test_another_value_that_breaks_the_rule_is_refused():
    with pytest.raises(
        Refused, match="out_features: expected a whole number of at least 1, got -7"
    ):
        set_parameter(opened(out_features=-5), "n", "out_features", "-7")
    with pytest.raises(Refused, match="Linear has no parameter size"):
        set_parameter(opened(out_features=-5), "n", "size", "7")


@pytest.mark.parametrize("written", [{"out_features": -5}, {"width": 3}])
def test_a_node_is_repaired_by_emptying_the_field(written):
    (parameter,) = written
    document = reset_parameter(opened(**written), "n", parameter)
    assert document.graph.nodes["n"] == Linear()


def test_a_placement_is_repaired_by_naming_its_block():
    model = loads(with_change(VALID, ("nodes", "n"), {"type": "Block"}))
    document = set_parameter(Document(model=model), "n", "block", "Layer")
    assert document.graph.nodes["n"] == Block(block="Layer")
