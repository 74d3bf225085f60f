"""The ways in which a node streams."""

from enum import Enum


class Streaming(Enum):
    """How a node streams: runs on a sequence in chunks with the result of the whole."""

    POINTWISE = "each step by itself"
    POSITION = "each step by itself, with its position"
    STATEFUL = "with cached state of earlier steps"
    WHOLE = "not at all: it needs the whole sequence"
