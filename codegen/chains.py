"""Repeated nodes: a loop over copies with weights of their own, or one copy applied again."""

from collections.abc import Mapping

from codegen.check.arrival import carried
from codegen.names import identifier
from codegen.plan import Assign, ClassPlan, Suite
from codegen.values import Value, combine
from nodes.core.code import Expr, call, compare, name, tuple_of, when
from nodes.core.graph import Composite, PortRef


class Chain:
    """Writes the loop of one repeated node into the class that it stands in."""

    def __init__(
        self,
        planner: "ClassPlanner",  # noqa: F821
        node_name: str,
        node: Composite,
        plan: ClassPlan,
        sources: Mapping[str, Value],
        ports: list[str],
    ) -> None:
        self.planner, self.node_name, self.node, self.plan = planner, node_name, node, plan
        self.sources, self.ports = sources, ports
        self.scope = planner.scope
        self.remembers = node_name in planner.memories

    def write(self, extra: list[Expr]) -> None:
        """Write what stands before the loop, and the loop."""
        carries = carried(self.sources, dict.fromkeys(self.ports))
        values = {port: self._value(port) for port in self.ports}
        for port, value in self.sources.items():
            if port not in carries.values():
                self.scope.assign(value)
        taken: dict[str, str] = {}
        for port, value in values.items():
            if port in carries:
                taken[port] = self._enter(self.sources[carries[port]], value)
        for port, source in self.sources.items():
            if port not in carries.values():
                source.uses -= 1
        for port, value in values.items():
            if port not in carries:
                taken[port] = self._name(value, port)
        self._loop(taken, {v: k for k, v in carries.items()}, extra)

    def _value(self, port: str) -> Value:
        """Look up the value of an output; one that only the loop reads gets one now."""
        ref = PortRef(self.node_name, port)
        values = self.planner.values
        return values.setdefault(ref, Value(self.planner.checked.flow(ref), 0))

    def _name(self, value: Value, port: str) -> str:
        value.wish, value.fixed = port if port != "output" else self.node_name, True
        taken = self.scope.targets([value], ())[0]
        self.scope.take_stream(value, taken)
        return taken

    def _enter(self, source: Value, value: Value) -> str:
        """Put what enters the chain into the variable that runs through it."""
        if source.variable and source.uses == 1:
            source.uses -= 1
            taken = source.expr.text
            self.scope.take_stream(value, taken)
            return taken
        reads, nodes = combine([source])
        expr = source.expr
        source.uses -= 1
        pending = () if source.variable else reads
        value.wish = (not source.variable and source.wish) or identifier(self.node_name)
        taken = self.scope.targets([value], pending)[0]
        note = self.scope.note(value.flow)
        self.scope.statements.append(Assign(taken, expr, note, nodes))
        self.scope.take_stream(value, taken)
        return taken

    def _loop(self, taken: dict[str, str], carried_by: dict[str, str], extra: list[Expr]) -> None:
        planner, scope = self.planner, self.scope
        layer = f"self.{planner.layer(self.node_name)}"
        nodes = (planner.at(self.node_name),)
        copy = layer if self.node.share else scope.names.take(self._singular())
        arguments = [
            name(taken[carried_by[port]]) if port in carried_by else value.expr
            for port, value in self.sources.items()
        ]
        targets = [taken[port] for port in self.ports]
        if not self.remembers:
            value = call(copy, *arguments, *extra)
            body = (Assign(", ".join(targets), value, "", nodes),)
            scope.statements.append(Suite(self._header(copy, layer, ""), body, nodes))
            return
        index, past = scope.names.take("i"), extra[-1]
        own = when(compare(name(planner.shared.streamed), "is", None), None, past_of(past, index))
        present = planner.present(self.node_name)
        one = scope.names.take(f"layer_{present}")
        value = call(copy, *arguments, *extra[:-1], own)
        body = (
            Assign(", ".join([*targets, one]), value, "", nodes),
            Assign(None, call(f"{present}.append", name(one)), "", nodes),
        )
        fresh = present if present != planner.shared.streamed else scope.names.take("present")
        if fresh != present:
            body = (body[0], Assign(None, call(f"{fresh}.append", name(one)), "", nodes))
        scope.statements.append(Assign(fresh, call("list"), "", nodes))
        scope.statements.append(Suite(self._header(copy, layer, index), body, nodes))
        planner.presents.append(name(fresh))

    def _header(self, copy: str, layer: str, index: str) -> str:
        if self.node.share:
            count = self.planner.repeat_count(self.node.repeat)
            return f"for {index or '_'} in range({count.text})"
        if index:
            return f"for {index}, {copy} in enumerate({layer})"
        return f"for {copy} in {layer}"

    def _singular(self) -> str:
        layer = self.planner.layer(self.node_name)
        return layer[:-1] if len(layer) > 2 and layer.endswith("s") else f"one_{layer}"


def past_of(past: Expr, index: str) -> Expr:
    """Write one entry of a list of pasts."""
    return past[name(index)]


__all__ = ["Chain", "tuple_of"]
