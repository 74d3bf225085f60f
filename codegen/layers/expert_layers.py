"""Mixtures of experts."""

import torch
from torch import Tensor, nn


class MixtureOfExperts(nn.Module):
    """Gated feed-forward networks, of which a router chooses top_k for each vector.

    x (..., C) -> output (..., C) and the logits of the router (..., E)
    """

    def __init__(
        self,
        width: int,
        hidden_size: int,
        num_experts: int,
        top_k: int,
        activation: nn.Module,
        normalize: bool = True,
    ) -> None:
        super().__init__()
        self.top_k = top_k
        self.normalize = normalize
        self.activation = activation
        self.router = nn.Linear(width, num_experts, bias=False)
        self.gate = nn.Parameter(torch.empty(num_experts, hidden_size, width))
        self.up = nn.Parameter(torch.empty(num_experts, hidden_size, width))
        self.down = nn.Parameter(torch.empty(num_experts, width, hidden_size))
        for weight in (self.gate, self.up, self.down):
            nn.init.uniform_(
                weight, -(weight.shape[2] ** -0.5), weight.shape[2] ** -0.5
            )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        rows = x.reshape(-1, x.shape[-1])
        logits = self.router(rows)
        shares, chosen = logits.softmax(dim=-1).topk(self.top_k)  # (rows, top_k)
        if self.normalize:
            shares = shares / shares.sum(dim=-1, keepdim=True)
        output = torch.zeros_like(rows)
        for expert in range(len(self.gate)):
            row, place = torch.where(chosen == expert)
            gate = self.activation(rows[row] @ self.gate[expert].T)
            hidden = gate * (rows[row] @ self.up[expert].T)
            share = shares[row, place, None]
            output = output.index_add(0, row, share * (hidden @ self.down[expert].T))
        return output.view_as(x), logits.view(*x.shape[:-1], -1)
