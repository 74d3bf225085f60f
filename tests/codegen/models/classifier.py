"""A classifier of texts, with or without the lengths or the mask of its inputs."""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 8
    num_classes: int = 2
    width: int = 16


class Classifier(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.width, padding_idx=0)
        self.head = nn.Linear(config.width, config.num_classes)

    def forward(
        self, tokens: Tensor, lengths: Tensor | None = None, mask: Tensor | None = None
    ) -> Tensor:
        x = self.embed(tokens)  # (B, T, C)
        if mask is not None:
            x = x * mask[:, :, None]
        total = x.sum(dim=1)
        return self.head(total / (tokens.shape[1] if lengths is None else lengths[:, None]))
