import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from train import TrainConfig, load_model, read_series, refuse


# ------------------------------------------------------------------------- prediction
@dataclass
class PredictConfig:
    checkpoint: str = "out/model.pt"
    data: str = TrainConfig.data  # its last rows are the input
    device: str = "cpu"

    limits: ClassVar[dict[str, str]] = {}


@torch.inference_mode()
def predict(cfg: PredictConfig) -> None:
    """Print the forecast of the next row."""
    model, codec = load_model(cfg.checkpoint, cfg.device)
    _, table = read_series(cfg.data, codec.features)
    rows = table  # when values
    rows = table.diff(dim=0)  # when differences
    if len(rows) < codec.window:
        refuse(f"at least {codec.window} rows", f"{len(rows)}", "Use a longer table.")
    seen = codec.encode(rows[-codec.window :]).to(cfg.device)
    values = codec.decode(model(seen[None])[0].cpu())
    values += table[-1, codec.output_places()]  # when differences
    for place, value in zip(codec.output_places(), values.tolist(), strict=True):
        digits = max(0, 2 - math.floor(math.log10(codec.std[place])))
        print(f"{codec.features[place]}: {value:.{digits}f}")
