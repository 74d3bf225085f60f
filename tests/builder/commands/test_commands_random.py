"""Random commands: each is refused, or leaves a document that can be saved."""

from collections.abc import Callable
from random import Random

import pytest

from builder.commands import blocks, comments, copy_paste, edges, model_settings, nodes
from builder.document.document import Document, Refused, Selection
from codegen.check import CheckCache, check
from examples.build import EXAMPLES
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Composite, PortRef
from tests.builder.documents import sound

TYPED = ("", "3", "0.25", "true", "d_model", "2 * width", "none", "gelu", "x y", "B T C", "99999")
MAX_NODES = 60
"""The number of nodes after which all are deleted."""


class RandomCommands:
    """Issues random commands."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.cache = CheckCache()
        self.copied = ""

    def node(self, document: Document) -> str:
        return self.random.choice([*document.graph.nodes, "gone"])

    def any_ref(self, document: Document, side: int) -> PortRef:
        name = self.node(document)
        node = document.graph.nodes.get(name)
        ports = [port.name for port in document.model.ports(node)[side]] if node else []
        return PortRef(name, self.random.choice([*ports, "terms.3", "gone"]))

    def at(self) -> tuple[float, float]:
        return self.random.uniform(-500, 500), self.random.uniform(-500, 500)

    def new_node(self, document: Document):
        kind = self.random.choice([*node_types().values()])
        if kind is Block:
            return Block(block=self.random.choice([*document.model.blocks, "Gone"]))
        return kind()

    def select_some(self, document: Document) -> Document:
        some = [name for name in document.graph.nodes if self.random.random() < 0.3]
        texts = [name for name in document.comments if self.random.random() < 0.5]
        ends = [end for end in document.graph.edges if self.random.random() < 0.1]
        return document.selecting(Selection(frozenset(some), frozenset(ends), frozenset(texts)))

    def visit(self, document: Document) -> Document:
        inner = [name for name, node in document.graph.nodes.items() if isinstance(node, Composite)]
        if inner and document.editable:
            return document.at((*document.path, self.random.choice(inner))).normalized()
        return document.at(document.path[:-1])

    def ungroup_composite(self, document: Document) -> Document:
        main = check(document.model, self.cache).main
        name = self.node(document)
        found = main.nodes.get(name) if main and not document.path else None
        if found is None or found.inner is None:
            return document
        return blocks.ungroup_composite(document, name, found.inner.graph)

    def apply_remedy(self, document: Document) -> Document:
        remedies = [
            r for problem in check(document.model, self.cache).problems for r in problem.remedies
        ]
        return (
            model_settings.apply_remedy(document, self.random.choice(remedies))
            if remedies
            else document
        )

    def copy(self, document: Document) -> Document:
        self.copied = copy_paste.copy(document)
        return document

    def parameter(self, document: Document) -> Document:
        name = self.node(document)
        fields = [*type(document.graph.nodes.get(name, Block(block="x"))).model_fields, "gone"]
        field = self.random.choice(fields)
        if self.random.random() < 0.2:
            return nodes.reset_parameter(document, name, field)
        return nodes.set_parameter(document, name, field, self.random.choice(TYPED))

    def hyperparameter(self, document: Document) -> Document:
        known = self.random.choice([*document.model.hyperparameters, "more"])
        other = self.random.choice(["width", "d_model", "more", "other"])
        edit = self.random.choice(
            [
                lambda: model_settings.set_hyperparameter(
                    document, known, self.random.choice(TYPED)
                ),
                lambda: model_settings.rename_hyperparameter(document, known, other),
                lambda: model_settings.remove_hyperparameter(document, known),
            ]
        )
        return edit()

    def comment(self, document: Document) -> Document:
        name = self.random.choice([*document.comments, "gone"])
        edit = self.random.choice(
            [
                lambda: comments.frame(document),
                lambda: comments.comment(document, self.at(), "a\nb"),
                lambda: comments.set_text(document, name, "c"),
                lambda: comments.resize(document, name, *self.at()),
            ]
        )
        return edit()

    @property
    def all(self) -> list[Callable[[Document], Document]]:
        random = self.random
        return [
            lambda d: nodes.add(d, self.new_node(d), self.at()),
            lambda d: nodes.append(d, self.new_node(d), self.node(d), self.at()),
            lambda d: nodes.add_on_edge(d, self.new_node(d), self.any_ref(d, 0), self.at()),
            lambda d: nodes.insert_on_edge(d, self.node(d), self.any_ref(d, 0)),
            lambda d: nodes.move(d, *self.at()),
            lambda d: nodes.set_positions(d, {self.node(d): self.at()}),
            nodes.delete,
            nodes.delete_and_reconnect,
            nodes.detach,
            nodes.bypass,
            lambda d: nodes.rename(d, self.node(d), random.choice(["x", "y", "input", "a b"])),
            self.parameter,
            lambda d: nodes.replace_type(d, self.node(d), self.new_node(d)),
            lambda d: nodes.duplicate(d, self.at(), random.random() < 0.5),
            lambda d: edges.connect(d, self.any_ref(d, 1), self.any_ref(d, 0)),
            lambda d: edges.disconnect(d, [self.any_ref(d, 0)]),
            lambda d: edges.move_source(d, self.any_ref(d, 1), self.any_ref(d, 1)),
            lambda d: edges.reconnect(d, self.any_ref(d, 0), self.any_ref(d, 0)),
            blocks.group,
            lambda d: blocks.ungroup(d, self.node(d)),
            self.ungroup_composite,
            lambda d: blocks.rename_block(d, random.choice([*d.model.blocks, "A"]), "Other"),
            self.comment,
            self.hyperparameter,
            self.apply_remedy,
            self.apply_remedy,
            self.copy,
            lambda d: copy_paste.paste(d, self.copied, self.at(), random.random() < 0.5),
            lambda d: d if d.editable else self.visit(d),
            self.visit,
            self.select_some,
            self.select_some,
            self.select_some,
        ]


@pytest.mark.parametrize("seed", range(24))
def test_any_command_is_refused_or_leaves_a_document_that_can_be_saved(seed):
    commands = RandomCommands(seed)
    document = Document(EXAMPLES[seed % len(EXAMPLES)]())
    done = 0
    for step in range(120):
        try:
            document = commands.random.choice(commands.all)(document).normalized()
            done += 1
        except Refused as refused:
            assert str(refused).strip()
            assert "\n" not in str(refused)
        sound(document)
        report = check(document.model, commands.cache)
        if step % 10 == 0:
            assert report.problems == check(document.model).problems
        if len(document.graph.nodes) > MAX_NODES:
            everything = Selection.of(*document.graph.nodes)
            document = nodes.delete(document.at(()).selecting(everything))
    assert done > 30


@pytest.mark.parametrize("seed", range(24))
def test_ungrouping_any_group_restores_the_graph(seed):
    random = Random(seed)
    document = Document(EXAMPLES[seed % len(EXAMPLES)]())
    document = document.at(random.choice([(), *((name,) for name in document.graph.nodes)]))
    document = document.normalized() if document.normalized().editable else document.at(())
    grouped = 0
    for _ in range(20):
        names = [*document.graph.nodes]
        first, last = sorted(random.choices(range(len(names) + 1), k=2))
        some = frozenset(names[first:last])
        try:
            changed = sound(blocks.group(document.selecting(Selection(some))))
        except Refused:
            continue
        grouped += 1
        assert not check(changed.model).errors
        (name,) = changed.selection.nodes
        again = sound(blocks.ungroup(changed, name))
        assert again.graph == document.graph
        assert again.model.blocks == document.model.blocks
    assert grouped
