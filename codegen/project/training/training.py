import math
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn
from train import Data, TrainConfig, evaluate, get_batch, loss_fn, resume, save, tqdm


# --------------------------------------------------------------------------- training
def make_optimizer(model: nn.Module, cfg: TrainConfig) -> torch.optim.Optimizer:
    """AdamW; weight decay on matrices only."""
    params = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in params if p.dim() >= 2]},
        {"params": [p for p in params if p.dim() < 2], "weight_decay": 0.0},
    ]
    rate, decay = cfg.learning_rate, cfg.weight_decay
    return torch.optim.AdamW(groups, rate, (0.9, 0.95), weight_decay=decay)


def learning_rate(step: int, progress: float, cfg: TrainConfig) -> float:
    """Linear warm-up, times a cosine decay from the highest rate to the lowest."""
    height = 0.5 * (1 + math.cos(math.pi * progress))
    rate = cfg.min_learning_rate + height * (cfg.learning_rate - cfg.min_learning_rate)
    return rate * min(1.0, (step + 1) / max(1, cfg.warmup_steps))


def schedule(first: int, cfg: TrainConfig) -> Iterator[tuple[int, float, bool]]:
    """Yield each step, the fraction of training before it, and whether it is the last.

    A limit in minutes counts from the first step.
    """
    started = time.monotonic()
    steps = range(first, cfg.steps)
    for step in tqdm(steps, unit="step", disable=None, leave=False) if tqdm else steps:
        spent = (time.monotonic() - started) / 60
        progress = max(step / cfg.steps, spent / cfg.minutes if cfg.minutes else 0.0)
        yield step, min(1.0, progress), progress >= 1 or step + 1 == cfg.steps
        if progress >= 1:
            return


def update(
    model: nn.Module, optimizer: torch.optim.Optimizer, data: Data, cfg: TrainConfig
) -> float:
    loss = loss_fn(model, *get_batch(data, cfg))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), cfg.grad_clip)
    optimizer.step()
    return loss.item()


def train(model: nn.Module, data: Data, cfg: TrainConfig) -> None:
    """Save the best weights in model.pt, and all that --resume needs in last.pt."""
    optimizer = make_optimizer(model, cfg)
    out, first, best = Path(cfg.out), 0, math.inf
    kind = {"config": asdict(model.config), "codec": asdict(data.codec)}
    if cfg.resume:
        first, best = resume(out / "last.pt", model, optimizer, kind)
    if cfg.compile:
        model.compile()
    say = tqdm.write if tqdm else print
    losses, since = [], time.monotonic()
    said = since
    for step, progress, is_last in schedule(first, cfg):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, progress, cfg)
        # Batch and dropout depend on the seed and the step alone, so that a resumed run
        # ends with the same weights.
        torch.manual_seed((cfg.seed << 32) + step)
        losses.append(update(model, optimizer, data, cfg))
        if not math.isfinite(losses[-1]):
            sys.exit(f"step {step}: expected a finite loss. Lower --learning-rate.")
        if (step + 1) % cfg.eval_every and not is_last:
            if time.monotonic() - said > 10:  # seconds
                said = time.monotonic()
                say(f"step {step + 1:6d}  train {losses[-1]:.4f}")
            continue
        speed = 1000 * (time.monotonic() - since) / len(losses)
        loss, validation = sum(losses) / len(losses), evaluate(model, data, cfg)
        if not math.isfinite(validation):
            sys.exit(
                f"step {step}: expected a finite loss on the validation split, got "
                f"{validation}. Lower --learning-rate, or correct extreme values."
            )
        weights = {**kind, "model": model.state_dict()}
        if validation < best:
            best = validation
            save(weights, out / "model.pt")
        training = {"optimizer": optimizer.state_dict(), "step": step + 1, "best": best}
        save({**weights, **training}, out / "last.pt")
        say(
            f"step {step + 1:6d}  train {loss:.4f}  validation {validation:.4f}  "
            f"{speed:.1f} ms/step"
        )
        losses, since = [], time.monotonic()
        said = since
