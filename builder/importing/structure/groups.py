"""Groups the steps of a model by the modules that they belong to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import networkx as nx

from builder.importing.rules.steps import Step, Steps
from builder.importing.rules.weight_entries import entry_name
from nodes.embedding.embedding import Embedding
from nodes.linear.linear import Linear


@dataclass(frozen=True)
class ModuleName:
    """What the path of a module says.

    Attributes:
        name: its name, without the number among its siblings.
        number: this number, if it has one.
        call: how often it has been called before.
    """

    name: str
    number: int | None = None
    call: int = 0

    @classmethod
    def of(cls, path: str) -> Self:
        """Read a path, in which ``@`` stands before the number of the call."""
        path, _, call = path.partition("@")
        parts = path.split(".")
        number = int(parts[-1]) if parts[-1].isdecimal() else None
        names = [part for part in parts if not part.isdecimal()]
        return cls(names[-1] if names else "layer", number, int(call or 0))


@dataclass(eq=False)
class Group:
    """The steps of one call of a module.

    Attributes:
        path: the path of the module in the model; "" for the model.
        items: its steps, and the groups of the modules that it calls.
    """

    path: str
    items: "list[Step | Group]" = field(default_factory=list)

    def steps(self) -> Iterator[Step]:
        """Yield its steps and those of its groups."""
        for item in self.items:
            if isinstance(item, Step):
                yield item
            else:
                yield from item.steps()


def grouped(steps: Steps) -> Group:
    """Group steps so that each group can be a block.

    A module of a single step is that step, under the name of the module.  A module is taken apart
    where other modules compute something between two of its steps, or where it has only one of two
    nodes with one weight, as nodes can be tied in one graph only.
    """
    root = _tree(steps)
    _promote(root)
    for first, second in tied_pairs(steps.ordered):
        _bring_together(root, first, second)
    _take_apart_cycles(root, steps)
    return root


def _tree(steps: Steps) -> Group:
    root = Group("")
    groups: dict[tuple[str, ...], Group] = {(): root}
    for step in steps.ordered:
        for depth in range(1, len(step.scope) + 1):
            scope = step.scope[:depth]
            if scope not in groups:
                groups[scope] = Group(scope[-1])
                groups[scope[:-1]].items.append(groups[scope])
        groups[step.scope].items.append(step)
    return root


def _promote(group: Group) -> None:
    """Replace each group of a single item by the item."""
    for position, item in enumerate(group.items):
        if isinstance(item, Step):
            continue
        _promote(item)
        if len(item.items) == 1:
            (only,) = item.items
            only.path = item.path
            group.items[position] = only


def tied_pairs(ordered: Sequence[Step]) -> list[tuple[Step, Step]]:
    """List the nodes that can be tied to an earlier one with the same weight, and that one."""
    owners: dict[str, Step] = {}
    pairs = []
    for step in sorted(ordered, key=lambda step: not isinstance(step.node, Embedding)):
        entry = step.weights.get("weight")
        if isinstance(entry, str) and isinstance(step.node, Embedding | Linear):
            owner = owners.setdefault(entry_name(entry), step)
            if owner is not step:
                pairs.append((owner, step))
    return pairs


def _bring_together(root: Group, first: Step, second: Step) -> None:
    """Take groups apart until two steps are in the same one."""
    while True:
        paths = [_path_to(root, step) for step in (first, second)]
        common = 0
        while common < min(map(len, paths)) and paths[0][common] is paths[1][common]:
            common += 1
        extra = next((path for path in paths if len(path) > common), None)
        if extra is None:
            return
        take_apart(extra[common - 1], extra[common])


def _path_to(group: Group, step: Step) -> list[Group]:
    for item in group.items:
        if item is step:
            return [group]
        if isinstance(item, Group) and (path := _path_to(item, step)):
            return [group, *path]
    return []


def take_apart(parent: Group, group: Group) -> None:
    """Replace a group by its items."""
    position = parent.items.index(group)
    parent.items[position : position + 1] = group.items


def _take_apart_cycles(group: Group, steps: Steps) -> None:
    """Take groups apart that depend on each other, and order the items of all groups."""
    while True:
        graph = _dependencies(group, steps)
        cycles = [found for found in nx.strongly_connected_components(graph) if len(found) > 1]
        if not cycles:
            break
        parts = [item for i in cycles[0] if isinstance(item := group.items[i], Group)]
        take_apart(group, min(parts, key=lambda part: len(list(part.steps()))))
    group.items = [group.items[i] for i in nx.lexicographical_topological_sort(graph)]
    for item in group.items:
        if isinstance(item, Group):
            _take_apart_cycles(item, steps)


def _dependencies(group: Group, steps: Steps) -> "nx.DiGraph[int]":
    """Make the graph of which item of a group reads which."""
    parts = [[x] if isinstance(x, Step) else list(x.steps()) for x in group.items]
    owner = {step: i for i, part in enumerate(parts) for step in part}
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(parts)))
    for step, item in owner.items():
        for source in steps.sources[step].values():
            before = owner.get(source.of) if isinstance(source.of, Step) else None
            if before is not None and before != item:
                graph.add_edge(before, item)
    return graph
