"""The arguments of one method: its parameters, the checks of them, and the sizes read off them.

The values that a caller passes -> the parameters of a `plan.MethodPlan`, and its first statements.
"""

from collections.abc import Mapping

from codegen.check.node_streaming import time_dims
from codegen.planning.class_use import ClassUse
from codegen.planning.model_scope import ModelScope
from codegen.planning.module_attributes import ModuleAttributes, is_free_symbol
from codegen.planning.plan import Assign, MethodPlan, Parameter
from codegen.planning.values import ACTIVATIONS, Scope, Value
from codegen.source.identifiers import identifier
from nodes.core.graphs.location import Location
from nodes.core.graphs.port import Kind
from nodes.core.graphs.python_expression import Expr, call, name
from nodes.io.sequence_input import SequenceInput


class MethodArguments:
    """The arguments of one method of a class.

    Attributes:
        plan: the method.
        values: the value of each argument, by its variable.
    """

    def __init__(self, plan: MethodPlan, use: ClassUse, scope: Scope) -> None:
        self.plan, self.values = plan, dict[str, Value]()
        self._use, self._scope = use, scope
        self._free_sizes: dict[str, str] = {}

    def add(self, hint: str, value: Value) -> str:
        """Add a parameter; return its variable."""
        variable = self._scope.add_parameter(value, hint)
        self.plan.parameters.append(Parameter(variable))
        self.values[variable] = value
        if self._use.is_model and value.spec.kind is Kind.MASK:
            of_pairs = len(time_dims(value.spec)) > 1
            pairs, valid = "where a query may attend to a key", "at valid steps, False at padding"
            self.plan.masks[variable] = f"True {pairs if of_pairs else valid}"
        return variable

    def add_inputs(self, inputs: Mapping[str, Value]) -> dict[str, str]:
        """Add a parameter for each of these input nodes; return its variable."""
        features = [node for node, value in inputs.items() if value.spec.kind is Kind.FEATURES]
        main = features[0] if len(features) == 1 or features[:1] == ["input"] else None
        found = {}
        for node, value in inputs.items():
            is_main = node == main and not self._use.user_drawn
            found[node] = self.add(ACTIVATIONS if is_main else identifier(node), value)
        return found

    def check_input(
        self, node_name: str, variable: str, scope: ModelScope, attributes: ModuleAttributes
    ) -> None:
        """Check the dtype of a mask, and a fixed length, of what the user of the model passes."""
        value, node = self.values[variable], self._use.checked.graph.nodes[node_name]
        calls: dict[str, list[Expr]] = {}
        if value.spec.kind is Kind.MASK:
            calls["check_mask"] = []
        if isinstance(node, SequenceInput) and node.steps is not None:
            calls["check_steps"] = [attributes.expression(node.steps, attributes.forward_symbol)]
        scope.use_functions({*calls})
        at = Location(self._use.checked.name, node_name)
        for function, limits in calls.items():
            check = call(function, variable, name(variable), *limits)
            self._scope.statements.append(Assign(None, check, "", (at,)))

    def device(self) -> Expr:
        """Write the device of the first argument; lengths may be on another."""
        kinds = {variable: value.spec.kind for variable, value in self.values.items()}
        first = next(key for key, kind in kinds.items() if kind is not Kind.LENGTHS)
        return name(first).attr("device")

    def free_size(self, symbol: str) -> str:
        """Return the variable of a free size, which is read off an argument's shape first."""
        if symbol not in self._free_sizes:
            parameter, axis = next(
                (parameter, axis)
                for parameter, value in self.values.items()
                for axis, size in enumerate(value.spec.shape)
                if is_free_symbol(size, symbol)
            )
            self._free_sizes[symbol] = self._scope.names.create(symbol)
            size = name(parameter).attr("shape")[axis]
            self._scope.statements.insert(0, Assign(self._free_sizes[symbol], size))
        return self._free_sizes[symbol]
