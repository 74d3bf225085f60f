import torch
from torch import Tensor, nn
from train import SampleConfig, choose


@torch.inference_mode()
def generate(model: nn.Module, tokens: Tensor, cfg: SampleConfig) -> Tensor:
    """Append new tokens to tokens (B, T); the model reads each token once."""
    # oneDNN would repack the weights at every single step.  # when recurrent
    onednn, *_ = torch.backends.mkldnn.set_flags(_enabled=False)  # when recurrent
    config = model.config  # when bounded
    limit = config.context  # when bounded
    new, past = tokens[:, -limit:], None  # when bounded
    seen = new.shape[1]  # when bounded
    new, past = tokens, None  # when unbounded
    for _ in range(cfg.max_new_tokens):
        # Once the context is full, start again from its last half.  # when bounded
        if seen > limit:  # when bounded
            new, past = tokens[:, -(limit // 2 + 1) :], None  # when bounded
            seen = new.shape[1]  # when bounded
        logits, past = model(new, past)
        new = choose(logits[:, -1], cfg)
        seen += 1  # when bounded
        tokens = torch.cat((tokens, new), dim=1)
    torch.backends.mkldnn.set_flags(_enabled=onednn)  # when recurrent
    return tokens
