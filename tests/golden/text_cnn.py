"""TextCNN

tokens -> embed -> conv_7 -> relu_7 -> pool_7 -> features
lengths -> pool_3.lengths
embed -> conv_3 -> relu_3 -> pool_3 -> features -> dropout -> head -> logits
embed -> conv_5 -> relu_5 -> pool_5 -> features
"""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    num_classes: int = 2  # number of labels, set from the data
    width: int = 64  # of the embedding
    num_filters: int = 64  # of each size
    dropout: float = 0.3

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) not in (int, field.type):
                raise ValueError(f"{field.name} must be of type {field.type.__name__}")
            if field.type is int and value < 1:
                raise ValueError(f"{field.name} must be at least 1")
        if not 0 <= self.dropout < 1:
            raise ValueError("dropout must be a number from 0 to below 1")


def length_mask(lengths: Tensor, length: int) -> Tensor:
    """Boolean mask: lengths (B,) -> (B, T), True for the first ``lengths`` steps."""
    return torch.arange(length, device=lengths.device) < lengths[:, None]


def max_pool(x: Tensor, mask: Tensor) -> Tensor:
    """Maximum over the unmasked steps, zero if there are none.

    x (B, T, C), boolean mask (B, T) -> (B, C)
    """
    lowest = torch.finfo(x.dtype).min
    maximum = x.masked_fill(~mask[..., None], lowest).amax(dim=1)
    return maximum.masked_fill(~mask.any(dim=1, keepdim=True), 0.0)


class TextCNN(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.width, padding_idx=0)
        self.conv_3 = nn.Conv1d(config.width, config.num_filters, 3, padding="same")
        self.conv_5 = nn.Conv1d(config.width, config.num_filters, 5, padding="same")
        self.conv_7 = nn.Conv1d(config.width, config.num_filters, 7, padding="same")
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(3 * config.num_filters, config.num_classes)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """tokens (B, T), lengths (B,) -> logits (B, num_classes)"""
        x = self.embed(tokens)  # (B, T, width)
        relu_3 = F.relu(self.conv_3(x.transpose(1, 2)).transpose(1, 2))
        relu_5 = F.relu(self.conv_5(x.transpose(1, 2)).transpose(1, 2))
        relu_7 = F.relu(self.conv_7(x.transpose(1, 2)).transpose(1, 2))
        pool_3 = max_pool(relu_3, length_mask(lengths, relu_3.shape[1]))
        pool_5 = max_pool(relu_5, length_mask(lengths, relu_5.shape[1]))
        pool_7 = max_pool(relu_7, length_mask(lengths, relu_7.shape[1]))
        return self.head(self.dropout(torch.cat((pool_3, pool_5, pool_7), dim=-1)))
