from dataclasses import dataclass

import torch
from torch import Tensor


# --------------------------------------------------------------------------- sampling
@dataclass
class SampleConfig:
    checkpoint: str = "out/model.pt"
    prompt: str = "The "
    max_new_tokens: int = 300
    temperature: float = 0.8  # 0 always takes the likeliest
    top_k: int = 0  # so many likeliest characters are in the draw; 0: all
    seed: int = 0
    device: str = "cpu"


def choose(logits: Tensor, cfg: SampleConfig) -> Tensor:
    """Scores (B, vocabulary) to tokens (B, 1)."""
    if cfg.temperature <= 0:
        return logits.argmax(dim=-1, keepdim=True)
    if 0 < cfg.top_k < logits.shape[-1]:
        least = logits.topk(cfg.top_k).values[:, -1:]
        logits = logits.masked_fill(logits < least, float("-inf"))
    return torch.multinomial((logits / cfg.temperature).softmax(dim=-1), 1)
