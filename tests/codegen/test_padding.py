"""The vector of a padding id is zero from the first step on, and stays zero in training."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from codegen.check import check
from codegen.compile import compile_model
from nodes.core.graphs.graph import Block, Graph, Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Node
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.merge.affine import Affine
from tests.codegen.running import network

IDS, WIDTH = 30, 8
INITIALIZATIONS = ("torch", "normal")


def embedding(**own: object) -> Embedding:
    return Embedding(num_embeddings="ids", embedding_dim=WIDTH, **own)


def head(**own: object) -> Linear:
    return Linear(out_features="ids", **own)


NODES: dict[str, dict[str, Node]] = {
    "untied": {"embed": embedding(padding_idx=3), "head": head()},
    "tied head": {"embed": embedding(padding_idx=3), "head": head(tie="embed")},
    "tied head without bias": {
        "embed": embedding(padding_idx=3),
        "head": head(tie="embed", bias=False),
    },
    "tied embedding": {"embed": embedding(padding_idx=3, tie="head"), "head": head()},
    "padding by a hyperparameter": {
        "embed": embedding(padding_idx="padding"),
        "head": head(tie="embed"),
    },
    "scaled": {"embed": embedding(padding_idx=3, scale="sqrt"), "head": head(tie="embed")},
    "embedding tied to one without padding": {
        "plain": embedding(),
        "embed": embedding(padding_idx=3, tie="plain"),
        "head": head(),
    },
    "embedding without padding tied to one with": {
        "embed": embedding(padding_idx=3),
        "plain": embedding(tie="embed"),
        "head": head(),
    },
    "head tied beside two embeddings": {
        "embed": embedding(padding_idx=3),
        "plain": embedding(tie="embed"),
        "head": head(tie="embed"),
    },
    "three with the same padding": {
        "embed": embedding(padding_idx=3),
        "plain": embedding(tie="embed", padding_idx=3),
        "head": head(tie="embed"),
    },
}


def graph(nodes: dict[str, Node], source: Node, blocks: dict[str, Graph] | None = None) -> Graph:
    """Draw the sum of the embeddings, and the head after it."""
    builder = GraphBuilder(blocks or {})
    tokens = builder.add("tokens", source)
    terms = [builder.add(name, node, tokens) for name, node in nodes.items() if name != "head"]
    x = builder.add("add", Add(), *terms) if len(terms) > 1 else terms[0]
    builder.add("logits", GraphOutput(), builder.add("head", nodes["head"], x))
    return builder.build()


def language_model(nodes: dict[str, Node], initialization: str, in_block: bool) -> Model:
    blocks = {"Inside": graph(nodes, BlockInput(kind="token ids", shape="B T"))} if in_block else {}
    main = {"embed": Block(block="Inside"), "head": Affine()} if in_block else nodes
    return Model(
        "M",
        graph(main, TokenInput(), blocks),
        blocks=blocks,
        hyperparameters={"ids": Hyperparameter(IDS), "padding": Hyperparameter(3)},
        initialization=initialization,
    )


def padding_vectors(module: nn.Module) -> list[torch.Tensor]:
    return [one.weight[3] for one in module.modules() if isinstance(one, nn.Embedding)]


def train(module: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    for _ in range(5):
        tokens = torch.randint(IDS, (4, 7))
        tokens[:, 0] = 3
        loss = nn.functional.cross_entropy(module(tokens).flatten(0, 1), tokens.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@pytest.mark.parametrize("in_block", [False, True], ids=["main graph", "block"])
@pytest.mark.parametrize("initialization", INITIALIZATIONS)
@pytest.mark.parametrize("name", NODES)
def test_the_padding_vector_is_zero_and_stays_zero(name, initialization, in_block):
    torch.manual_seed(0)
    module = network(language_model(NODES[name], initialization, in_block))
    optimizers = (
        lambda parameters: torch.optim.AdamW(parameters, 0.01, weight_decay=0.1),
        lambda parameters: torch.optim.SGD(parameters, 0.1, momentum=0.9),
    )
    for optimizer in optimizers:
        copy = deepcopy(module)
        before = {key: one.clone() for key, one in copy.state_dict().items()}
        vectors = padding_vectors(copy)
        assert vectors
        assert not torch.stack(vectors).any()
        train(copy, optimizer(copy.parameters()))
        assert not torch.stack(padding_vectors(copy)).any()
        assert all(not torch.equal(one, before[key]) for key, one in copy.state_dict().items())


@pytest.mark.parametrize("initialization", INITIALIZATIONS)
def test_all_other_vectors_are_initialized_and_trained(initialization):
    module = network(language_model(NODES["tied head"], initialization, in_block=False))
    others = torch.arange(IDS) != 3
    before = module.embed.weight[others].clone()
    assert before.any(dim=1).all()
    train(module, torch.optim.SGD(module.parameters(), 0.1))
    assert (module.embed.weight[others] != before).any(dim=1).all()


def test_a_tied_head_computes_the_same_as_without_padding():
    padded = network(language_model(NODES["tied head"], "torch", in_block=False))
    nodes = {"embed": embedding(), "head": head(tie="embed")}
    plain = network(language_model(nodes, "torch", in_block=False))
    plain.load_state_dict(padded.state_dict())
    tokens = torch.randint(IDS, (4, 7))
    torch.testing.assert_close(padded(tokens), plain(tokens))
    assert not padded.embed(torch.tensor([3])).any()


def test_a_model_without_padding_has_no_code_for_it():
    nodes = {"embed": embedding(), "head": head(tie="embed")}
    source = compile_model(language_model(nodes, "normal", in_block=False)).source
    assert "padding" not in source.lower()


@pytest.mark.parametrize("index", [5, "ids - 1"])
def test_embeddings_that_share_a_weight_have_one_padding_id(index):
    nodes = {
        "embed": embedding(padding_idx=3),
        "other": embedding(padding_idx=index, tie="embed"),
        "head": head(),
    }
    model = language_model(nodes, "torch", in_block=False)
    (problem,) = [one for one in check(model).errors]
    assert str(problem.location) == "other.padding_idx"
    assert problem.message.startswith("expected 3, as embed has, which shares the weight, got ")
    assert check(problem.remedies[0].apply(model)).ok


def test_equal_padding_ids_may_be_written_differently():
    nodes = {
        "embed": embedding(padding_idx=3),
        "other": embedding(padding_idx="padding", tie="embed"),
        "head": head(),
    }
    assert check(language_model(nodes, "torch", in_block=False)).ok
