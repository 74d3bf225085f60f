import sys

from model import Config
from train import TrainConfig


def check_length(config: Config, cfg: TrainConfig) -> None:
    limit = config.context
    if cfg.seq_len > limit:
        sys.exit(
            f"seq_len: expected at most {limit}, the longest sequence of the model, "
            f"got {cfg.seq_len}. Lower --seq-len."
        )
