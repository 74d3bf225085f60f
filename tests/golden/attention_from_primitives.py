"""AttentionFromPrimitives

x -> value_proj -> value -> mix.right
x -> query_proj -> query -> scores -> weights -> attention
x -> key_proj -> key -> scores.right
weights -> mix -> merged -> out -> output
"""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass
class Config:
    d_model: int = 64
    num_heads: int = 4

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number above 0")
        if self.d_model % self.num_heads:
            raise ValueError("d_model must be a multiple of num_heads")


def divide_by_width(x: Tensor) -> Tensor:
    """Divide x (..., C) by the square root of C, which is 0 for a sequence of no steps."""
    return x / x.shape[-1] ** 0.5


class AttentionFromPrimitives(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.query_proj = nn.Linear(config.d_model, config.d_model)
        self.key_proj = nn.Linear(config.d_model, config.d_model)
        self.value_proj = nn.Linear(config.d_model, config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x (B, T, d_model) -> output (B, T, d_model), attention (B, num_heads, T, T)"""
        query_proj = self.query_proj(x)
        key_proj = self.key_proj(x)
        value_proj = self.value_proj(x)
        query = query_proj.unflatten(-1, (self.config.num_heads, -1)).transpose(1, 2)
        key = key_proj.unflatten(-1, (self.config.num_heads, -1)).transpose(1, 2)
        weights = (divide_by_width(query) @ key.transpose(-2, -1)).softmax(dim=-1)
        value = value_proj.unflatten(-1, (self.config.num_heads, -1)).transpose(1, 2)
        return self.out((weights @ value).transpose(1, 2).flatten(-2)), weights
