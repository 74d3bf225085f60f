"""A forecaster of the next row."""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass
class Config:
    num_features: int = 1
    num_targets: int = 1
    hidden_size: int = 16


class Forecaster(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.gru = nn.GRU(config.num_features, config.hidden_size, batch_first=True)
        self.head = nn.Linear(config.hidden_size, config.num_targets)

    def forward(self, features: Tensor) -> Tensor:
        return self.head(self.gru(features)[0][:, -1])
