"""ELMo

tokens -> embed -> forward_1 -> forward_2 -> head -> next_logits
embed -> flip -> backward_1 -> backward_2 -> flip_back_2 -> back_head ->
    previous_logits
embed -> embeddings -> stack -> mix -> vectors
forward_1 -> layer_1 -> stack
forward_2 -> layer_2 -> stack
backward_1 -> flip_back_1 -> layer_1
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 256
    d_model: int = 128

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number above 0")


class ScalarMix(nn.Module):
    """A learned weighted average of layers. (L, ...) -> (...)"""

    def __init__(self, num_layers: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(num_layers))
        self.gamma = nn.Parameter(torch.ones(()))

    def forward(self, layers: Tensor) -> Tensor:
        return self.gamma * torch.tensordot(self.weight.softmax(dim=0), layers, 1)


class ELMo(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.forward_1 = nn.LSTM(config.d_model, config.d_model, batch_first=True)
        self.backward_1 = nn.LSTM(config.d_model, config.d_model, batch_first=True)
        self.forward_2 = nn.LSTM(config.d_model, config.d_model, batch_first=True)
        self.backward_2 = nn.LSTM(config.d_model, config.d_model, batch_first=True)
        self.mix = ScalarMix(3)
        self.head = nn.Linear(config.d_model, config.vocab_size)
        self.back_head = nn.Linear(config.d_model, config.vocab_size)
        self.back_head.weight = self.head.weight

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """tokens (B, T) -> vectors (B, T, 2 * d_model), next_logits (B, T, vocab_size),
        previous_logits (B, T, vocab_size)
        """
        x = self.embed(tokens)  # (B, T, d_model)
        forward_1, _ = self.forward_1(x)
        backward_1, _ = self.backward_1(x.flip(1))
        forward_2, _ = self.forward_2(forward_1)
        backward_2, _ = self.backward_2(backward_1)
        flip_back_2 = backward_2.flip(1)
        layer_1 = torch.cat((forward_1, backward_1.flip(1)), dim=-1)
        embeddings = torch.cat((x, x), dim=-1)
        layer_2 = torch.cat((forward_2, flip_back_2), dim=-1)
        mix = self.mix(torch.stack((embeddings, layer_1, layer_2)))
        return mix, self.head(forward_2), self.back_head(flip_back_2)
