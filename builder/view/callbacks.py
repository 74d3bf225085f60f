"""Runs what the window calls back: one after the other, on the thread of the window, guarded."""

import inspect
import logging
from collections.abc import Callable

import dearpygui.dearpygui as dpg

log = logging.getLogger("wireformer")


class Guard:
    """Keeps a fault in one place from ending the window: it is logged and told, once.

    Attributes:
        tell: is told of each fault the first time it happens.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell
        self.faults = 0
        self._told: set[str] = set()

    def run(self, work: Callable[..., object], *arguments: object) -> None:
        """Do some work; what it raises is a message and a line in the log."""
        try:
            work(*arguments)
        except Exception as error:
            self.faults += 1
            what = f"{type(error).__name__}: {error}"
            if what not in self._told:
                self._told.add(what)
                log.exception("a fault in the window")
                self.tell(f"something went wrong inside the program, and is in its log: {what}")

    def run_queue(self) -> None:
        """Do what the widgets have called for since."""
        for job in dpg.get_callback_queue() or ():
            callback, *arguments = job
            if callback is not None:
                self.run(callback, *arguments[: _count(callback)])


def _count(callback: Callable[..., object]) -> int:
    """Tell how many of sender, data and user data a callback takes."""
    takes = inspect.signature(callback).parameters.values()
    if any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in takes):
        return 3
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    return min(3, sum(one.kind in kinds for one in takes))
