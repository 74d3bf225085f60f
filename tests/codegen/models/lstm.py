"""A recurrent language model."""

from dataclasses import dataclass

from torch import Tensor, nn

State = tuple[Tensor, Tensor]


@dataclass
class Config:
    vocab_size: int = 8
    hidden: int = 32


class CharLSTM(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.hidden)
        self.lstm = nn.LSTM(config.hidden, config.hidden, batch_first=True)
        self.head = nn.Linear(config.hidden, config.vocab_size)

    def forward(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        x, state = self.lstm(self.embed(tokens), state)
        return self.head(x), state
