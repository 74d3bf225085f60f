"""The log file, to which unexpected errors are written."""

import logging
import logging.handlers
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from nodes.core.files.strict_json import quote
from nodes.core.files.write_errors import reason

NAME = "wireformer"
SIZE, COUNT = 2**20, 3

LOG = logging.getLogger(NAME)


class _LogFile(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """Drop the record: a log that cannot be written must not stop the program."""


def log_path(state_dir: Path) -> Path:
    """Return the path of the log file."""
    return state_dir / f"{NAME}.log"


def start_log(state_dir: Path) -> str:
    """Log to a file, uncaught exceptions included; return why that is impossible, or ""."""
    path = log_path(state_dir)
    stop_log()
    LOG.propagate = False
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = _LogFile(
            path, maxBytes=SIZE, backupCount=COUNT, encoding="utf-8", errors="backslashreplace"
        )
    except (OSError, ValueError) as error:
        LOG.addHandler(logging.NullHandler())
        return f"errors are not logged: {quote(str(path))} cannot be written: {reason(error)}"
    handler.setFormatter(logging.Formatter("%(asctime)s %(threadName)s %(levelname)s %(message)s"))
    LOG.addHandler(handler)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    return ""


def stop_log() -> None:
    """Stop logging."""
    for handler in tuple(LOG.handlers):
        LOG.removeHandler(handler)
        with suppress(OSError, ValueError):
            handler.close()
    if sys.excepthook is _uncaught:
        sys.excepthook = sys.__excepthook__
    if threading.excepthook is _uncaught_in_thread:
        threading.excepthook = threading.__excepthook__


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        LOG.critical("uncaught exception", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)


def _uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    error = arguments.exc_value
    if error is not None:
        LOG.critical("uncaught exception", exc_info=error)
    threading.__excepthook__(arguments)
