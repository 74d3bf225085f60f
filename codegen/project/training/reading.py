import sys
from pathlib import Path


# ------------------------------------------------------------------------------- data
def read_data(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(
            f"data: expected a readable text file in UTF-8, got {path!r} ({error}). "
            "Name another with --data."
        )
