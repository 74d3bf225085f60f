import torch
from model import Model
from torch import Tensor
from train import SampleConfig, choose


@torch.backends.mkldnn.flags(enabled=False)  # when recurrent
@torch.inference_mode()
def generate(model: Model, tokens: Tensor, cfg: SampleConfig) -> Tensor:
    """Append new tokens to tokens (B, T); the model is fed each token once."""
    # For single steps oneDNN packs the weights anew: it is switched off.  # when recurrent
    config = model.config  # when bounded
    limit = config.context  # when bounded
    new, past = tokens[:, -limit:], None  # when bounded
    seen = new.shape[1]  # when bounded
    new, past = tokens, None  # when unbounded
    for _ in range(cfg.max_new_tokens):
        # Once the context is full, start again from the last half of it.  # when bounded
        if seen > limit:  # when bounded
            new, past = tokens[:, -(limit + 1) // 2 :], None  # when bounded
            seen = new.shape[1]  # when bounded
        logits, past = model(new, past)
        new = choose(logits[:, -1], cfg)
        seen += 1  # when bounded
        tokens = torch.cat((tokens, new), dim=1)
    return tokens
