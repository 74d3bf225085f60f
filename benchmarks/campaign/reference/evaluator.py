"""Evaluate a document on tensors, node by node."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from benchmarks.campaign.reference import block_rules, loops, patterns
from benchmarks.campaign.reference.call import Call, Value, Weights, rounded
from benchmarks.campaign.reference.fields import Field, Plain, varies
from benchmarks.campaign.reference.operations import COMPOSITES, OPERATIONS
from benchmarks.campaign.reference.outcome import ImpossibleError
from benchmarks.campaign.reference.signatures import FIELDS, SIGNATURES, PortRule, signature

Document = Mapping[str, object]
Path = tuple[str | int, ...]
PAIR_INPUTS = ("AttentionMaskInput", "AttentionBiasInput")
MODEL_INPUTS = frozenset(("TokenInput", "FeatureInput", "MaskInput", "LengthInput", *PAIR_INPUTS))
TIED = frozenset(("Linear", "Embedding"))
MOST_COPIES = 100
"""The most copies that are worth the time; a document with more is not judged."""


Values = dict[str, Value | None]
"""The value at each port; None where an optional input of a block is absent."""


@dataclass
class Run:
    """One run of a document.

    Attributes:
        document: the document.
        inputs: the value of each input node of the main graph.
        weights: the source of weights.
        stricter: the rules of the product alone that the document breaks.
        stretched: whether a size of 1 was broadcast.
        overflows: whether a result was too large for its type.
        rounding: by how much every result of an operation is off, to see what that does.
    """

    document: Document
    inputs: Mapping[str, Value]
    weights: Weights
    stricter: set[str] = field(default_factory=set)
    stretched: bool = False
    overflows: bool = False
    rounding: float = 0.0

    def stretch(self) -> None:
        self.stretched = True

    def __post_init__(self) -> None:
        self.hyperparameters = {
            name: entry["value"] if isinstance(entry, dict) else entry
            for name, entry in self.document.get("hyperparameters", {}).items()
        }

    def main(self) -> "GraphRun":
        """Return the run of the main graph."""
        return GraphRun(self, self.document, self.inputs, ())

    def outputs(self) -> dict[str, Value]:
        """Compute every node, and return the value of each output.

        Raises:
            ImpossibleError: the document means nothing.
            UndeterminedError: whether it runs depends on the run.
        """
        known = self.hyperparameters
        block_rules.check_blocks(self.document, MODEL_INPUTS, known, self.stricter.add)
        main = self.main()
        if not main.names("GraphOutput") or MODEL_INPUTS.isdisjoint(main.types.values()):
            raise ImpossibleError("the model has no input or no output")
        outputs = main.everything()
        if None in outputs.values():
            raise ImpossibleError("an output of the model is absent")
        return outputs


class GraphRun:
    """One run of one graph: the main one, or a copy of a block.

    Attributes:
        run: the run of the document.
        graph: the graph.
        given: the value at each input node.
        path: the path of its weights.
    """

    def __init__(self, run: Run, graph: Document, given: Mapping[str, Value], path: Path) -> None:
        self.run, self.graph, self.given, self.path = run, graph, given, path
        self.nodes: Mapping[str, Mapping[str, object]] = graph.get("nodes", {})
        self.types = {name: node["type"] for name, node in self.nodes.items()}
        self.bypassed = frozenset(graph.get("bypassed", ()))
        self.computed: dict[str, Values] = {}
        self.started: set[str] = set()
        self.sources: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in self.nodes}
        for target, source in graph.get("edges", {}).items():
            self.add_edge(target, source)

    def add_edge(self, target: str, source: str) -> None:
        """Connect two ports."""
        (node, _, port), (origin, _, output) = target.partition("."), source.partition(".")
        if node not in self.nodes or origin not in self.nodes:
            raise ImpossibleError(f"an edge from {source} to {target}")
        self.sources[node][port] = origin, output

    def names(self, node_type: str) -> list[str]:
        """List the nodes of a type."""
        return [name for name, found in self.types.items() if found == node_type]

    def everything(self) -> Values:
        """Compute every node, and return the value of each output node."""
        for name in self.nodes:
            if name not in self.bypassed:
                self.values(name)
            else:
                self.origin((name, ""))
        ends = [name for name, found in self.types.items() if found in loops.ENDS]
        return {name: self.values(name)["output"] for name in ends}

    # -- edges -----------------------------------------------------------------------------------

    def ports(self, name: str) -> tuple[PortRule, ...]:
        """Return the input ports of a node."""
        if self.types[name] != "Block":
            if self.types[name] not in SIGNATURES:
                raise ImpossibleError(f"no node type {self.types[name]}")
            return signature(self.types[name])[0]
        return loops.ports(self.block(name))

    def block(self, name: str) -> Document:
        """Return the graph of a block."""
        blocks, named = self.run.document.get("blocks", {}), self.nodes[name].get("block")
        if named not in blocks:
            raise ImpossibleError(f"no block {named}")
        return blocks[named]

    def connected(self, name: str) -> dict[str, tuple[str, str]]:
        """Return the source of each connected port of a node, in the order of its ports."""
        edges, found = self.sources[name], {}
        for port in self.ports(name):
            keys = [key for key in edges if key == port.name and not port.variadic]
            if port.variadic:
                stems = [key.partition(".") for key in edges]
                indices = [i for stem, _, i in stems if stem == port.name and i.isdecimal()]
                keys = [f"{port.name}.{i}" for i in sorted(indices, key=int)]
            found.update((key, edges[key]) for key in keys)
        if len(found) < len(edges):
            raise ImpossibleError(f"{name} has no port {edges.keys() - found.keys()}")
        return found

    def read(self, source: tuple[str, str]) -> Value | None:
        """Return the value at an output port; a bypassed node passes its first input on."""
        for name, port in (source, self.origin(source)):
            if port not in self.output_names(name) or self.types[name] in loops.ENDS:
                raise ImpossibleError(f"{name} has no output {port}")
        if self.values(name):
            return self.values(name)[port]
        raise ImpossibleError(f"{name} has no copy")

    def origin(self, source: tuple[str, str]) -> tuple[str, str]:
        """Return the port before a chain of bypassed nodes."""
        passed = set()
        while source[0] in self.bypassed:
            inner = self.passed_on(source[0])
            if inner is None or inner in passed:
                raise ImpossibleError(f"{source[0]} has nothing to pass on")
            passed.add(inner)
            source = inner
        return source

    def passed_on(self, name: str) -> tuple[str, str] | None:
        """Return the source that readers of a bypassed node read instead."""
        if self.types[name] in (*MODEL_INPUTS, *loops.INNER_INPUTS, *loops.ENDS):
            return None
        return next(iter(self.connected(name).values()), None)

    # -- nodes -----------------------------------------------------------------------------------

    def values(self, name: str) -> Values:
        """Compute the values at the output ports of a node."""
        if name not in self.computed:
            if name in self.started:
                raise ImpossibleError(f"{name} is in a cycle")
            self.started.add(name)
            self.computed[name] = self.compute(name)
        return self.computed[name]

    def compute(self, name: str) -> Values:
        node_type = self.types[name]
        if node_type in TIED:
            self.root(name)
        if node_type in MODEL_INPUTS or node_type in loops.INNER_INPUTS:
            return {"output": self.taken(name, self.parameters(name))}
        arguments = self.arguments(name)
        if arguments is None:
            return dict.fromkeys(self.output_names(name))
        parameters = self.parameters(name)
        if node_type in loops.ENDS:
            return {"output": arguments["input"]}
        if node_type in COMPOSITES:
            return self.chain(name, parameters, arguments)
        return self.operate(name, parameters, arguments, (*self.path, name))

    def output_names(self, name: str) -> list[str]:
        if self.types[name] in loops.ENDS:
            return ["output"]
        if self.types[name] == "Block":
            inner = self.block(name).get("nodes", {})
            return [key for key, node in inner.items() if node["type"] in loops.ENDS]
        return [port for port, _ in signature(self.types[name])[1]]

    def parameters(self, name: str) -> dict[str, object]:
        """Return the parameters of a node, with defaults and without references."""
        node, fields = self.nodes[name], FIELDS.get(self.types[name], {})
        unknown = node.keys() - fields.keys() - {"type"}
        if unknown:
            raise ImpossibleError(f"{name} has no parameter {unknown}")
        known, rule = self.run.hyperparameters, self.run.stricter.add

        def read(key: str, field: Field) -> object:
            if key not in node:
                return field.default
            value = node[key]
            if isinstance(field, Plain) or value is not None or field.default is None:
                return field.read(value, known, rule)
            raise ImpossibleError(f"{name}.{key} is not optional")

        found = {key: read(key, field) for key, field in fields.items()}
        size = node.get("proj_size")
        if isinstance(size, str) and not found["proj_size"] and varies(size, known):
            rule("projection")
        return found

    def taken(self, name: str, parameters: Mapping[str, object]) -> Value | None:
        """Return what an input node takes, as its pattern and kind say."""
        if self.types[name] in MODEL_INPUTS:
            return self.given[name]
        if not self.path and self.graph is self.run.document:
            raise ImpossibleError("a block input in the main graph")
        value = self.given.get(name)
        if value is not None and "kind" in parameters:
            wanted = {"token ids": "tokens"}.get(parameters["kind"], parameters["kind"])
            if wanted not in ("any", value.kind):
                raise ImpossibleError(f"{name} takes {wanted}, not {value.kind}")
            if not patterns.fits(parameters["shape"], value.tensor.shape):
                raise ImpossibleError(f"{name} takes {parameters['shape']}")
        return value

    def arguments(self, name: str) -> dict[str, object] | None:
        """Return the value at each connected port; None where a required one is absent."""
        sources, found = self.connected(name), {}
        values = {key: self.read(source) for key, source in sources.items()}
        for port in self.ports(name):
            here = [key for key in values if key.partition(".")[0] == port.name]
            present = [values[key] for key in here if values[key] is not None]
            if port.variadic:
                present = [present] if present else []
            if present:
                found[port.name] = present[0]
            elif port.default or port.optional:
                continue
            elif here:
                return None
            else:
                raise ImpossibleError(f"{name}.{port.name} has no edge")
        return found

    def operate(
        self,
        name: str,
        parameters: Mapping[str, object],
        arguments: Mapping[str, object],
        path: Path,
    ) -> Values:
        """Compute an operation of the library."""
        node_type = self.types[name]
        inputs, outputs = signature(node_type)
        given = dict(arguments)
        for port in inputs:
            if port.default in given:
                given.setdefault(port.name, given[port.default])
        kind = self.check_inputs(inputs, given)
        call = Call(parameters, path, self.run.weights, self.run.stricter.add, self.run.stretch)
        if node_type in TIED and (root := self.root(name)) != name:
            call = replace(call, tied=(*self.path, root))
        if node_type in TIED and (zero := self.padding(self.root(name))) is not None:
            call = replace(call, zero=zero)
        tensors = {
            k: [v.tensor for v in x] if isinstance(x, list) else x.tensor for k, x in given.items()
        }
        try:
            result = OPERATIONS[node_type](call, **tensors)
        except (RuntimeError, IndexError, TypeError, ValueError, ArithmeticError) as error:
            raise ImpossibleError(f"{name}: {error}") from error
        results = rounded(result if isinstance(result, tuple) else (result,), self.run.rounding)
        self.run.overflows |= any(bool(x.isinf().any()) for x in results)
        if node_type == "Select" and kind == "state":
            kind = "features"
        return {
            port: Value(tensor, kind if declared == "any" else declared)
            for (port, declared), tensor in zip(outputs, results, strict=True)
        }

    def check_inputs(self, ports: tuple[PortRule, ...], given: Mapping[str, object]) -> str:
        """Record the rules of kinds and ranks that are broken; return the kind at ``any``."""
        kind = ""
        for port in ports:
            values = given.get(port.name, [])
            for value in values if isinstance(values, list) else [values]:
                if port.kind == "any":
                    kind = value.kind
                elif port.kind != value.kind:
                    self.run.stricter.add("kind")
                if not port.takes_rank(value.tensor.dim()):
                    self.run.stricter.add("rank")
        return kind

    def root(self, name: str) -> str:
        """Return the node at the end of a chain of ties."""
        seen = [name]
        while tie := self.nodes[seen[-1]].get("tie", ""):
            if tie not in self.nodes or (
                self.types[tie] not in TIED and self.types[tie] not in OPERATIONS
            ):
                raise ImpossibleError(f"a tie to {tie}")
            if self.types[tie] not in TIED or tie in self.bypassed:
                self.run.stricter.add("tie")
            if tie in seen:
                self.run.stricter.add("tie")
                break
            seen.append(tie)
        return seen[-1]

    def padding(self, root: str) -> int | None:
        """Return the row that stays zero in the weight that some nodes share."""
        rows = {
            self.parameters(name)["padding_idx"]
            for name in self.names("Embedding")
            if name not in self.bypassed and self.root(name) == root
        }
        rows.discard(None)
        if len(rows) > 1:
            self.run.stricter.add("padding of ties")
        return min(rows, default=None)

    # -- composites ------------------------------------------------------------------------------

    def chain(
        self, name: str, parameters: Mapping[str, object], arguments: dict[str, object]
    ) -> Values:
        """Connect the first output of each copy to the first input of the next."""
        repeat = parameters["repeat"]
        if repeat > MOST_COPIES:
            raise ImpossibleError(f"{repeat} copies")
        is_block = self.types[name] == "Block"
        first = next((p.name for p in self.ports(name) if p.name in arguments), None)
        results: Values = {}
        for copy in range(repeat):
            path = (*self.path, name) if parameters["share"] else (*self.path, name, copy)
            if is_block:
                results = self.block_values(name, arguments, path)
                if None in results.values():
                    self.run.stricter.add("missing output")
            else:
                results = self.operate(name, parameters, arguments, path)
            if repeat > 1 or isinstance(self.nodes[name].get("repeat"), str):
                self.pass_on(first, arguments, results)
        return results

    def block_values(self, name: str, arguments: Mapping[str, Value], path: Path) -> Values:
        """Compute a block once, or once for each step."""
        graph, repeat = self.block(name), self.nodes[name].get("repeat", 1)
        made = GraphRun(self.run, graph, arguments, path)
        sizes = {state: made.parameters(state)["size"] for state in made.names("StateInput")}
        loops.check(graph, arguments, repeat, self.run.stricter.add)
        if not loops.is_body(graph):
            return made.everything()
        body = lambda given: GraphRun(self.run, graph, given, path).everything()  # noqa: E731
        return loops.run(graph, arguments, sizes, body)

    def pass_on(self, first: str | None, arguments: dict[str, object], results: Values) -> None:
        """Give the first output of a copy to the first input of the next."""
        if first is None or not results:
            self.run.stricter.add("repeat without chain")
            return
        before, after = arguments[first], next(iter(results.values()))
        if after is None:
            raise ImpossibleError("the first output is absent")
        if before.kind != after.kind or before.tensor.shape != after.tensor.shape:
            self.run.stricter.add("repeat")
        arguments[first] = after
