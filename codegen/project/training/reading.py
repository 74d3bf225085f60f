import sys
from pathlib import Path


# ------------------------------------------------------------------------------- data
def read_data(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(
            f"data: a file of text in UTF-8 is expected, but {path!a} cannot be read "
            f"({error}). Name another with --data."
        )
