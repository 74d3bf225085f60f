"""Candidates that add the inputs and outputs that a graph lacks."""

from collections.abc import Iterator

from codegen.check.conversions import common_sizes
from codegen.check.parameter_checks import usual_sizes
from codegen.check.problem_site import ProblemSite, placements
from codegen.check.remedy import AddNode, Parameters, Remedy
from codegen.check.source_candidates import missing_ports
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import MAIN, Block, Graph, InputNode, Model, PortRef
from nodes.core.graphs.port import Input, Kind
from nodes.io.block_input import BlockInput

MOST_ENDS = 6
"""The most ports that an output is proposed for."""


def input_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose a new input for all ports of the graph that have no edge, or for one of them."""
    missing = [one for one in missing_ports(site) if one.input is not None]
    if site.name == "":
        recipe = site.model.recipe
        types = (recipe.input_node,) if recipe else ("TokenInput", "FeatureInput")
        yield from _connected_inputs(site, missing)
        yield from (AddNode(MAIN, name) for name in types)
    else:
        yield from _connected_inputs(site, missing)


def _connected_inputs(site: ProblemSite, missing: list[ProblemSite]) -> Iterator[Remedy]:
    """Propose a new input of each kind that fits, for all ports and for the first."""
    if not missing:
        return
    first = next((one for one in missing if one.problem == site.problem), missing[0])
    if first.input is None:
        return
    names = [*_names_of_placements(site), ""] if site.graph_name else [""]
    kinds = {one.input.kind: one.input for one in missing if one.input is not None}
    for kind, port in kinds.items():
        fitting = [one for one in missing if one.input and one.input.kind in (kind, Kind.ANY)]
        together = tuple(one.target for one in fitting)
        for targets in dict.fromkeys((together, (first.target,))):
            yield from (
                AddNode(site.graph_name, node_type, parameters, targets=targets, name=name)
                for node_type, parameters in _input_types(kind, site, port)
                for name in names
            )


def lacks_input(site: ProblemSite) -> bool:
    """Return whether the graph lacks an input that its recipe, or a placement of it, names."""
    if site.graph_name != MAIN:
        return bool(_names_of_placements(site))
    recipe = site.model.recipe
    kinds = {port.kind for node in site.graph.input_nodes.values() for port in node.outputs[:1]}
    return not kinds or (recipe is not None and recipe.input_kind not in kinds)


def port_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose to give a block the input or output that an edge from or to it names."""
    node, source = site.node, site.graph.edges.get(site.target)
    blocks = site.model.blocks
    if isinstance(node, Block) and node.block in blocks:
        graph = blocks[node.block]
        missing = tuple(_unconnected(site.model, graph))
        ports = [port for port in site.graph.sources[site.name] if port not in graph.input_nodes]
        for name in ports if missing else ():
            yield AddNode(node.block, "BlockInput", (), targets=missing, name=name)
    placed = site.graph.nodes.get(source.node) if source else None
    if source and isinstance(placed, Block) and placed.block in blocks:
        graph = blocks[placed.block]
        if source.port not in graph.output_nodes:
            for end in _ends(site.model, graph, [*graph.nodes]):
                yield AddNode(placed.block, "GraphOutput", (), end, name=source.port)


def _unconnected(model: Model, graph: Graph) -> Iterator[PortRef]:
    """List the ports of a graph that need an edge and have none."""
    for name, node in graph.nodes.items():
        for port in model.ports(node)[0]:
            key = f"{port.name}.0" if port.variadic else port.name
            if not (port.optional or port.default or key in graph.sources[name]):
                yield PortRef(name, key)


def _input_types(
    kind: Kind, site: ProblemSite, port: Input | None = None
) -> Iterator[tuple[str, Parameters]]:
    """Find the input nodes of a kind, with a size of the model where they have one."""
    if site.graph_name != MAIN:
        pattern = port.pattern if port is not None and not port.broadcast else "..."
        yield BlockInput.__name__, (("kind", kind.value), ("shape", pattern))
        return
    sizes = [size for known in common_sizes(site.model).values() for size in known]
    sizes += usual_sizes(site.model)
    for name, node_type in node_types().items():
        if not issubclass(node_type, InputNode) or node_type.blocks_only:
            continue
        if not node_type.may_convert or kind not in (Kind.ANY, node_type.outputs[0].kind):
            continue
        words = node_type.outputs[0].parsed.words
        widths = [key for key in node_type.size_fields if key in words]
        if not widths:
            yield name, ()
        for size in [*dict.fromkeys(sizes)][:MOST_ENDS] if widths else ():
            yield name, ((widths[0], size),)


def _names_of_placements(site: ProblemSite) -> list[str]:
    """List the ports that edges to the placements of a block name, and that it does not have."""
    known = site.graph.input_nodes
    found: dict[str, None] = {}
    for graph_name, name in placements(site.model, site.graph_name):
        ports = site.model.graphs[graph_name].sources[name]
        found.update(dict.fromkeys(port for port in ports if port not in known))
    return [*found]


def output_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose an output after each node that nothing reads, the last first."""
    graph = site.graph
    name = next(iter(_names_of_readers(site)), "")
    names = [*site.checked.order] if site.checked else [*graph.nodes]
    found = _ends(site.model, graph, names)
    for source in found:
        yield AddNode(site.graph_name, "GraphOutput", (), source, name=name)
    if not found:
        yield AddNode(site.graph_name, "GraphOutput")


def _ends(model: Model, graph: Graph, names: list[str]) -> list[PortRef]:
    """List the outputs of the nodes that nothing reads, the last first; of all if none is."""
    read = {source.node for source in graph.edges.values()}
    last = [node for node in reversed(names) if node in graph.nodes]
    ends = [node for node in last if node not in read] or last
    ports = [
        PortRef(node, port.name) for node in ends for port in model.ports(graph.nodes[node])[1]
    ]
    return ports[:MOST_ENDS]


def _names_of_readers(site: ProblemSite) -> list[str]:
    """List the output ports of a block that edges from its placements name."""
    places = {place for _, place in placements(site.model, site.graph_name)}
    graphs = {graph for graph, _ in placements(site.model, site.graph_name)}
    return [
        source.port
        for graph in graphs
        for source in site.model.graphs[graph].edges.values()
        if source.node in places
    ]
