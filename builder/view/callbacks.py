"""Runs the callbacks of the widgets, one after the other, on the thread of the window."""

import inspect
import logging
from collections.abc import Callable

import dearpygui.dearpygui as dpg

log = logging.getLogger("wireformer")


class CallbackRunner:
    """Logs and reports exceptions of callbacks and views instead of ending the program.

    Attributes:
        report: is called with a message for each distinct exception.
        errors: the number of exceptions so far.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report = report
        self.errors = 0
        self._reported: set[str] = set()

    def run(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function; log an exception, and report it if it is the first of its kind."""
        try:
            function(*arguments)
        except Exception as error:
            self.errors += 1
            description = f"{type(error).__name__}: {error}"
            if description not in self._reported:
                self._reported.add(description)
                log.exception("internal error in the window")
                self.report(f"internal error, see the log: {description}")

    def run_queue(self) -> None:
        """Run the callbacks that have been queued since the last call."""
        for callback, *arguments in dpg.get_callback_queue() or ():
            if callback is not None:
                self.run(callback, *arguments[: _count_parameters(callback)])


def _count_parameters(callback: Callable[..., object]) -> int:
    """Return how many of sender, data and user data a callback accepts."""
    parameters = inspect.signature(callback).parameters.values()
    if any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters):
        return 3
    positional = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    return min(3, sum(parameter.kind in positional for parameter in parameters))
