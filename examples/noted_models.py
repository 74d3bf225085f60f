"""Models with the notes of a file."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path

from nodes.core.graphs.graph import Model

FOLDER = Path(__file__).parent


def noted(make: Callable[[], Model]) -> Callable[[], Model]:
    """Add the notes of the file ``notes/NAME.txt`` to the model that a function NAME builds."""

    @wraps(make)
    def make_with_notes() -> Model:
        model = make()
        notes = (FOLDER / "notes" / f"{make.__name__}.txt").read_text(encoding="utf-8").strip()
        return replace(model, graph=replace(model.graph, notes=notes))

    return make_with_notes
