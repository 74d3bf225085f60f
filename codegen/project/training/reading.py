import sys
from pathlib import Path
from typing import NoReturn

# ------------------------------------------------------------------------------- data
EVALUATED = 100  # batches of the validation split that are evaluated at most


def refuse(expected: str, found: str, remedy: str) -> NoReturn:
    sys.exit(f"data: expected {expected}, got {found}. {remedy}")


def note(text: str) -> None:
    """Print what may be a mistake in the data."""
    print(f"note: {text}", file=sys.stderr)


def read_data(path: str) -> str:
    """Read a text in UTF-8; every line end becomes a newline."""
    expected = f"text in UTF-8 in {path!r}"
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        refuse("a readable file", f"{path!r} ({error.strerror})", "Change --data.")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = f"the byte {error.object[error.start]:#x} in line {line}"
        refuse(expected, byte, "Save it in UTF-8, a table as CSV.")
    if not text.strip():
        refuse(expected, "none", "Fill the file, or name another with --data.")
    if "\0" in text:
        refuse(expected, "a NUL character", "Save it in UTF-8, a table as CSV.")
    return text
