"""``python -m builder`` is ``wireformer``."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Python has put the working directory first on its path, and the user may have folders there
    # that are called like our packages.
    root = Path(__file__).resolve().parents[1]
    if not sys.flags.safe_path and Path(sys.path[0]).resolve() != root:
        del sys.path[0]

    from builder.cli.commands import main

    main()
