import torch
import torch.nn.functional as F
from torch import Tensor, nn
from train import Data, TrainConfig


# --------------------------------------------------------------------------- learning
def loss_fn(model: nn.Module, rows: Tensor, following: Tensor) -> Tensor:
    return F.mse_loss(model(rows), following)


@torch.no_grad()
def squared_errors(model: nn.Module, data: Data, cfg: TrainConfig) -> Tensor:
    """Mean squared error of each target, in units of its variance."""
    model.eval()
    errors = []
    for starts in data.validation(cfg.batch_size):
        rows, following = data.windows(starts, cfg.device)
        errors.append((model(rows) - following).square().cpu())
    model.train()
    return torch.cat(errors).mean(dim=0)


def evaluate(model: nn.Module, data: Data, cfg: TrainConfig) -> float:
    return squared_errors(model, data, cfg).mean().item()


# --------------------------------------------------------------------------- baseline
def persistence_errors(data: Data, cfg: TrainConfig) -> Tensor:
    """Mean squared error of the naive forecast: each target keeps its last value."""
    errors, places = [], data.codec.output_places()
    for starts in data.validation(cfg.batch_size):
        rows, following = data.windows(starts, "cpu")  # when values
        _, following = data.windows(starts, "cpu")  # when differences
        last = rows[:, -1, places]  # when values
        unchanged = torch.zeros(len(data.codec.features))  # when differences
        last = data.codec.encode(unchanged)[places]  # when differences
        errors.append((last - following).square())
    return torch.cat(errors).mean(dim=0)


def conclusion(model: nn.Module, data: Data, cfg: TrainConfig) -> str:
    """Root mean square errors: of each target in its unit, and of all, standardized."""
    errors, baseline = squared_errors(model, data, cfg), persistence_errors(data, cfg)
    std = torch.tensor(data.codec.std)[data.codec.output_places()]
    own, last = errors.sqrt() * std, baseline.sqrt() * std
    lines = [
        f"{name}: off by {own[i]:.4g}; the last value is off by {last[i]:.4g}\n"
        for i, name in enumerate(data.codec.outputs)
    ]
    return "".join(lines) + (
        f"validation: off by {errors.mean().sqrt():.3f} standard deviations; "
        f"the last values are off by {baseline.mean().sqrt():.3f}"
    )
