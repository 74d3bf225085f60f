"""``python -m builder`` is ``wireformer``."""

from builder.cli import main

if __name__ == "__main__":
    main()
