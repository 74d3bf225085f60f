"""Random edits keep what every untouched node means, or name it in a notice.

The meaning of a node is its type, its parameters with the values of hyperparameters in them, and
the nodes that it shares a weight with.  It is computed here from the model alone, by the definition
of a tie and of a hyperparameter, before and after each command.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from builder.commands import blocks, copy_paste, model_settings, nodes
from builder.document.document import Document, Refused, Selection
from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Block, Composite, Graph, Hyperparameter, Model
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.shapes.dim import Dim, evaluate
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.recurrent.lstm import LSTM
from tests.builder.documents import sound

NAMES = ["embed1", "head1", "tail1", "층1", "词1", "lstm1", "drop1", "gone1"]
BLOCKS = ["Core1", "块1"]
HYPERPARAMETERS = ["width1", "rate1", "深度1"]

Place = tuple[str, str]
"""A graph, and a node in it."""


@dataclass
class Outcome:
    """What a random command did.

    Attributes:
        before, after: the documents.
        touched: the nodes whose meaning the command is for.
        renamed: the new place of each node that has one.
        copied: the document that the copied nodes are from, and the original of each copy.
    """

    before: Document
    after: Document
    touched: set[Place] = field(default_factory=set)
    renamed: Mapping[Place, Place] = field(default_factory=dict)
    copied: tuple[Document, Mapping[str, str]] | None = None


def parameters(node: Node, values: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters of a node other than its tie, with the values of hyperparameters."""
    found: dict[str, object] = {}
    for key, value in dict(node).items():
        known = value
        if isinstance(value, Ref):
            known = values.get(value.name, f"unknown {value.name}")
        elif isinstance(value, Dim):
            whole = {name: v for name, v in values.items() if type(v) is int}
            known = evaluate(value, whole) if value.hypers <= whole.keys() else "unknown"
        found[key] = (type(known), known)
    return {key: value for key, value in found.items() if key != "tie"}


def sharing(graph: Graph) -> dict[str, frozenset[str]]:
    """Return the nodes with which each node of a graph shares its weight, itself among them."""
    groups = {name: {name} for name in graph.nodes}
    for name, node in graph.nodes.items():
        other = graph.nodes.get(node.tied_to)
        if other is not None and hasattr(other, "tie"):
            merged = groups[name] | groups[node.tied_to]
            groups.update(dict.fromkeys(merged, merged))
    return {name: frozenset(group) for name, group in groups.items()}


def places(model: Model) -> Iterator[tuple[Place, Node]]:
    for title, graph in model.graphs.items():
        for name, node in graph.nodes.items():
            yield (title, name), node


