"""``python -m builder`` is ``wireformer``."""

from builder.cli.commands import main

if __name__ == "__main__":
    main()
