"""Language models as people write them: after nanoGPT, after Llama, and from tutorials."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class NanoAttention(nn.Module):
    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)
        self.attn_dropout = nn.Dropout(0.1)
        self.heads, self.width = heads, width
        mask = torch.tril(torch.ones(context, context))
        self.register_buffer("mask", mask.view(1, 1, context, context))

    def forward(self, x):
        b, t, c = x.size()
        q, k, v = self.c_attn(x).split(self.width, dim=2)
        k = k.view(b, t, self.heads, c // self.heads).transpose(1, 2)
        q = q.view(b, t, self.heads, c // self.heads).transpose(1, 2)
        v = v.view(b, t, self.heads, c // self.heads).transpose(1, 2)
        scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        scores = scores.masked_fill(self.mask[:, :, :t, :t] == 0, float("-inf"))
        weights = self.attn_dropout(F.softmax(scores, dim=-1))
        y = (weights @ v).transpose(1, 2).contiguous().view(b, t, c)
        return self.c_proj(y)


class NanoMLP(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x):
        x = self.c_fc(x)
        x = 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))
        return self.c_proj(x)


class NanoBlock(nn.Module):
    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = NanoAttention(width, heads, context)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = NanoMLP(width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class NanoGPT(nn.Module):
    def __init__(self, layers: int = 2, width: int = 16, heads: int = 2) -> None:
        super().__init__()
        blocks = nn.ModuleList(NanoBlock(width, heads, 32) for _ in range(layers))
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(50, width),
                "wpe": nn.Embedding(32, width),
                "drop": nn.Dropout(0.1),
                "h": blocks,
                "ln_f": nn.LayerNorm(width),
            }
        )
        self.lm_head = nn.Linear(width, 50, bias=False)
        self.transformer.wte.weight = self.lm_head.weight

    def forward(self, idx, targets=None):
        steps = torch.arange(idx.size(1))
        x = self.transformer.drop(self.transformer.wte(idx) + self.transformer.wpe(steps))
        for block in self.transformer.h:
            x = block(x)
        return self.lm_head(self.transformer.ln_f(x)), None


class WrittenRMSNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        x = x.float()
        return (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)).type_as(x) * self.weight


def rotated(x, frequencies):
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    turned = pairs * frequencies.view(1, x.shape[1], 1, pairs.shape[-1])
    return torch.view_as_real(turned).flatten(3).type_as(x)


class LlamaLayer(nn.Module):
    """A layer with complex rotary embeddings, grouped queries and a gated feed-forward network."""

    def __init__(self, width: int = 16, heads: int = 4, kv_heads: int = 2) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.size = heads, kv_heads, width // heads
        self.wq = nn.Linear(width, width, bias=False)
        self.wk = nn.Linear(width, kv_heads * self.size, bias=False)
        self.wv = nn.Linear(width, kv_heads * self.size, bias=False)
        self.wo = nn.Linear(width, width, bias=False)
        self.w1 = nn.Linear(width, 32, bias=False)
        self.w2 = nn.Linear(32, width, bias=False)
        self.w3 = nn.Linear(width, 32, bias=False)
        self.norm_1, self.norm_2 = WrittenRMSNorm(width), WrittenRMSNorm(width)

    def attend(self, x, frequencies, mask):
        b, t, _ = x.shape
        q = rotated(self.wq(x).view(b, t, self.heads, self.size), frequencies)
        k = rotated(self.wk(x).view(b, t, self.kv_heads, self.size), frequencies)
        v = self.wv(x).view(b, t, self.kv_heads, self.size)
        group = self.heads // self.kv_heads
        k, v = (
            y[:, :, :, None, :].expand(b, t, self.kv_heads, group, self.size).reshape(q.shape)
            for y in (k, v)
        )
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        scores = torch.matmul(q, k.transpose(2, 3)) / math.sqrt(self.size) + mask
        y = torch.matmul(F.softmax(scores.float(), dim=-1).type_as(q), v)
        return self.wo(y.transpose(1, 2).contiguous().view(b, t, -1))

    def forward(self, x, frequencies, mask):
        x = x + self.attend(self.norm_1(x), frequencies, mask)
        y = self.norm_2(x)
        return x + self.w2(F.silu(self.w1(y)) * self.w3(y))


class Llama(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tok_embeddings = nn.Embedding(50, 16)
        self.layers = nn.ModuleList(LlamaLayer() for _ in range(2))
        self.norm = WrittenRMSNorm(16)
        self.output = nn.Linear(16, 50, bias=False)
        rates = 1.0 / 10000.0 ** (torch.arange(0, 4, 2).float() / 4)
        angles = torch.outer(torch.arange(32).float(), rates)
        self.register_buffer("frequencies", torch.polar(torch.ones_like(angles), angles))

    def forward(self, tokens):
        x = self.tok_embeddings(tokens)
        steps = tokens.size(1)
        mask = torch.triu(torch.full((steps, steps), float("-inf")), diagonal=1)
        for layer in self.layers:
            x = layer(x, self.frequencies[:steps], mask)
        return self.output(self.norm(x)).float()


class TutorialTransformer(nn.Module):
    """An encoder with a causal mask and sinusoidal encodings from a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 50)
        steps = torch.arange(40)[:, None]
        rates = torch.exp(torch.arange(0, 16, 2) * (-math.log(10000.0) / 16))
        table = torch.zeros(1, 40, 16)
        table[0, :, 0::2], table[0, :, 1::2] = torch.sin(steps * rates), torch.cos(steps * rates)
        self.register_buffer("table", table)

    def forward(self, src):
        x = self.embed(src) * math.sqrt(16) + self.table[:, : src.size(1)]
        mask = nn.Transformer.generate_square_subsequent_mask(src.size(1))
        return self.head(self.encoder(x, mask))
