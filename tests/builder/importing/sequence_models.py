"""Classifiers and other models of sequences, as people write them."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import rnn


class PackedClassifier(nn.Module):
    """A bidirectional LSTM on packed sequences."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.lstm = nn.LSTM(8, 6, num_layers=2, dropout=0.3, bidirectional=True, batch_first=True)
        self.head = nn.Linear(12, 3)

    def forward(self, text, lengths):
        packed = rnn.pack_padded_sequence(
            self.embed(text), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        output, (hidden, _) = self.lstm(packed)
        padded, _ = rnn.pad_packed_sequence(output, batch_first=True)
        return {"logits": self.head(torch.cat((hidden[-2], hidden[-1]), dim=1)), "steps": padded}


class TimeFirstGRU(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.rnn = nn.GRU(8, 6)
        self.decoder = nn.Linear(6, 50)

    def forward(self, x):
        output, _ = self.rnn(self.embed(x), torch.zeros(1, x.size(1), 6))
        return self.decoder(output)


class TextCNN(nn.Module):
    """Convolutions side by side, each pooled over the whole text."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.convs = nn.ModuleList(nn.Conv1d(8, 4, size, padding=size // 2) for size in (3, 5))
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.embed(x).permute(0, 2, 1)
        found = [F.relu(conv(x)) for conv in self.convs]
        pooled = [F.max_pool1d(y, y.shape[2]).squeeze(2) for y in found]
        return self.head(torch.cat(pooled, 1))


class CausalCNN(nn.Module):
    """Dilated convolutions, padded in front or cut off at their end, with residuals."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(2, 8)
        self.first = nn.Conv1d(8, 8, 3)
        self.second = nn.Conv1d(8, 8, 3, dilation=2, padding=4)
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        x = self.proj(x).transpose(1, 2)
        x = x + torch.tanh(self.first(F.pad(x, (2, 0))))
        x = x + torch.tanh(self.second(x)[:, :, :-4])
        return self.head(x.transpose(1, 2))


class PooledAttention(nn.Module):
    """Attention of PyTorch with padding, and the mean of the valid steps."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(6, 8)
        self.attn = nn.MultiheadAttention(8, 2, dropout=0.1, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.ff = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Dropout(0.1), nn.Linear(16, 8))

    def forward(self, x, padding):
        x = self.proj(x)
        attended, _ = self.attn(x, x, x, key_padding_mask=padding, need_weights=False)
        x = self.norm(x + attended)
        x = x + self.ff(x)
        valid = (~padding).unsqueeze(-1).float()
        return (x * valid).sum(1) / valid.sum(1).clamp(min=1e-9)


class EinsumAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.heads = nn.Linear(8, 24)

    def forward(self, ids):
        x = self.heads(self.embed(ids))
        q, k, v = (y.reshape(*y.shape[:2], 2, 4) for y in x.chunk(3, dim=-1))
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / 4**0.5
        allowed = torch.tril(torch.ones(ids.size(1), ids.size(1)))
        weights = scores.masked_fill(allowed == 0, float("-1e20")).softmax(dim=3)
        return torch.einsum("bhqk,bkhd->bqhd", weights, v).reshape(*ids.shape, 8)


class Written(nn.Module):
    """Functions and norms by hand, a table of positions, a gate, and the last step."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(6, 8)
        self.pos = nn.Parameter(torch.randn(1, 20, 8))
        self.gain, self.shift = nn.Parameter(torch.ones(8)), nn.Parameter(torch.zeros(8))
        self.factor = nn.Parameter(torch.ones(8))

    def forward(self, x):
        x = self.proj(x) + self.pos[:, : x.size(1)]
        mean = x.mean(-1, keepdim=True)
        variance = ((x - mean) ** 2).mean(-1, keepdim=True)
        x = self.gain * (x - mean) / torch.sqrt(variance + 1e-6) + self.shift
        value, gate = (x * self.factor).chunk(2, -1)
        y = torch.cat([value * torch.sigmoid(1.702 * value), value - gate], -1)
        return F.normalize(y, dim=-1)[:, -1]


class ClassToken(nn.Module):
    """A trained vector before the sequence, which a layer of attention reads it into."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(6, 8)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, 8))
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, x):
        tokens = self.cls_token.expand(x.size(0), -1, -1)
        return self.layer(torch.cat([tokens, self.proj(x)], dim=1))[:, 0]


class CalledThrice(nn.Module):
    """One layer that is called three times, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8, padding_idx=0)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, ids):
        x = self.embed(ids)
        for _ in range(3):
            x = self.layer(x, src_key_padding_mask=ids == 0)
        return x.mean(1)


class Rolled(nn.Module):
    """A model with an operator that no node computes."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.head = nn.Linear(8, 2)

    def forward(self, ids):
        return self.head(torch.roll(self.embed(ids), 1, dims=1))


class LoopOverSteps(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.cell = nn.GRUCell(8, 8)

    def forward(self, ids):
        state = torch.zeros(ids.size(0), 8)
        for step in range(ids.size(1)):
            state = self.cell(self.embed(ids[:, step]), state)
        return state


class Branching(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class OddNames(nn.Module):
    """Inputs named otherwise than Python names are written, one of them without effect."""

    def __init__(self) -> None:
        super().__init__()
        self.type_ = nn.Embedding(50, 8)

    def forward(self, inputIds, type):
        return self.type_(inputIds)
