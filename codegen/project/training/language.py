import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from train import Data, TrainConfig, trigram_loss


# --------------------------------------------------------------------------- learning
def loss_fn(model: nn.Module, tokens: Tensor, targets: Tensor) -> Tensor:
    logits, _ = model(tokens)  # when streaming
    logits = model(tokens)  # when whole
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@torch.no_grad()
def evaluate(model: nn.Module, data: Data, cfg: TrainConfig) -> float:
    """Cross-entropy on the validation split, in nats per character."""
    model.eval()
    count = len(data.validation) - 1
    ragged = (0, -count % cfg.seq_len)
    tokens = F.pad(data.validation[:-1], ragged).view(-1, cfg.seq_len)
    targets = F.pad(data.validation[1:], ragged, value=-100).view(-1, cfg.seq_len)
    total = 0.0
    for rows in torch.arange(len(tokens)).split(cfg.batch_size):
        x, y = tokens[rows].to(cfg.device), targets[rows].to(cfg.device)
        total += loss_fn(model, x, y).item() * (y >= 0).sum().item()
    model.train()
    return total / count


def conclusion(model: nn.Module, data: Data, cfg: TrainConfig) -> str:
    loss, baseline = evaluate(model, data, cfg), trigram_loss(data)
    return (
        f"validation: {loss:.3f} nats per character ({loss / math.log(2):.2f} bits); "
        f"a character trigram model has {baseline:.3f}"
    )
