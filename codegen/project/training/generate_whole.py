import torch
from torch import Tensor, nn
from train import SampleConfig, choose


@torch.inference_mode()
def generate(model: nn.Module, tokens: Tensor, cfg: SampleConfig) -> Tensor:
    """Append new tokens to tokens (B, T); the model reads all of them for each."""
    config = model.config  # when bounded
    limit = config.context  # when bounded
    for _ in range(cfg.max_new_tokens):
        logits = model(tokens[:, -limit:])  # when bounded
        logits = model(tokens)  # when unbounded
        tokens = torch.cat((tokens, choose(logits[:, -1], cfg)), dim=1)
    return tokens
