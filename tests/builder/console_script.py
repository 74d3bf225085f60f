"""The console command ``wireformer``, started as the launcher that pip installs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAUNCHER = """\
import re
import sys
from builder.cli.commands import main

if __name__ == "__main__":
    sys.argv[0] = re.sub(r"(-script\\.pyw|\\.exe)?$", "", sys.argv[0])
    sys.exit(main())
"""


def install_launcher(folder: Path) -> Path:
    """Write the launcher into a folder of its own, as pip does."""
    launcher = folder / "bin" / "wireformer"
    launcher.parent.mkdir(parents=True)
    launcher.write_text(LAUNCHER, encoding="utf-8")
    return launcher


def start(*command: object, cwd: Path) -> subprocess.Popen[str]:
    """Start Python with this checkout as if it were installed."""
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def plant_packages(folder: Path, *names: str) -> None:
    """Write packages whose import ends the program."""
    for name in names:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("raise SystemExit('planted')\n")
