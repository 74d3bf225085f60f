import csv
import random
import sys
from dataclasses import dataclass
from functools import cached_property
from io import StringIO

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from train import TrainConfig, read_data

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


def read_rows(path: str) -> list[tuple[str, str]]:
    rows = list(csv.DictReader(StringIO(read_data(path))))
    if not rows or any(row.get("text") is None or not row.get("label") for row in rows):
        sys.exit(
            f"data: expected columns text and label in each row of {path!r}, got a row "
            "without. Name both in the first line, and fill each row."
        )
    return [(row["text"], row["label"]) for row in rows]


def load_data(cfg: TrainConfig) -> Data:
    """Split the rows at random into training and validation."""
    rows = read_rows(cfg.data)
    random.Random(cfg.seed).shuffle(rows)
    split = round(len(rows) * (1 - cfg.validation_fraction))
    if not 0 < split < len(rows):
        sys.exit(
            f"data: expected rows for both training and validation, got {len(rows)}."
        )
    known = {c for text, _ in rows[:split] for c in text} - {PAD, UNKNOWN}
    classes = sorted({label for _, label in rows})
    codec = Codec("".join([PAD, UNKNOWN, *sorted(known)]), classes, cfg.seq_len)
    place = {label: i for i, label in enumerate(classes)}

    def part(rows: list[tuple[str, str]]) -> Part:
        texts = [codec.encode(text) for text, _ in rows]
        return Part(texts, torch.tensor([place[label] for _, label in rows]))

    return Data(codec, part(rows[:split]), part(rows[split:]))


def get_batch(data: Data, cfg: TrainConfig) -> tuple[Tensor, Tensor]:
    rows = torch.randint(len(data.train.texts), (cfg.batch_size,))
    return data.train.take(rows, cfg.device)
