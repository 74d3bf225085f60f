import sys
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from train import generate, load_model


# --------------------------------------------------------------------------- sampling
@dataclass
class SampleConfig:
    checkpoint: str = "out/model.pt"
    prompt: str = "The "
    max_new_tokens: int = 300
    temperature: float = 0.8  # 0: always the most probable token
    top_k: int = 0  # sample from the k most probable tokens; 0: from all
    device: str = "cpu"
    seed: int = 0

    limits: ClassVar[dict[str, str]] = {
        "max_new_tokens": ">= 0",
        "temperature": ">= 0",
        "top_k": ">= 0",
        "seed": ">= 0, < 2_147_483_648",
    }


def sample(cfg: SampleConfig) -> None:
    model, codec = load_model(cfg.checkpoint, cfg.device)
    torch.manual_seed(cfg.seed)
    prompt = codec.encode(cfg.prompt or "\n").to(cfg.device)
    try:
        tokens = generate(model, prompt[None], cfg)
    except (IndexError, ValueError) as error:  # the model has no more positions
        sys.exit(f"sample: {error}. Lower --max-new-tokens, or shorten --prompt.")
    print(codec.decode(tokens[0]))


def choose(logits: Tensor, cfg: SampleConfig) -> Tensor:
    """Sample tokens (B, 1) from logits (B, vocabulary)."""
    if cfg.temperature <= 0:
        return logits.argmax(dim=-1, keepdim=True)
    if 0 < cfg.top_k < logits.shape[-1]:
        least = logits.topk(cfg.top_k).values[:, -1:]
        logits = logits.masked_fill(logits < least, float("-inf"))
    return torch.multinomial((logits / cfg.temperature).softmax(dim=-1), 1)
