"""A language model that is read whole and refuses more than its context."""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass
class Config:
    symbols: int = 8
    block_size: int = 8

    def __post_init__(self) -> None:
        if self.block_size % 2:
            raise ValueError("block_size must be even")


class Bigram(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.table = nn.Embedding(config.symbols, config.symbols)

    def forward(self, tokens: Tensor) -> Tensor:
        if tokens.shape[1] > self.config.block_size:
            raise ValueError("too long")
        return self.table(tokens)
