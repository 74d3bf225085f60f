"""CharLSTM

tokens -> embed -> lstm -> dropout -> head -> logits
"""

from dataclasses import dataclass, fields

from torch import Tensor, nn

# Hidden state and cell state of an LSTM, each (num_layers, B, hidden_size).
State = tuple[Tensor, Tensor]


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    width: int = 64  # of the embedding
    hidden_size: int = 256  # of the recurrent state
    num_layers: int = 2
    dropout: float = 0.1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) not in (int, field.type):
                raise ValueError(f"{field.name} must be of type {field.type.__name__}")
            if field.type is int and value < 1:
                raise ValueError(f"{field.name} must be at least 1")
        if not 0 <= self.dropout < 1:
            raise ValueError("dropout must be a number from 0 to below 1")


class CharLSTM(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.width)
        self.lstm = nn.LSTM(
            config.width,
            config.hidden_size,
            num_layers=config.num_layers,
            dropout=config.dropout,
            batch_first=True,
        )
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.hidden_size, config.vocab_size)

    def forward(
        self, tokens: Tensor, state: State | None = None
    ) -> tuple[Tensor, State]:
        """tokens (B, T) -> logits (B, T, vocab_size)

        With `state`, the state that the previous call returned, the sequence continues.
        """
        x, state = self.lstm(self.embed(tokens), state)  # (B, T, hidden_size)
        return self.head(self.dropout(x)), state
