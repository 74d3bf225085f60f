import sys

from model import Config
from train import TrainConfig


def check_length(config: Config, cfg: TrainConfig) -> None:
    limit = config.context
    if cfg.seq_len > limit:
        sys.exit(
            f"seq_len: at most {limit} is expected, the longest that the model can read, "
            f"not {cfg.seq_len}. Lower --seq-len."
        )
