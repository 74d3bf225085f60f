"""A transformer with learned positions and a cache of keys and values."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Cache = tuple[Tensor, Tensor]


@dataclass
class Config:
    vocab_size: int = 8
    context: int = 16
    d_model: int = 16
    seed: int = 5  # called like a setting of the training
    dropout: float = 0.1


class GPT(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.position = nn.Embedding(config.context, config.d_model)
        self.queries = nn.Linear(config.d_model, config.d_model)
        self.keys = nn.Linear(config.d_model, config.d_model)
        self.values = nn.Linear(config.d_model, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.d_model, config.vocab_size)

    def forward(self, tokens: Tensor, past: Cache | None = None) -> tuple[Tensor, Cache]:
        start = 0 if past is None else past[0].shape[1]
        places = torch.arange(start, start + tokens.shape[1], device=tokens.device)
        x = self.embed(tokens) + self.position(places)  # (B, T, C)
        k, v = self.keys(x), self.values(x)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=1), torch.cat((past[1], v), dim=1)
        mask = places[:, None] >= torch.arange(k.shape[1], device=tokens.device)
        y = F.scaled_dot_product_attention(self.queries(x), k, v, attn_mask=mask)
        return self.head(x + self.dropout(y)), (k, v)
