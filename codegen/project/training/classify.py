from dataclasses import dataclass
from typing import ClassVar

import torch
from train import load_model, scores


# ------------------------------------------------------------------------- prediction
@dataclass
class PredictConfig:
    checkpoint: str = "out/model.pt"
    text: str = ""
    best: int = 3  # number of most probable classes to print
    device: str = "cpu"

    limits: ClassVar[dict[str, str]] = {"best": ">= 1"}


@torch.inference_mode()
def predict(cfg: PredictConfig) -> None:
    model, codec = load_model(cfg.checkpoint, cfg.device)
    tokens = codec.encode(cfg.text).to(cfg.device)
    chances = scores(model, tokens[None])[0].softmax(dim=0)
    for i in chances.argsort(descending=True)[: cfg.best].tolist():
        print(f"{chances[i]:6.1%}  {codec.classes[i]}")
