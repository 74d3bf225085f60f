from collections.abc import Iterator
from typing import Any

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, ParameterError
from nodes.core.graphs.parameter_types import Positive, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.graphs.shared_value import SharingNode
from nodes.core.shapes.shape import Bindings
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.receptive_field import Order
from nodes.position.rotary_scaling import CONTEXT, RopeType, idle_parameters, missing_context
from nodes.position.rotary_table import RotaryTable


class RotaryEncoding(SharingNode):
    """Rotary position embedding (RoPE): rotate pairs of channels by angles that grow with position.

    At position p, the pair (x_i, x_(i + half)) of each head is rotated by p * base^(-i / half), for
    x (B, H, T, D) with an even D. Rotate both queries and keys: their products then depend on the
    relative position alone, so padding before a sequence changes nothing. The pairs are channels of
    the two halves of a head, as in GPT-NeoX and in Llama of Transformers, or neighbouring channels,
    (x_2i, x_(2i + 1)), as in the paper and in GPT-J; weights that were trained with one of the two
    should be run with the same.

    rope_type changes the frequencies f, for longer sequences than the training had: linear divides
    all by factor; ntk multiplies base by factor^(D / (D - 2)), which keeps the highest; llama3 and
    yarn divide those that turn a few times in original_max_position_embeddings steps, and keep the
    fast ones. yarn also multiplies queries and keys by attention_factor. A dynamic type, whose
    frequencies change with the length, is left out: keys in a cache would keep the old ones.

    Parameters:
        base: base of the frequencies, "rope_theta" in Llama.
        interleaved: rotates pairs of neighbouring channels.
        rope_type: scaling of the frequencies, by these names in rope_parameters of Transformers.
        factor: how many times longer sequences become; not for default.
        original_max_position_embeddings: context length of the training before, for llama3 and
            yarn.
        low_freq_factor: llama3 divides frequencies with at most as many periods in that context.
        high_freq_factor: llama3 keeps frequencies with as many periods or more.
        beta_fast: yarn keeps frequencies with as many periods in that context or more.
        beta_slow: yarn divides frequencies with at most as many periods.
        attention_factor: factor of the rotated channels in yarn; 0.1 ln(factor) + 1 if not given.
        truncate: yarn rounds the pairs at which its mixture of the two begins and ends.

    Dimensions:
        half: number of rotated pairs of channels, D / 2.

    Reference:
        Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021,
        arXiv:2104.09864; linear: Chen et al., "Extending Context Window of Large Language Models
        via Positional Interpolation", 2023, arXiv:2306.15595; ntk, yarn: Peng et al., "YaRN:
        Efficient Context Window Extension of Large Language Models", 2023, arXiv:2309.00071;
        llama3: Llama Team, "The Llama 3 Herd of Models", 2024, arXiv:2407.21783
    """

    category = Category.POSITION
    aliases = ("rope", "rotary embedding", "relative position", "rope theta", "yarn", "llama3")
    each = ("B", "H", "T")
    mixes = ("half",)

    base: Positive = 10_000.0
    interleaved: bool = False
    rope_type: RopeType = "default"
    factor: Positive = 1.0
    original_max_position_embeddings: Size | None = None
    low_freq_factor: Positive = 1.0
    high_freq_factor: Positive = 4.0
    beta_fast: Positive = 32.0
    beta_slow: Positive = 1.0
    attention_factor: Positive | None = None
    truncate: bool = True

    input = Input("B H T (2 half)", "queries or keys of each head")
    positions = Input(
        "B T",
        "position of each step; counted from 0 if not connected",
        kind=Kind.TOKENS,
        optional=True,
        broadcast=True,
    )
    output = Output("B H T (2 half)", "rotated queries or keys")

    def parameter_errors(self) -> Iterator[ParameterError]:
        yield from super().parameter_errors()
        yield from missing_context(self.rope_type, self.original_max_position_embeddings)

    def parameter_warnings(self) -> Iterator[ParameterError]:
        return idle_parameters(self, self.rope_type)

    def support(self) -> Support:
        return Support.EITHER

    def receptive_fields(self, context: FieldContext) -> Fields:
        fields = super().receptive_fields(context)
        return fields if "positions" in context.ports else context.with_order(fields, Order.USED)

    def shared_value(
        self, dims: Bindings, connected: frozenset[str], used: frozenset[str]
    ) -> RotaryTable | None:
        return None if "positions" in connected else self._table(dims)

    def _table(self, dims: Bindings) -> RotaryTable:
        options: dict[str, Any] = {}
        if self.rope_type != "default":
            options["factor"] = self.factor
        if self.rope_type == "llama3":
            options |= self.changed("low_freq_factor", "high_freq_factor")
        if self.rope_type == "yarn":
            options |= self.changed("attention_factor", "truncate")
            if self.changed("beta_fast", "beta_slow"):
                options["betas"] = (self.beta_fast, self.beta_slow)
        if self.rope_type in ("llama3", "yarn"):
            options[CONTEXT] = self.original_max_position_embeddings
        return RotaryTable(
            length=dims["T"],
            width=2 * dims["half"],
            interleaved=self.interleaved,
            base=self.base,
            rope_type=self.rope_type,
            options=tuple(options.items()),
        )

    def forward(self, context: EmitContext, input: Expr, positions: Expr | None) -> Expr:
        rope = context.shared
        if positions is not None:
            if len(context.shapes["positions"]) == 2:
                positions = positions[:, None]  # the same for all heads
            rope = self._table(context.dims).at(context, positions, input.attr("device"))
        assert rope is not None
        function = "rotate_interleaved" if self.interleaved else "rotate"
        return context.library_call(function, input, rope)
