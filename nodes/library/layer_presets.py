"""The layers of well-known models that are a Transformer layer with other parameters."""

from collections.abc import Mapping

from nodes.core.graphs.node import Node
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer

T5 = {
    "activation": "gelu_tanh",
    "norm": "rms",
    "norm_first": True,
    "gated": True,
    "bias": False,
    "scale": 1.0,
    "eps": 1e-6,
}
LLAMA = {
    "num_kv_heads": 4,
    "dropout": 0.0,
    "activation": "silu",
    "norm": "rms",
    "norm_first": True,
    "gated": True,
    "bias": False,
    "causal": True,
    "rotary": 10_000.0,
    "eps": 1e-6,
}

PRESETS: Mapping[str, tuple[str, Node]] = {
    "BERT layer": (
        "A post-norm encoder layer with GELU (arXiv:1810.04805).",
        EncoderLayer(activation="gelu", eps=1e-12),
    ),
    "GPT-2 layer": (
        "A causal pre-norm layer with GELU, of decoder-only models.",
        EncoderLayer(activation="gelu_tanh", norm_first=True, causal=True),
    ),
    "T5 encoder layer": (
        "A pre-norm layer with RMS norm and a gated network (arXiv:1910.10683, version 1.1).",
        EncoderLayer(**T5),
    ),
    "T5 decoder layer": (
        "The layer of the decoder of T5, which reads the output of its encoder as memory.",
        DecoderLayer(**T5),
    ),
    "Llama layer": (
        "A causal layer with RMS norm, rotary positions and SwiGLU (arXiv:2302.13971).",
        EncoderLayer(**LLAMA),
    ),
    "Mistral layer": (
        "A Llama layer whose steps see a sliding window (arXiv:2310.06825).",
        EncoderLayer(**LLAMA, window=4096),
    ),
    "Qwen3 layer": (
        "A Llama layer with normalized queries and keys (arXiv:2505.09388).",
        EncoderLayer(**LLAMA, head_dim=128, qk_norm="rms"),
    ),
}
"""The description and the node of each."""
