import sys
from dataclasses import dataclass

import torch
from torch import Tensor
from train import TrainConfig, read_data

UNKNOWN = "\ufffd"  # replaces characters that the training split lacks


@dataclass
class Codec:
    """Encodes characters as indices into the vocabulary."""

    vocabulary: str

    def encode(self, text: str) -> Tensor:
        number = {character: i for i, character in enumerate(self.vocabulary)}
        unknown = number[UNKNOWN]
        return torch.tensor([number.get(c, unknown) for c in text], dtype=torch.long)

    def decode(self, tokens: Tensor) -> str:
        return "".join(self.vocabulary[i] for i in tokens.tolist())


@dataclass
class Data:
    codec: Codec
    train: Tensor
    validation: Tensor


def load_data(cfg: TrainConfig) -> Data:
    """Split off the last part of the text for validation."""
    text = read_data(cfg.data)
    split = int(len(text) * (1 - cfg.validation_fraction))
    if split < cfg.seq_len + 3 or len(text) - split < 2:
        sys.exit(
            f"data: expected more than {cfg.seq_len + 2} characters for training and 2 "
            f"for validation, got {split} and {len(text) - split} of {cfg.data!r}. Use "
            "a longer text, or lower --seq-len."
        )
    known = sorted(set(text[:split]) - {UNKNOWN})
    codec = Codec(UNKNOWN + "".join(known))
    return Data(codec, codec.encode(text[:split]), codec.encode(text[split:]))


def get_batch(data: Data, cfg: TrainConfig) -> tuple[Tensor, Tensor]:
    """Random windows: tokens and next tokens, both (batch_size, seq_len)."""
    start = torch.randint(len(data.train) - cfg.seq_len, (cfg.batch_size, 1))
    window = data.train[start + torch.arange(cfg.seq_len + 1)].to(cfg.device)
    return window[:, :-1], window[:, 1:]
