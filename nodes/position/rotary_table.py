from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.core.graphs.shared_value import SharedValue
from nodes.core.shapes.dim import AnyDim
from nodes.position.rotary_scaling import CONTEXT, RopeType


@dataclass(frozen=True)
class RotaryTable(SharedValue):
    """The cosines and sines of a rotary position embedding, the same in every layer.

    Attributes:
        width: number of rotated channels.
        interleaved: the pairs are neighbouring channels.
        base: base of the frequencies.
        rope_type: scaling of the frequencies.
        options: the parameters of the scaling that it needs, and others that are no defaults.
    """

    width: AnyDim
    interleaved: bool
    base: Any
    rope_type: RopeType
    options: tuple[tuple[str, Any], ...]
    parameter: ClassVar[str] = "rope"
    annotation: ClassVar[str] = "Rope"

    @property
    def name_hint(self) -> str:
        return self.parameter

    def code(self, context: EmitContext, device: Expr, steps: Callable[[], Expr]) -> Expr:
        return self.at(context, steps(), device)

    def at(self, context: EmitContext, positions: Expr, device: Expr) -> Expr:
        """Write the tables of given positions."""
        if self.rope_type == "default" and not self.interleaved:
            return context.library_call("rotary_tables", positions, self.width, self.base)
        function = "interleaved_tables" if self.interleaved else "frequency_tables"
        tables = context.library_call(function, positions, self._frequencies(context, device))
        if self.rope_type != "yarn":
            return tables
        options = dict(self.options)
        factor = options.get("attention_factor")
        if factor is None:
            factor = context.library_call("yarn_attention_factor", options["factor"])
        return context.library_call("scaled_tables", tables, factor)

    def _frequencies(self, context: EmitContext, device: Expr) -> Expr:
        options = dict(self.options)
        base = self.base
        if self.rope_type == "ntk":
            base = context.library_call("ntk_base", self.width, options["factor"], base)
        frequencies = context.library_call("pair_frequencies", self.width, base, device)
        if self.rope_type == "linear":
            return frequencies / context.expression(options["factor"])
        if self.rope_type not in ("llama3", "yarn"):
            return frequencies
        scaling = self._given("low_freq_factor", "high_freq_factor", "betas", "truncate")
        if self.rope_type == "yarn":
            scaling["base"] = base
        given = frequencies, options["factor"], options[CONTEXT]
        return context.library_call(f"{self.rope_type}_frequencies", *given, **scaling)

    def _given(self, *names: str) -> dict[str, Any]:
        options: Mapping[str, Any] = dict(self.options)
        return {name: options[name] for name in names if name in options}
