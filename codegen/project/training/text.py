from dataclasses import dataclass

import torch
from torch import Tensor
from train import EVALUATED, TrainConfig, note, read_data, refuse

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
        refuse(
            f"more than {cfg.seq_len + 2} characters for training and 2 for validation",
            f"{split} and {len(text) - split} of {cfg.data!r}",
            "Use a longer text, or lower --seq-len.",
        )
    train, validation = text[:split], text[split:]
    read = validation[: EVALUATED * cfg.batch_size * cfg.seq_len + 1]
    kept = f", of which {len(read):,} are read" if len(read) < len(validation) else ""
    print(
        f"characters: {len(train):,} for training, {len(validation):,} for validation{kept}"
    )
    known = set(train) - {UNKNOWN}
    if unknown := sum(c not in known for c in read):
        note(f"validation characters that training lacks: {unknown:,} of {len(read):,}")
    codec = Codec(UNKNOWN + "".join(sorted(known)))
    return Data(codec, codec.encode(train), codec.encode(read))


def get_batch(data: Data, cfg: TrainConfig) -> tuple[Tensor, Tensor]:
    """Random windows: tokens and next tokens, both (batch_size, seq_len)."""
    start = torch.randint(len(data.train) - cfg.seq_len, (cfg.batch_size, 1))
    window = data.train[start + torch.arange(cfg.seq_len + 1)].to(cfg.device)
    return window[:, :-1], window[:, 1:]
