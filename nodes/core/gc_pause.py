"""A pause of Python's collector of cycles, for work that makes many small lasting objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Keep the collector from walking a large model again and again while it grows.

    What is made meanwhile has no cycles; memory is freed by reference counts as always.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
