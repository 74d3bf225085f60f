"""RWKV

tokens -> embed -> embed_norm -> layers x num_layers -> norm -> head -> logits
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    d_model: int = 128
    num_layers: int = 4

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number above 0")


class LearnedMix(nn.Module):
    """A learned interpolation for each channel. 2 x (..., C) -> (..., C)"""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((width,), 0.5))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return torch.lerp(second, first, self.weight)


class WKV(nn.Module):
    """Averages of values, weighted by exp(key) and a decay for each channel, as in RWKV.

    key, value (B, T, C), state (3, B, C) -> output (B, T, C), last state
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        spread = torch.linspace(0, 1, width) ** 1.35
        self.time_decay = nn.Parameter(8 * spread - 5)
        self.time_first = nn.Parameter(torch.full((width,), math.log(0.3)))

    def forward(
        self, key: Tensor, value: Tensor, state: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        if state is None:
            zero = torch.zeros_like(key[:, 0] if key.shape[1] else key.sum(dim=1))
            state = torch.stack((zero, zero, zero - 1e38))
        total, weight, most = state.unbind()  # the sums are divided by exp(most)
        decay, outputs = -self.time_decay.exp(), []
        for k, v in zip(key.unbind(dim=1), value.unbind(dim=1), strict=True):
            top = torch.maximum(most, k + self.time_first)
            old, new = (most - top).exp(), (k + self.time_first - top).exp()
            outputs.append((old * total + new * v) / (old * weight + new))
            top = torch.maximum(most + decay, k)
            old, new = (most + decay - top).exp(), (k - top).exp()
            total, weight, most = old * total + new * v, old * weight + new, top
        output = torch.stack(outputs, dim=1) if outputs else torch.zeros_like(value)
        return output, torch.stack((total, weight, most))


def shift_on(
    x: Tensor, earlier: Tensor | None, steps: int = 1, fill: int = 0
) -> tuple[Tensor, Tensor]:
    """Shift x (B, T, ...) right by ``steps``, after the last steps of earlier calls.

    Returns the shifted sequence (B, T, ...) and the last steps (B, steps, ...); the
    first steps of the first call become ``fill``.
    """
    if earlier is None:
        earlier = x.new_full((x.shape[0], steps, *x.shape[2:]), fill)
    x = torch.cat((earlier, x), dim=1)
    return x[:, :-steps], x[:, -steps:]


class TimeMixing(nn.Module):
    """x -> mix_receptance -> receptance -> gate -> gated -> out -> output
    x -> before -> mix_key.second
    x -> mix_key -> key -> wkv -> gated
    x -> mix_value -> value -> wkv.value
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.mix_key = LearnedMix(config.d_model)
        self.key = nn.Linear(config.d_model, config.d_model, bias=False)
        self.mix_value = LearnedMix(config.d_model)
        self.value = nn.Linear(config.d_model, config.d_model, bias=False)
        self.mix_receptance = LearnedMix(config.d_model)
        self.receptance = nn.Linear(config.d_model, config.d_model, bias=False)
        self.wkv = WKV(config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        before, before_state = shift_on(x, None if state is None else state[0])
        key = self.key(self.mix_key(x, before))
        value = self.value(self.mix_value(x, before))
        key, wkv_state = self.wkv(key, value, None if state is None else state[1])
        gated = torch.sigmoid(self.receptance(self.mix_receptance(x, before))) * key
        return self.out(gated), (before_state, wkv_state)


class ChannelMixing(nn.Module):
    """x -> mix_receptance -> receptance -> gate -> gated -> output
    x -> before -> mix_key.second
    x -> mix_key -> key -> activation -> value -> gated
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.mix_key = LearnedMix(config.d_model)
        self.key = nn.Linear(config.d_model, 4 * config.d_model, bias=False)
        self.value = nn.Linear(4 * config.d_model, config.d_model, bias=False)
        self.mix_receptance = LearnedMix(config.d_model)
        self.receptance = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        before, state = shift_on(x, state)
        activation = F.relu(self.key(self.mix_key(x, before))).square()
        gate = torch.sigmoid(self.receptance(self.mix_receptance(x, before)))
        return gate * self.value(activation), state


class Layer(nn.Module):
    """x -> add -> add_2 -> output
    x -> attn_norm -> attn -> add
    add -> ffn_norm -> ffn -> add_2
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attn_norm = nn.LayerNorm(config.d_model)
        self.attn = TimeMixing(config)
        self.ffn_norm = nn.LayerNorm(config.d_model)
        self.ffn = ChannelMixing(config)

    def forward(
        self, x: Tensor, state: tuple[tuple[Tensor, Tensor], Tensor] | None = None
    ) -> tuple[Tensor, tuple[tuple[Tensor, Tensor], Tensor]]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        attn, attn_state = self.attn(
            self.attn_norm(x), None if state is None else state[0]
        )
        x = x + attn
        ffn, ffn_state = self.ffn(self.ffn_norm(x), None if state is None else state[1])
        return x + ffn, (attn_state, ffn_state)


class RWKV(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.embed_norm = nn.LayerNorm(config.d_model)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.d_model)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)

    def forward(
        self,
        tokens: Tensor,
        state: list[tuple[tuple[Tensor, Tensor], Tensor]] | None = None,
    ) -> tuple[Tensor, list[tuple[tuple[Tensor, Tensor], Tensor]]]:
        """tokens (B, T) -> logits (B, T, vocab_size)

        With `state`, the state that the previous call returned, the sequence continues.
        """
        x = self.embed_norm(self.embed(tokens))  # (B, T, d_model)
        present = []
        for i, layer in enumerate(self.layers):
            x, layer_state = layer(x, None if state is None else state[i])
            present.append(layer_state)
        return self.head(self.norm(x)), present
