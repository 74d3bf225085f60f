import sys
from dataclasses import dataclass

import torch
from train import TrainConfig, load_model, read_table


# ------------------------------------------------------------------------- prediction
@dataclass
class PredictConfig:
    checkpoint: str = "out/model.pt"
    data: str = TrainConfig.data  # its last rows are the input
    device: str = "cpu"


@torch.inference_mode()
def predict(cfg: PredictConfig) -> None:
    """Print the forecast of the next row."""
    model, codec = load_model(cfg.checkpoint, cfg.device)
    _, table = read_table(cfg.data, codec.features)
    rows = table  # when values
    rows = table.diff(dim=0)  # when differences
    if len(rows) < codec.window:
        sys.exit(f"data: expected at least {codec.window} rows, got {len(rows)}.")
    seen = codec.encode(rows[-codec.window :]).to(cfg.device)
    values = codec.decode(model(seen[None])[0].cpu())
    values += table[-1, codec.output_places()]  # when differences
    for name, value in zip(codec.outputs, values.tolist(), strict=True):
        print(f"{name}: {value:.6g}")
