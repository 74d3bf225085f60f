import random
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from train import EVALUATED, TrainConfig, describe, read_rows, refuse

PAD, UNKNOWN = "\0", "\ufffd"  # padding; characters not in the training split


@dataclass
class Codec:
    """Encodes characters and labels as indices into these lists; PAD is 0."""

    vocabulary: str
    classes: list[str]
    seq_len: int  # longer texts are truncated

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {character: i for i, character in enumerate(self.vocabulary)}

    def encode(self, text: str) -> Tensor:
        text = text[: self.seq_len].replace(PAD, UNKNOWN) or UNKNOWN
        unknown = self.numbers[UNKNOWN]
        return torch.tensor([self.numbers.get(c, unknown) for c in text])


@dataclass
class Part:
    texts: list[Tensor]
    labels: Tensor

    def take(self, rows: Tensor, device: str) -> tuple[Tensor, Tensor]:
        """Texts, padded to the longest (B, T), and their labels (B,)."""
        texts = pad_sequence([self.texts[i] for i in rows], batch_first=True)
        return texts.to(device), self.labels[rows].to(device)


@dataclass
class Data:
    codec: Codec
    train: Part
    validation: Part


def load_data(cfg: TrainConfig) -> Data:
    """Split the rows at random into training and validation."""
    rows = read_rows(cfg.data)
    random.Random(cfg.seed).shuffle(rows)
    split = round(len(rows) * (1 - cfg.validation_fraction))
    classes = sorted({label for _, label in rows})
    if not 0 < split < len(rows) or len(classes) < 2:
        refuse(
            "at least two labels, and rows for both training and validation",
            f"{len(rows)} rows with {classes} in {cfg.data!r}",
            "Use a larger table.",
        )
    train, validation = rows[:split], rows[split:]
    read = validation[: EVALUATED * cfg.batch_size]
    kept = f", of which {len(read):,} are read" if len(read) < len(validation) else ""
    print(
        f"texts: {len(train):,} for training, {len(validation):,} for validation{kept}"
    )
    describe(train, validation, cfg)
    known = {c for text, _ in train for c in text} - {PAD, UNKNOWN}
    codec = Codec("".join([PAD, UNKNOWN, *sorted(known)]), classes, cfg.seq_len)
    place = {label: i for i, label in enumerate(classes)}

    def part(rows: list[tuple[str, str]]) -> Part:
        texts = [codec.encode(text) for text, _ in rows]
        return Part(texts, torch.tensor([place[label] for _, label in rows]))

    return Data(codec, part(train), part(read))


def get_batch(data: Data, cfg: TrainConfig) -> tuple[Tensor, Tensor]:
    rows = torch.randint(len(data.train.texts), (cfg.batch_size,))
    return data.train.take(rows, cfg.device)
