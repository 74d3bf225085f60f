"""What matters of the blocks of a document wherever they are placed, before anything runs."""

from collections.abc import Mapping

from benchmarks.campaign.reference.fields import Rule, read_literals
from benchmarks.campaign.reference.loops import ENDS, INNER_INPUTS
from benchmarks.campaign.reference.outcome import ImpossibleError
from benchmarks.campaign.reference.signatures import FIELDS


def check_blocks(
    document: Mapping, inputs: frozenset[str], known: Mapping[str, object], rule: Rule
) -> None:
    """Check each block; of one that only bypassed nodes place, the ports.

    Args:
        document: the document.
        inputs: the types of the inputs of a model.
        known: the hyperparameters.
        rule: records a rule of the product alone that is broken.

    Raises:
        ImpossibleError: a block means nothing.
    """
    running, placed = _running(document)
    for name, block in document.get("blocks", {}).items():
        types = {key: str(node["type"]) for key, node in block.get("nodes", {}).items()}
        if {*types.values()}.isdisjoint(ENDS):
            rule("no output")
        if inputs & {*types.values()}:
            raise ImpossibleError("an input of the model in a block")
        for key, node_type in types.items():
            node, fields = block["nodes"][key], FIELDS.get(node_type, {})
            if name in running or (name in placed and node_type in INNER_INPUTS):
                read_literals(fields, node, known, rule)


def _running(document: Mapping) -> tuple[set[str], set[str]]:
    """Return the blocks that run or that nothing places, and those whose ports are read as well."""
    blocks = document.get("blocks", {})
    graphs = {"": document, **blocks}
    placed = {name: _places(graph, bypassed=True) for name, graph in graphs.items()}
    reached = {"", *blocks.keys() - set().union(*placed.values())}
    while True:
        more = reached.union(*(_places(graphs[name], bypassed=False) for name in reached))
        more &= graphs.keys()
        if more == reached:
            return reached, reached.union(*(placed[name] for name in reached))
        reached = more


def _places(graph: Mapping, bypassed: bool) -> set[str]:
    left_out = () if bypassed else graph.get("bypassed", ())
    nodes = {name: node for name, node in graph.get("nodes", {}).items() if name not in left_out}
    return {str(node.get("block")) for node in nodes.values() if node["type"] == "Block"}
