import csv
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

import torch
from torch import Tensor
from train import TrainConfig, read_data


@dataclass
class Codec:
    """Standardizes columns by the statistics of the training split."""

    features: list[str]
    outputs: list[str]
    mean: list[float]
    std: list[float]
    window: int  # rows that a forecast is made from

    def encode(self, rows: Tensor) -> Tensor:
        return (rows - torch.tensor(self.mean)) / torch.tensor(self.std)

    def decode(self, outputs: Tensor) -> Tensor:
        places = self.output_places()
        scale, shift = torch.tensor(self.std)[places], torch.tensor(self.mean)[places]
        return outputs * scale + shift

    def output_places(self) -> list[int]:
        return [self.features.index(name) for name in self.outputs]


@dataclass
class Data:
    codec: Codec
    series: Tensor  # (rows, features), standardized
    split: int  # the first row of the validation split

    def windows(self, starts: Tensor, device: str) -> tuple[Tensor, Tensor]:
        """Windows of rows (B, window, features), and the rows after (B, outputs)."""
        window = self.codec.window
        rows = self.series[starts[:, None] + torch.arange(window)]
        following = self.series[starts + window][:, self.codec.output_places()]
        return rows.to(device), following.to(device)

    def validation(self, batch_size: int) -> tuple[Tensor, ...]:
        """Batches of starts of the windows that precede a row for validation."""
        window = self.codec.window
        starts = torch.arange(self.split - window, len(self.series) - window)
        return starts.split(batch_size)


def is_number(text: str | None) -> bool:
    try:
        return math.isfinite(float(text or "nan"))
    except ValueError:
        return False


def read_table(path: str, wanted: Sequence[str]) -> tuple[list[str], Tensor]:
    """The wanted columns, or all numeric columns, and their values."""
    rows = list(csv.DictReader(StringIO(read_data(path))))
    names = [name for name in (rows[0] if rows else {}) if name is not None]
    numeric = [name for name in names if all(is_number(row[name]) for row in rows)]
    for name in wanted:
        if name not in numeric:
            sys.exit(
                f"data: expected a numeric column, got {name!r}; numeric columns of "
                f"{path!r} are {numeric!r}. Choose among them with --columns and "
                "--targets."
            )
    columns = list(wanted) or numeric
    values = [[float(row[name]) for name in columns] for row in rows]
    return columns, torch.tensor(values)


def load_data(cfg: TrainConfig) -> Data:
    """Split off the last rows for validation; standardize by the others."""
    columns, rows = read_table(cfg.data, cfg.columns)
    outputs = list(cfg.targets) or columns
    if not columns or not set(outputs) <= set(columns):
        sys.exit(
            f"data: expected targets among the columns {columns!r}, got {outputs!r}. "
            "Choose others with --columns and --targets."
        )
    rows = rows.diff(dim=0)  # when differences
    split = round(len(rows) * (1 - cfg.validation_fraction))
    if not cfg.window < split < len(rows):
        sys.exit(
            f"data: expected more than {cfg.window} rows for training and some for "
            f"validation, got {split} and {len(rows) - split} of {cfg.data!r}. Use a "
            "longer table, or lower --window."
        )
    mean, std = rows[:split].mean(dim=0), rows[:split].std(dim=0).clamp(min=1e-6)
    codec = Codec(columns, outputs, mean.tolist(), std.tolist(), cfg.window)
    return Data(codec, codec.encode(rows), split)


def get_batch(data: Data, cfg: TrainConfig) -> tuple[Tensor, Tensor]:
    starts = torch.randint(data.split - cfg.window, (cfg.batch_size,))
    return data.windows(starts, cfg.device)
