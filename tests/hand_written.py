"""A Llama as one writes it from the papers, with nothing but matrices: the judge of `gpt_llama`."""

import math

import torch
from torch import Tensor, nn


class Weight(nn.Module):
    """A trained vector or matrix, named as those of `nn.Linear` and `nn.Embedding` are."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))


class Attention(nn.Module):
    """Causal attention in which groups of query heads share a key head; one head after another."""

    def __init__(self, width: int, heads: int, shared: int, theta: float) -> None:
        super().__init__()
        self.heads, self.shared, self.size, self.theta = heads, shared, width // heads, theta
        self.q, self.out = Weight(width, width), Weight(width, width)
        self.k, self.v = (Weight(shared * self.size, width) for _ in range(2))

    def turn(self, x: Tensor) -> Tensor:
        """Turn the channels i and i + size / 2 of (B, T, size) by t * theta^(-2i / size)."""
        half = self.size // 2
        time = torch.arange(x.shape[1], dtype=torch.float32)
        speed = self.theta ** (-torch.arange(half, dtype=torch.float32) * 2 / self.size)
        spun = torch.complex(x[..., :half], x[..., half:])
        angle = time[:, None] * speed
        spun = spun * torch.complex(angle.cos(), angle.sin()).to(spun.dtype)
        return torch.cat((spun.real, spun.imag), dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        found = []
        later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        for head in range(self.heads):
            own = slice(head * self.size, (head + 1) * self.size)
            group = head // (self.heads // self.shared)
            theirs = slice(group * self.size, (group + 1) * self.size)
            query = self.turn(x @ self.q.weight[own].T)
            key = self.turn(x @ self.k.weight[theirs].T)
            score = query @ key.mT / math.sqrt(self.size)
            share = score.masked_fill(later, -math.inf).softmax(-1)
            found.append(share @ (x @ self.v.weight[theirs].T))
        return torch.cat(found, dim=-1) @ self.out.weight.T


class Norm(Weight):
    """x / sqrt(mean(x^2) + eps), channel by channel times a weight."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__(width)
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return x / (x.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight


class Swish(nn.Module):
    """down(a * sigmoid(a) * up(x)), where a is gate(x)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate, self.up = Weight(hidden, width), Weight(hidden, width)
        self.down = Weight(width, hidden)

    def forward(self, x: Tensor) -> Tensor:
        a = x @ self.gate.weight.T
        return (a / (1 + (-a).exp()) * (x @ self.up.weight.T)) @ self.down.weight.T


class Layer(nn.Module):
    """x + attn(norm(x)), then x + ffn(norm(x))."""

    def __init__(self, config) -> None:
        super().__init__()
        width, eps = config.d_model, config.norm_eps
        self.attn_norm, self.ffn_norm = Norm(width, eps), Norm(width, eps)
        self.attn = Attention(width, config.num_heads, config.num_kv_heads, config.rope_theta)
        self.ffn = Swish(width, config.ffn_size)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.attn_norm(x))
        return x + self.ffn(self.ffn_norm(x))


class Llama(nn.Module):
    """Token ids (B, T) -> logits (B, T, vocab_size), by the embedding's own weight."""

    def __init__(self, config) -> None:
        super().__init__()
        self.embed = Weight(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList(Layer(config) for _ in range(config.num_layers))
        self.norm = Norm(config.d_model, config.norm_eps)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embed.weight[tokens]
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.embed.weight.T
