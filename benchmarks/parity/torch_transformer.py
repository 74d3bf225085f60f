"""The Transformer of 2017 from the layers of ``torch.nn``."""

from collections.abc import Mapping
from types import SimpleNamespace

import torch
from torch import Tensor, nn


class Transformer2017(nn.Module):
    """An encoder and a decoder whose embeddings and head share one weight."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__()
        width, heads = sizes["d_model"], sizes["num_heads"]
        known = {"dropout": 0.0, "batch_first": True}
        self.embed = nn.Embedding(sizes["vocab_size"], width)
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, **known)
        self.encoder = nn.TransformerEncoder(layer, sizes["num_layers"])
        self.decoder = nn.TransformerDecoder(
            nn.TransformerDecoderLayer(width, heads, 4 * width, **known), sizes["num_layers"]
        )

    def embedded(self, tokens: Tensor) -> Tensor:
        """Embed tokens, with the position as sines and cosines."""
        x = self.embed(tokens) * self.embed.embedding_dim**0.5
        position = torch.arange(tokens.shape[1], dtype=torch.float64)[:, None]
        pairs = torch.arange(0, x.shape[-1], 2, dtype=torch.float64) / x.shape[-1]
        angle = position / 10_000.0**pairs
        waves = torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(-2)
        return x + waves.to(x.dtype)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, decoder_input_ids: Tensor
    ) -> SimpleNamespace:
        """Compute the logits, as ``logits``."""
        padding = attention_mask == 0
        memory = self.encoder(self.embedded(input_ids), src_key_padding_mask=padding)
        steps = decoder_input_ids.shape[1]
        ahead = torch.ones(steps, steps, dtype=torch.bool).triu(1)
        x = self.embedded(decoder_input_ids)
        x = self.decoder(x, memory, tgt_mask=ahead, memory_key_padding_mask=padding)
        return SimpleNamespace(logits=x @ self.embed.weight.T)
