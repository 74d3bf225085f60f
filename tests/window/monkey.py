"""Monkey test: random input to the window, with invariants checked after each event.

    python -m tests.window.monkey --events 5000 --seed 1

The same seed gives the same events.
"""

import argparse
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from nodes.core.files.model_file import loads
from tests.window.driver import WindowDriver

KEYS = """
    Tab shift+a ctrl+k ctrl+f F1 question ctrl+z ctrl+y ctrl+x ctrl+c ctrl+v ctrl+shift+v ctrl+d
    ctrl+shift+d Delete ctrl+Delete ctrl+shift+x ctrl+r ctrl+a ctrl+shift+a shift+Left shift+Right
    Left Right Up Down ctrl+Left ctrl+Down f Home period ctrl+equal ctrl+minus ctrl+0 ctrl+b m F2 c
    n ctrl+g ctrl+shift+g Return Escape l q alt+w alt+a F8 shift+F8 alt+m ctrl+grave ctrl+shift+i
    ctrl+t ctrl+h ctrl+n ctrl+o BackSpace Escape Escape
"""
WORDS = ("lstm", "linear", "12", "d_model", "attn", "2 * 3", "\\", "%s##", "embed", "-1")


class Monkey:
    """Sends random events."""

    def __init__(self, driver: WindowDriver, seed: int) -> None:
        self.driver, self.random = driver, random.Random(seed)
        self.events: list[str] = []
        self.initial = driver.state()

    def act(self) -> None:
        """Send a random event, and check the invariants."""
        weighted: list[tuple[int, Callable[[], str]]] = [
            (4, self.click),
            (2, self.double_click),
            (2, self.right_click),
            (6, self.drag),
            (3, self.drag_port),
            (2, self.wheel),
            (8, self.key),
            (2, self.type),
        ]
        weights, actions = zip(*weighted, strict=True)
        action = self.random.choices(actions, weights)[0]
        self.events.append(action())
        self.check()

    def check(self) -> None:
        """Check that no callback failed and that the document can be loaded."""
        state = self.driver.state()
        context = f"after {self.events[-8:]}: {self.driver.stderr()}"
        assert state["errors"] == 0, f"{state['messages']} {context}"
        loads(state["model"].encode())
        if not state["undo"] and not state["redo"]:
            self.initial = state  # another document was opened

    def undo_everything(self) -> None:
        """Undo everything, and check that the initial document is restored."""
        for _ in range(4):
            self.driver.key("Escape")
        for _ in range(len(self.events) + 200):
            if self.driver.state()["undo"] == 0:
                break
            self.driver.key("ctrl+z")
        assert self.driver.state()["model"] == self.initial["model"]

    # -- events ----------------------------------------------------------------------------------

    def point(self) -> tuple[float, float]:
        """Choose a pixel: often on a node, mostly on the canvas."""
        state = self.driver.state()
        nodes = [box for box in state["nodes"].values() if self._inside(box[:2], state["viewport"])]
        if nodes and self.random.random() < 0.5:
            x, y, width, height = self.random.choice(nodes)
            return x + self.random.random() * width, y + self.random.random() * height
        left, top, width, height = (
            state["viewport"] if self.random.random() < 0.8 else (0, 0, *self.driver.size)
        )
        return left + self.random.random() * width, top + self.random.random() * height

    @staticmethod
    def _inside(point: list[float], area: list[float]) -> bool:
        return all(
            low <= at < low + size for at, low, size in zip(point, area, area[2:], strict=False)
        )

    def click(self) -> str:
        point = self.point()
        self.driver.click(*point)
        return f"click {point}"

    def double_click(self) -> str:
        point = self.point()
        self.driver.move(*point)
        self.driver.xdotool("click", "--repeat", 2, "--delay", 40, 1)
        return f"double click {point}"

    def right_click(self) -> str:
        point = self.point()
        self.driver.click(*point, button=3)
        return f"right click {point}"

    def drag(self) -> str:
        start, end = self.point(), self.point()
        button = self.random.choice((1, 1, 1, 2, 3))
        self.driver.drag(start, end, button, steps=3)
        return f"drag {button} {start} {end}"

    def drag_port(self) -> str:
        ports = self.driver.state()["ports"]
        if not ports:
            return "no ports"
        start = self.random.choice(sorted(ports))
        end = self.random.choice([ports[self.random.choice(sorted(ports))], self.point()])
        self.driver.drag(tuple(ports[start]), tuple(end), steps=3)
        return f"drag {start} {end}"

    def wheel(self) -> str:
        notches = self.random.choice((-3, -1, 1, 3))
        self.driver.move(*self.point())
        self.driver.scroll(notches)
        return f"wheel {notches}"

    def key(self) -> str:
        key = self.random.choice(KEYS.split())
        self.driver.key(key)
        return key

    def type(self) -> str:
        word = self.random.choice(WORDS)
        self.driver.type(word)
        return f"type {word}"


def run(events: int, seed: int, folder: Path) -> None:
    """Send random events to the window with an example open."""
    driver = WindowDriver(folder, "char_lstm")
    try:
        monkey = Monkey(driver, seed)
        for _ in range(events):
            monkey.act()
        monkey.undo_everything()
    finally:
        driver.close()


def main() -> None:
    """Run the monkey test from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(options.events, options.seed, Path(folder))
    print(f"{options.events} events of seed {options.seed}: passed")  # noqa: T201


if __name__ == "__main__":
    main()
