"""A Llama written from the papers with plain matrices: the reference for `gpt_llama`."""

import math

import torch
from torch import Tensor, nn


class Weight(nn.Module):
    """A parameter named ``weight``, as in `nn.Linear` and `nn.Embedding`."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))


class Attention(nn.Module):
    """Causal grouped-query attention, computed head by head."""

    def __init__(self, width: int, heads: int, shared: int, theta: float) -> None:
        super().__init__()
        self.heads, self.shared, self.size, self.theta = heads, shared, width // heads, theta
        self.q, self.out = Weight(width, width), Weight(width, width)
        self.k, self.v = (Weight(shared * self.size, width) for _ in range(2))

    def rotate(self, x: Tensor) -> Tensor:
        """Rotate the channels i and i + size / 2 of (B, T, size) by t * theta^(-2i / size)."""
        half = self.size // 2
        time = torch.arange(x.shape[1], dtype=torch.float32)
        frequency = self.theta ** (-torch.arange(half, dtype=torch.float32) * 2 / self.size)
        rotated = torch.complex(x[..., :half], x[..., half:])
        angle = time[:, None] * frequency
        rotated = rotated * torch.complex(angle.cos(), angle.sin()).to(rotated.dtype)
        return torch.cat((rotated.real, rotated.imag), dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        heads = []
        masked = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        for head in range(self.heads):
            query_rows = slice(head * self.size, (head + 1) * self.size)
            group = head // (self.heads // self.shared)
            key_rows = slice(group * self.size, (group + 1) * self.size)
            query = self.rotate(x @ self.q.weight[query_rows].T)
            key = self.rotate(x @ self.k.weight[key_rows].T)
            score = query @ key.mT / math.sqrt(self.size)
            weights = score.masked_fill(masked, -math.inf).softmax(-1)
            heads.append(weights @ (x @ self.v.weight[key_rows].T))
        return torch.cat(heads, dim=-1) @ self.out.weight.T


class Norm(Weight):
    """RMSNorm: x / sqrt(mean(x^2) + eps) * weight."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__(width)
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return x / (x.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight


class SwiGLU(nn.Module):
    """SwiGLU: down(a * sigmoid(a) * up(x)), where a is gate(x)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate, self.up = Weight(hidden, width), Weight(hidden, width)
        self.down = Weight(width, hidden)

    def forward(self, x: Tensor) -> Tensor:
        a = x @ self.gate.weight.T
        return (a / (1 + (-a).exp()) * (x @ self.up.weight.T)) @ self.down.weight.T


class Layer(nn.Module):
    """Pre-norm transformer layer: x + attn(norm(x)), then x + ffn(norm(x))."""

    def __init__(self, config) -> None:
        super().__init__()
        width, eps = config.d_model, config.norm_eps
        self.attn_norm, self.ffn_norm = Norm(width, eps), Norm(width, eps)
        self.attn = Attention(width, config.num_heads, config.num_kv_heads, config.rope_theta)
        self.ffn = SwiGLU(width, config.ffn_size)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.attn_norm(x))
        return x + self.ffn(self.ffn_norm(x))


class Llama(nn.Module):
    """Token ids (B, T) -> logits (B, T, vocab_size), with tied embeddings."""

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
