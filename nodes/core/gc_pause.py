"""A pause of the garbage collector, for work that allocates many small objects that stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Disable the cyclic garbage collector, which would scan a growing model again and again.

    The objects made meanwhile have no cycles; reference counts free them as always.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
