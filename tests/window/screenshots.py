"""Make the pictures of the README from the examples and the real window.

python -m tests.window.screenshots
"""

import shutil
import tempfile
from pathlib import Path

from builder.graphics.theme import LIGHT
from builder.picture.picture import svg
from builder.storage.example_files import example_path
from nodes.core.files.model_file import load
from tests.window.driver import ROOT, Person

FOLDER = ROOT / "examples" / "pictures"
DRAWN = {
    "char_lstm": ("char_lstm", ""),
    "encoder_classifier": ("encoder_classifier", ""),
    "gpt_block": ("gpt", "Block"),
    "attention_from_primitives": ("attention_from_primitives", ""),
}
SIZE = (1600, 900)


def window(folder: Path) -> None:
    """Take the window in two themes, with a problem and its remedy on the screen."""
    person = Person(folder, "gpt", size=SIZE)
    try:
        person.click(*person.node("blocks"))
        person.key("Return")
        person.wait(lambda seen: seen["place"])
        person.click(*person.node("attn"))
        for theme in ("dark", "light"):
            person.wait(lambda seen, wanted=theme: seen["theme"] == wanted)
            shutil.copy(person.picture(f"readme_{theme}"), FOLDER / f"editor_{theme}.png")
            person.key("ctrl+t")
    finally:
        person.close()


def main() -> None:
    """Make every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, (example, block) in DRAWN.items():
        model, _ = load(example_path(example))
        (FOLDER / f"{name}.svg").write_text(svg(model, block, LIGHT), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        window(Path(folder))


if __name__ == "__main__":
    main()
