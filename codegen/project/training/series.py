import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from train import (
    EVALUATED,
    Table,
    TrainConfig,
    dates,
    is_newest_first,
    listed,
    note,
    read_table,
    refuse,
)


@dataclass
class Codec:
    """Standardizes columns by the statistics of the training split, in double precision."""

    features: list[str]
    outputs: list[str]
    mean: list[float]
    std: list[float]
    window: int  # rows that a forecast is made from

    def encode(self, rows: Tensor) -> Tensor:
        mean, std = torch.tensor([self.mean, self.std], dtype=torch.double)
        return ((rows - mean) / std).float()

    def decode(self, outputs: Tensor) -> Tensor:
        mean, std = torch.tensor([self.mean, self.std], dtype=torch.double)
        places = self.output_places()
        return outputs * std[places] + mean[places]

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
        """Batches of starts of windows that precede a row for validation."""
        count = len(self.series) - self.split
        every = math.ceil(count / (EVALUATED * batch_size))
        starts = torch.arange(0, count, every) + self.split - self.codec.window
        return starts.split(batch_size)


def is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 1e100
    except ValueError:
        return False


def choose_columns(table: Table, wanted: Sequence[str], path: str) -> list[str]:
    """The wanted columns, or all columns with numbers that have a name and are no dates."""
    for name in table.names:
        if is_number(name) or any(dates([name])):
            refuse(
                f"names of columns in the first line of {path!r}",
                repr(name),
                "Put a line of names first, each with a letter at its start.",
            )
    if not set(wanted) <= set(table.names) or len(set(wanted)) < len(wanted):
        refuse(
            f"different columns of {path!r}, among {table.names}",
            str(list(wanted)),
            "Choose others with --columns and --targets.",
        )
    if wanted:
        return list(wanted)
    columns, unused = [], []
    for name in table.names:
        cells = list(table.column(name).values())
        numeric = any(re.fullmatch(r"\W*\d[^:]*", cell) for cell in cells)
        if numeric and name not in table.unnamed and not any(dates(cells)):
            columns.append(name)
        else:
            unused.append(f"{name!r} ({cells[0]!r})")
    if not columns:
        refuse(f"columns of numbers in {path!r}", listed(unused), "Add one.")
    if unused:
        note(f"columns of {path!r} that are not used: {listed(unused)}")
    return columns


def read_series(path: str, wanted: Sequence[str]) -> tuple[list[str], Tensor]:
    """The names of columns and their values, the oldest row first."""
    table = read_table(path)
    is_reversed = is_newest_first(table, path)
    columns = choose_columns(table, wanted, path)
    for name in columns:
        cells = table.column(name).items()
        if wrong := [f"{c!r} in line {line}" for line, c in cells if not is_number(c)]:
            refuse(
                f"numbers such as -1234.5 in column {name!r} of {path!r}",
                listed(wrong),
                "Write a decimal point, no thousands separator and no unit; fill in or "
                "remove what is missing; or choose other columns with --columns.",
            )
    values = [[float(cell) for cell in table.column(name).values()] for name in columns]
    rows = torch.tensor(values, dtype=torch.double).T
    if is_reversed:
        note(f"the rows of {path!r} are newest first; they are read in reverse")
        return columns, rows.flip(0)
    for name, column in zip(columns, rows.T, strict=True):
        if len(column) > 2 and (column.diff() < 0).all():
            note(f"column {name!r} falls in every row; if it is a time, sort by it")
    return columns, rows


def load_data(cfg: TrainConfig) -> Data:
    """Split off the last rows for validation; standardize by the others."""
    columns, rows = read_series(cfg.data, cfg.columns)
    outputs = list(cfg.targets) or columns
    if not set(outputs) <= set(columns) or len(set(outputs)) < len(outputs):
        refuse(
            f"different targets among the columns of numbers, {columns}",
            str(outputs),
            "Choose others with --columns and --targets.",
        )
    level = rows.abs().amax(dim=0)
    rows = rows.diff(dim=0)  # when differences
    split = round(len(rows) * (1 - cfg.validation_fraction))
    if not cfg.window < split < len(rows):
        refuse(
            f"more than {cfg.window} rows for training and some for validation",
            f"{split} and {len(rows) - split} of {cfg.data!r}",
            "Use a longer table, or lower --window.",
        )
    mean, std = rows[:split].mean(dim=0), rows[:split].std(dim=0)
    constant = std <= 1e-14 * level  # but for rounding
    if constant.any():
        names = [columns[i] for i in constant.nonzero()]
        note(f"columns that are constant in the rows for training: {listed(names)}")
    mean[constant], std[constant] = rows[0, constant], 1.0
    codec = Codec(columns, outputs, mean.tolist(), std.tolist(), cfg.window)
    print(
        f"columns: {listed(columns)}; rows: {split:,} for training, "
        f"{len(rows) - split:,} for validation"
    )
    return Data(codec, codec.encode(rows), split)


def get_batch(data: Data, cfg: TrainConfig) -> tuple[Tensor, Tensor]:
    starts = torch.randint(data.split - cfg.window, (cfg.batch_size,))
    return data.windows(starts, cfg.device)
