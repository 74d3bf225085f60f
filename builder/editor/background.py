"""Work on a thread of its own, while the window stays alive."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Background(Generic[T]):
    """Work that is done on a daemon thread; `finish` hands over the result.

    Args:
        work: does the work.
        then: called with its result, by `finish`.
        name: the name of the thread.
    """

    def __init__(self, work: Callable[[], T], then: Callable[[T], None], name: str) -> None:
        self._work, self._then = work, then
        self._result: list[T] = []
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the work is done."""
        return bool(self._result) or self._error is not None

    def finish(self) -> None:
        """Wait for the result, and hand it over; raise what the work raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        self._then(self._result[0])

    def _run(self) -> None:
        try:
            self._result.append(self._work())
        except Exception as error:  # noqa: BLE001 (raised by `finish`)
            self._error = error
