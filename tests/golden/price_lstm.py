"""PriceLSTM

prices -> lstm -> last -> head -> forecast
"""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass
class Config:
    num_features: int = 4  # number of columns, set from the data
    num_targets: int = 4  # number of columns, set from the data
    hidden_size: int = 32

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number above 0")


class PriceLSTM(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.lstm = nn.LSTM(config.num_features, config.hidden_size, batch_first=True)
        self.head = nn.Linear(config.hidden_size, config.num_targets)

    def forward(self, prices: Tensor) -> Tensor:
        """prices (B, T, num_features) -> forecast (B, num_targets)"""
        x, _ = self.lstm(prices)  # (B, T, hidden_size)
        return self.head(x[:, -1])