def is_named(name: str, notices: tuple[str, ...]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", notice) for notice in notices)


def check_untouched(outcome: Outcome) -> int:
    """Check that every node that the command is not about means the same; return their number."""
    before, after, notices = outcome.before.model, outcome.after.model, outcome.after.notices
    found = dict(places(after))
    kept = {
        place: outcome.renamed.get(place, place)
        for place, _ in places(before)
        if outcome.renamed.get(place, place) in found and place not in outcome.touched
    }
    groups = {title: sharing(graph) for title, graph in before.graphs.items()}
    groups_after = {title: sharing(graph) for title, graph in after.graphs.items()}
    for old, new in kept.items():
        node, changed = before.graphs[old[0]].nodes[old[1]], found[new]
        if not isinstance(node, Block):
            same = parameters(node, before.values) == parameters(changed, after.values)
            assert same or any(is_named(name, notices) for name in HYPERPARAMETERS), (old, notices)
        peers = {kept[old[0], peer] for peer in groups[old[0]][old[1]] if (old[0], peer) in kept}
        survivors = set(kept.values())
        peers_after = {
            (new[0], peer) for peer in groups_after[new[0]][new[1]] if (new[0], peer) in survivors
        }
        # A tie between two others may join or part the nodes that share a weight with them.
        named = {name for _, name in peers | peers_after | {new}}
        assert peers == peers_after or any(is_named(n, notices) for n in named), (old, notices)
    return len(kept)


def check_copies(outcome: Outcome) -> int:
    """Check that copies mean what their originals do."""
    assert outcome.copied is not None
    source, originals = outcome.copied
    after, notices = outcome.after, outcome.after.notices
    groups, groups_after = sharing(source.graph), sharing(after.graph)
    for copy, original in originals.items():
        node, copied = source.graph.nodes[original], after.graph.nodes[copy]
        if not isinstance(node, Block):
            same = parameters(node, source.model.values) == parameters(copied, after.model.values)
            assert same or any(is_named(name, notices) for name in HYPERPARAMETERS)
        peers = {name for name, of in originals.items() if of in groups[original]}
        shared = groups_after[copy] & originals.keys()
        assert shared == peers or all(is_named(name, notices) for name in peers - shared)
        others = groups_after[copy] - originals.keys()
        same_graph = source.origin == after.origin and source.graph_name == after.graph_name
        # A node that many share may be named through any of them; none is a stranger to all.
        assert same_graph or all(is_named(name, notices) for name in others)
    return len(originals)


class RandomEdits:
    """Makes random documents, and edits them by random commands."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.clipboard: tuple[Document, list[str], str] | None = None

    def pick(self, *weighted: object) -> object:
        return self.random.choice(weighted)

    def node(self) -> Node:
        tie = self.random.choice(["", "", *NAMES])
        width = self.random.choice([8, "width1", "2 * width1", "深度1"])
        return self.random.choice(
            [
                Embedding(num_embeddings=8, embedding_dim=width, tie=tie),
                Linear(out_features=width, tie=tie),
                Linear(out_features=8, tie=tie, bias=False),
                LSTM(hidden_size=width),
                Dropout(p=self.random.choice([0.5, "rate1"])),
                GELU(),
            ]
        )

    def graph(self, ends: Mapping[str, Node], blocks: list[str]) -> Graph:
        names = self.random.sample(NAMES, self.random.randint(2, 6))
        found = {name: self.node() for name in names}
        if blocks and self.random.random() < 0.5:
            found["placed1"] = Block(block=self.random.choice(blocks))
        return Graph({**ends, **found})

    def document(self) -> Document:
        known: dict[str, Graph] = {}
        ends = {"x1": BlockInput(kind="features"), "y1": GraphOutput()}
        for name in self.random.sample(BLOCKS, self.random.randint(0, 2)):
            known[name] = self.graph(ends, [*known])
        hyperparameters = {
            name: Hyperparameter(0.25 if name == "rate1" else self.random.choice([4, 8]))
            for name in HYPERPARAMETERS
            if self.random.random() < 0.7
        }
        graph = self.graph({"x1": TokenInput(), "y1": GraphOutput()}, [*known])
        return Document(Model(graph=graph, blocks=known, hyperparameters=hyperparameters))

    def selecting(self, document: Document) -> Document:
        some = [name for name in document.graph.nodes if self.random.random() < 0.4]
        return document.selecting(Selection(frozenset(some)))

    def visiting(self, document: Document) -> Document:
        inner = [name for name, node in document.graph.nodes.items() if isinstance(node, Composite)]
        visited = document.at((*document.path, self.random.choice(inner))) if inner else document
        return visited if visited.normalized().editable else document

    # -- commands --------------------------------------------------------------------------------

    def paste(self, document: Document) -> Outcome:
        if self.clipboard is None or self.random.random() < 0.5:
            source = self.selecting(self.random.choice([document, self.document()]))
            names = [name for name in source.graph.nodes if name in source.selection.nodes]
            self.clipboard = source, names, copy_paste.copy(source)
        source, names, text = self.clipboard
        after = copy_paste.paste(document, text, (0.0, 0.0))
        return self.copies(document, after, source, names)

    def duplicate(self, document: Document) -> Outcome:
        document = self.selecting(document)
        names = [name for name in document.graph.nodes if name in document.selection.nodes]
        after = nodes.duplicate(document, (0.0, 0.0))
        return self.copies(document, after, document, names)

    def copies(
        self, before: Document, after: Document, source: Document, names: list[str]
    ) -> Outcome:
        new = [name for name in after.graph.nodes if name not in before.graph.nodes]
        return Outcome(before, after, copied=(source, dict(zip(new, names, strict=True))))

    def remove(self, document: Document) -> Outcome:
        document = self.selecting(document)
        command = self.random.choice([nodes.delete, nodes.delete_and_reconnect, nodes.bypass])
        return Outcome(document, command(document))

    def group(self, document: Document) -> Outcome:
        document = self.selecting(document)
        after = blocks.group(document)
        (placed,) = after.selection.nodes
        title = after.graph.nodes[placed].block
        moved = document.selection.nodes & after.model.blocks[title].nodes.keys()
        here = document.graph_name
        return Outcome(document, after, renamed={(here, n): (title, n) for n in moved})

    def ungroup(self, document: Document) -> Outcome:
        placed = [name for name, node in document.graph.nodes.items() if isinstance(node, Block)]
        if not placed:
            raise Refused("no block")
        after = blocks.ungroup(document, self.random.choice(placed))
        return Outcome(document, after)

    def rename(self, document: Document) -> Outcome:
        old = self.random.choice([*document.graph.nodes])
        new = self.random.choice([*NAMES, "other1"])
        title = document.graph_name
        return Outcome(
            document, nodes.rename(document, old, new), renamed={(title, old): (title, new)}
        )

    def rename_block(self, document: Document) -> Outcome:
        old, new = self.random.choice(BLOCKS), self.random.choice([*BLOCKS, "Other1"])
        after = blocks.rename_block(document, old, new)
        inside = [place for place, _ in places(document.model) if place[0] == old]
        return Outcome(document, after, renamed={place: (new, place[1]) for place in inside})

    def rename_hyperparameter(self, document: Document) -> Outcome:
        old, new = self.random.sample(HYPERPARAMETERS, 2)
        return Outcome(document, model_settings.rename_hyperparameter(document, old, new))

    def replace_type(self, document: Document) -> Outcome:
        name = self.random.choice([*document.graph.nodes])
        kind = self.random.choice([Embedding, Linear, LSTM, GELU])
        after = nodes.replace_type(document, name, kind)
        return Outcome(document, after, touched={(document.graph_name, name)})

    def add(self, document: Document) -> Outcome:
        name = self.random.choice([*NAMES, ""])
        return Outcome(document, nodes.add(document, self.node(), (0.0, 0.0), name))

    def outcome(self, document: Document) -> Outcome:
        commands = [
            *(self.paste, self.paste, self.duplicate, self.remove, self.group, self.ungroup),
            *(self.rename, self.rename_block, self.rename_hyperparameter, self.replace_type),
            self.add,
        ]
        return self.random.choice(commands)(document)


@pytest.mark.parametrize("seed", range(40))
def test_what_an_edit_is_not_about_means_the_same(seed):
    edits = RandomEdits(seed)
    compared = copies = 0
    document = edits.document()
    for step in range(60):
        if step % 15 == 14:
            document = edits.document()
        document = edits.visiting(document) if edits.random.random() < 0.2 else document
        document = document if document.graph.nodes else edits.document()
        try:
            outcome = edits.outcome(document)
        except Refused:
            continue
        sound(outcome.after.normalized())
        compared += check_untouched(outcome)
        copies += check_copies(outcome) if outcome.copied else 0
        document = replace(outcome.after.normalized(), notices=())
    assert compared > 100
    assert copies > 5
