"""The plan of the class of a model.

Its ``forward`` checks what the caller passes, and computes the values that layers share. Beside an
encoder, a decoder with a cache has methods of its own: ``encode`` runs once, ``decode`` for each
piece of the sequence that grows, and ``forward`` calls one after the other.
"""

from collections.abc import Collection, Iterable

from codegen.check.node_streaming import time_dims
from codegen.planning.class_planner import ClassPlanner
from codegen.planning.class_use import ClassUse
from codegen.planning.crossing_values import crossing_values
from codegen.planning.model_scope import ModelScope
from codegen.planning.plan import Assign
from codegen.planning.values import Value, pack
from codegen.source.identifiers import class_name, identifier
from nodes.core.graphs.python_expression import call, name


def plan_model(
    use: ClassUse, title: str, scope: ModelScope, encoder: frozenset[str]
) -> ClassPlanner:
    """Plan the class of a model, and those that it uses; return its planner.

    Args:
        use: the graph of the model.
        title: its name.
        scope: the scope of the model.
        encoder: the nodes that ``encode`` computes; without any, ``forward`` is the only method.
    """
    planner = ModelPlanner(use, "", scope, encoder)
    plan = planner.plan()
    plan.name = scope.names.create(class_name(title))
    scope.classes.append(plan)
    return planner


class ModelPlanner(ClassPlanner):
    """Plans the class of a model."""

    def __init__(self, use: ClassUse, doc: str, scope: ModelScope, encoder: frozenset[str]) -> None:
        self._encoder = encoder
        super().__init__(use, doc, scope)

    def plan_methods(self) -> None:
        """Plan ``forward``, and ``encode`` and ``decode`` before it where there is an encoder."""
        part = self._encoder
        if not part:
            inputs = self.use.parameters()
            self.begin("forward", self.model_scope.state_argument, self.live)
            self._add_inputs(inputs, inputs)
            self._compute(self.live)
            self.end(self.results())
            return
        rest = [node for node in self.live if node not in part]
        encoded, decoded = self._inputs(part, rest)
        kept = self._plan_encode(part, rest, encoded)
        self.begin("decode", self.model_scope.state_argument, rest)
        growing = [node for node in decoded if node not in encoded and self._grows(node)]
        self._add_inputs(growing, growing)
        for value, count in kept.items():
            self.method.add(value.role, value)
            value.remaining_uses = count
        given = [node for node in decoded if node not in growing]
        self._add_inputs(given, [node for node in given if node not in encoded])
        self._compute(rest)
        self.end(self.results())
        self._plan_forward(encoded, growing, [value.role for value in kept], given)

    def _inputs(self, part: Collection[str], rest: Collection[str]) -> tuple[list[str], list[str]]:
        """Return the inputs of the encoder, and those of the decoder, which gets all others."""
        of_part = {ref.node for node in part for ref in self.use.reads(node).values()}
        of_rest = {ref.node for node in rest for ref in self.use.reads(node).values()}
        inputs = self.use.parameters()
        encoded = [node for node in inputs if node in of_part]
        return encoded, [node for node in inputs if node in of_rest or node not in of_part]

    def _grows(self, node: str) -> bool:
        return bool(time_dims(self.argument(node).spec, self.use.sequence))

    def _plan_encode(
        self, part: Collection[str], rest: Iterable[str], inputs: list[str]
    ) -> dict[Value, int]:
        """Plan ``encode``; return the values that the decoder reads, and how often it does."""
        roles = crossing_values(self.use, part)
        kept = {self.values[ref]: 0 for ref in roles}
        for ref, role in roles.items():
            self.values[ref].role = role
        for node in rest:
            for ref in self.source_refs(node).values():
                if (value := self.values[ref]) in kept:
                    kept[value] += 1
        for value, count in kept.items():
            value.remaining_uses += 1 - count
        self.begin("encode", "", part)
        self._add_inputs(inputs, inputs)
        self._compute(node for node in self.live if node in part)
        self.end({value.role: value for value in kept})
        return kept

    def _plan_forward(
        self, encoded: list[str], growing: list[str], kept: list[str], given: list[str]
    ) -> None:
        """Plan ``forward`` by the calls of the other two methods.

        Args:
            encoded: the inputs of the encoder.
            growing: the inputs of the decoder with the steps that it continues.
            kept: what the encoder returns.
            given: the other inputs of the decoder.
        """
        self.begin("forward", "", ())
        inputs = {node: self.argument(node) for node in self.use.parameters()}
        variables = self.method.add_inputs(inputs)
        results, names = self.results(), self.scope.names
        kept = [names.create(variable) for variable in kept]
        outputs = [names.create(identifier(node)) for node in results]
        before = [name(variables[node]) for node in encoded]
        after = [variables[node] for node in growing] + kept + [variables[node] for node in given]
        first = tuple(self.location(node) for node in self.live if node in self._encoder)
        last = tuple(map(self.location, results))
        self.scope.statements += [
            Assign(", ".join(kept), call("self.encode", *before), "", first),
            Assign(", ".join([*outputs, "_"]), call("self.decode", *map(name, after)), "", last),
            Assign("return", pack([name(output) for output in outputs]), "", last),
        ]
        self.add_method(results)

    def _add_inputs(self, inputs: Iterable[str], checked: Collection[str]) -> None:
        """Add the parameters of input nodes, and check those that no method has checked before."""
        variables = self.method.add_inputs({node: self.argument(node) for node in inputs})
        for node, variable in variables.items():
            if node in checked:
                self.method.check_input(node, variable, self.model_scope, self.attributes)

    def _compute(self, nodes: Iterable[str]) -> None:
        """Plan nodes after the values that they share."""
        if self.shared.values:
            context = self.shared.context(self.attributes, self.model_scope)
            self.shared.compute(context, self.scope, self.method.device())
            self.model_scope.use_functions(context.functions)
        self.plan_nodes(nodes)
