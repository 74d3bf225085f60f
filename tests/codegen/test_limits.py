"""What exceeds a limit is a problem at its place, which names the limit; never an exception."""

import pytest

from codegen.check import check
from codegen.compile import NotCompiled, compile_model
from codegen.cost import rows, total
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding import Embedding
from nodes.io import FeatureInput, GraphOutput, TokenInput
from nodes.linear import Linear
from nodes.merge import Concatenate
from tests.codegen.drawing import chain

RUN = {"B": 1, "T": 64, "S": 64}


def errors(model: Model) -> list[str]:
    """Return the errors of a model, after computing its costs and trying to compile it."""
    report = check(model)
    assert report.main is not None
    assert rows(model, report.main, RUN)
    assert total(model, report.main, RUN)
    if report.errors:
        with pytest.raises(NotCompiled):
            compile_model(model)
    return [str(problem) for problem in report.errors]


def joined(widths: list[object], **hyperparameters: int) -> Model:
    """Return a model that concatenates a Linear of each width."""
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=8))
    parts = [
        builder.add(f"l{index}", Linear(out_features=width), x)
        for index, width in enumerate(widths)
    ]
    builder.add("y", GraphOutput(), builder.add("join", Concatenate(), *parts))
    known = {name: Hyperparameter(value) for name, value in hyperparameters.items()}
    return Model(graph=builder.build(), hyperparameters=known)


def doubled(features: object, times: int, **hyperparameters: int) -> Model:
    """Return a model that concatenates a tensor with itself again and again."""
    builder = GraphBuilder()
    x = builder.add("x", FeatureInput(features=features))
    for index in range(times):
        x = builder.add(f"c{index}", Concatenate(), x, x)
    builder.add("y", GraphOutput(), x)
    known = {name: Hyperparameter(value) for name, value in hyperparameters.items()}
    return Model(graph=builder.build(), hyperparameters=known)


def test_at_most_64_different_widths_are_joined():
    names = [f"h{index}" for index in range(65)]
    values = {name: index + 1 for index, name in enumerate(names)}
    assert errors(joined(names[:-1], **dict(list(values.items())[:-1]))) == []
    assert errors(joined(names, **values)) == [
        "join: expected at most 64 terms in a size, got 65; "
        "use fewer different sizes, or add a hyperparameter for a part of it."
    ]


LIMIT = "expected a size below 2**53, got"
SMALLER = "make a number in it smaller"


@pytest.mark.parametrize("times", [53, 200])
@pytest.mark.parametrize("known", [{}, {"d": 1}])
def test_a_size_is_bounded_whether_it_is_plain_or_symbolic(times, known):
    size = "d" if known else 1
    assert errors(doubled(size, 52, **known)) == []
    assert errors(doubled(size, times, **known)) == [f"c52: {LIMIT} {2**53}; {SMALLER}."]


def test_a_symbolic_size_is_bounded_at_its_present_value():
    assert errors(doubled("d", 3, d=2**50 - 1)) == []
    assert errors(doubled("d", 3, d=2**50)) == [f"c2: {LIMIT} {2**53}; {SMALLER}."]


def test_an_expression_is_bounded_at_its_present_value():
    model = chain(Linear(out_features="w * w"), w=2**27)
    assert errors(model) == [f"a.out_features: {LIMIT} {2**54}; {SMALLER}. Clear out_features."]
    assert errors(chain(Linear(out_features="w * w * w"), w=2**40)) == [
        f"a.out_features: {LIMIT} about 2**120; {SMALLER}. Clear out_features."
    ]


@pytest.mark.parametrize(("size", "known"), [(2**47, {}), ("w", {"w": 2**47})])
def test_the_elements_of_a_weight_are_bounded(size, known):
    shape = f"({size}, 64)"
    assert errors(chain(Linear(out_features=size), **known)) == [
        f"a: expected a weight of fewer than 2**53 elements, got {shape} with {2**53}; "
        "make an axis smaller. Clear out_features."
    ]
    assert errors(chain(Linear(out_features="w"), w=2**47 - 1)) == []


def test_the_elements_of_an_embedding_are_bounded():
    builder = GraphBuilder()
    table = Embedding(num_embeddings=2**31, embedding_dim=2**31)
    builder.add("y", GraphOutput(), builder.add("e", table, builder.add("x", TokenInput())))
    (error,) = errors(Model(graph=builder.build()))
    assert error.startswith(f"e: expected a weight of fewer than 2**53 elements, got ({2**31}, ")
