from collections.abc import Iterator, Mapping
from typing import Literal

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, ParameterError, Rule
from nodes.core.graphs.parameter_types import Choice, Ref, Size
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.constraint import at_least
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape

_MODULES = {"silu": "nn.SiLU", "gelu": "nn.GELU", "relu": "nn.ReLU"}


class MixtureOfExperts(Node):
    """Mixture of experts: a router sends each vector to top_k of num_experts networks.

    p = softmax(W_r x), and y = sum of p_e * expert_e(x) over the top_k largest p_e, where each
    expert is a GatedFeedForward without biases: x (..., C) gives (..., C). Only top_k experts are
    computed for a vector, so the model has more weights than it uses at a time. Connect
    router_logits to a loss that balances the load, or the router may use few experts.

    Parameters:
        num_experts: number of experts, E.
        top_k: number of experts that a vector is sent to.
        hidden_size: size of the hidden layer of an expert; 4 * C if not given.
        activation: activation function of the gates.
        normalize: divides the top_k probabilities by their sum, as in Mixtral.

    Reference:
        Shazeer et al., "Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts
        Layer", 2017, arXiv:1701.06538; normalize: Jiang et al., "Mixtral of Experts", 2024,
        arXiv:2401.04088; balanced load: Fedus, Zoph & Shazeer, "Switch Transformers", 2021,
        arXiv:2101.03961
    """

    category = Category.TRANSFORMER
    aliases = ("moe", "mixtral", "switch", "sparse", "router", "top-k", "routing")
    static_axes = ("C",)
    each = ("...",)
    mixes = ("C",)
    returns_used_only = True

    num_experts: Size = 8
    top_k: Size = 2
    hidden_size: Size | None = None
    activation: Choice[Literal["silu", "gelu", "relu"]] = "silu"
    normalize: bool = True

    input = Input("... C", "vectors")
    output = Output("... C", "weighted sum of the outputs of the chosen experts")
    router_logits = Output("... num_experts", "scores of all experts before the softmax")

    def rules(self) -> Iterator[Rule]:
        message = f"expected at most num_experts = {self.num_experts}, got {self.top_k}"
        enough = at_least(self.num_experts, self.top_k)
        yield Rule(enough, ParameterError("top_k", message, (1,)))

    def _hidden(self, dims: Bindings) -> AnyDim:
        return 4 * dims["C"] if self.hidden_size is None else self.hidden_size

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        experts, hidden, width = self.num_experts, self._hidden(dims), dims["C"]
        return {
            "router.weight": (experts, width),
            "gate": (experts, hidden, width),
            "up": (experts, hidden, width),
            "down": (experts, width, hidden),
        }

    def module(self, context: EmitContext) -> Expr:
        sizes = (context.dims["C"], self._hidden(context.dims), self.num_experts, self.top_k)
        if isinstance(self.activation, Ref):
            raise TypeError(f"expected the name of an activation, got {self.activation}")
        activation = context.call(_MODULES[self.activation])
        changed = self.changed("normalize")
        return context.library_call("MixtureOfExperts", *sizes, activation, **changed)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        pair = context.call(context.layer, input)
        if len(context.used) > 1:
            return pair
        return pair[0] if "output" in context.used else pair[1]
