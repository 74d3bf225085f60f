"""Generate the images of the README from the examples and the running program.

python -m tests.window.screenshots
"""

import shutil
import tempfile
from pathlib import Path

from builder.graphics.theme import LIGHT
from builder.picture.picture import svg
from builder.storage.example_files import example_path
from nodes.core.files.model_file import load
from tests.window.driver import ROOT, WindowDriver

FOLDER = ROOT / "examples" / "pictures"
GRAPHS = {
    "char_lstm": ("char_lstm", ""),
    "encoder_classifier": ("encoder_classifier", ""),
    "gpt_block": ("gpt", "Block"),
    "attention_from_primitives": ("attention_from_primitives", ""),
}
SIZE = (1600, 900)


def take_screenshots(folder: Path) -> None:
    """Save a screenshot of the window in two themes."""
    driver = WindowDriver(folder, "gpt", size=SIZE)
    try:
        driver.click(*driver.node("blocks"))
        driver.key("Return")
        driver.wait_for(lambda state: state["block_path"])
        driver.click(*driver.node("attn"))
        for theme in ("dark", "light"):
            driver.wait_for(lambda state, wanted=theme: state["theme"] == wanted)
            shutil.copy(driver.screenshot(f"readme_{theme}"), FOLDER / f"editor_{theme}.png")
            driver.key("ctrl+t")
    finally:
        driver.close()


def main() -> None:
    """Generate every image."""
    FOLDER.mkdir(exist_ok=True)
    for name, (example, block) in GRAPHS.items():
        model, _ = load(example_path(example))
        (FOLDER / f"{name}.svg").write_text(svg(model, block, LIGHT), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        take_screenshots(Path(folder))


if __name__ == "__main__":
    main()
