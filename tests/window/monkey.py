"""Random input to the real window, with what must hold after each event.

    python -m tests.window.monkey --events 5000 --seed 1

The same seed gives the same events.
"""

import argparse
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from nodes.core.files.model_file import loads
from tests.window.driver import Person

KEYS = """
    Tab shift+a ctrl+k ctrl+f F1 question ctrl+z ctrl+y ctrl+x ctrl+c ctrl+v ctrl+shift+v ctrl+d
    ctrl+shift+d Delete ctrl+Delete ctrl+shift+x ctrl+r ctrl+a ctrl+shift+a shift+Left shift+Right
    Left Right Up Down ctrl+Left ctrl+Down f Home period ctrl+equal ctrl+minus ctrl+0 ctrl+b m F2 c
    n ctrl+g ctrl+shift+g Return Escape l q alt+w alt+a F8 shift+F8 alt+m ctrl+grave ctrl+shift+i
    ctrl+t ctrl+h ctrl+n ctrl+o BackSpace Escape Escape
"""
WORDS = ("lstm", "linear", "12", "d_model", "attn", "2 * 3", "\\", "%s##", "embed", "-1")


class Monkey:
    """Does one random thing after the other."""

    def __init__(self, person: Person, seed: int) -> None:
        self.person, self.random = person, random.Random(seed)
        self.done: list[str] = []
        self.first = person.look()

    def act(self) -> None:
        """Do something, and see that all is well."""
        deeds: list[tuple[int, Callable[[], str]]] = [
            (4, self.click),
            (2, self.double_click),
            (2, self.right_click),
            (6, self.drag),
            (3, self.drag_port),
            (2, self.wheel),
            (8, self.key),
            (2, self.type),
        ]
        deed = self.random.choices([one for _, one in deeds], [weight for weight, _ in deeds])[0]
        self.done.append(deed())
        self.see()

    def see(self) -> None:
        """See that the document is one, and that nothing went wrong."""
        seen = self.person.look()
        told = f"after {self.done[-8:]}: {self.person.said()}"
        assert seen["faults"] == 0, f"{seen['messages']} {told}"
        loads(seen["model"].encode())
        if not seen["undo"] and not seen["redo"]:
            self.first = seen  # another document was begun

    def undo_everything(self) -> None:
        """See that undoing everything gives the first document."""
        for _ in range(4):
            self.person.key("Escape")
        for _ in range(len(self.done) + 200):
            if self.person.look()["undo"] == 0:
                break
            self.person.key("ctrl+z")
        assert self.person.look()["model"] == self.first["model"]

    # -- what it does ----------------------------------------------------------------------------

    def point(self) -> tuple[float, float]:
        """Choose a pixel: often on a node, mostly on the canvas."""
        seen = self.person.look()
        nodes = [box for box in seen["nodes"].values() if self._inside(box[:2], seen["view"])]
        if nodes and self.random.random() < 0.5:
            x, y, width, height = self.random.choice(nodes)
            return x + self.random.random() * width, y + self.random.random() * height
        left, top, width, height = (
            seen["view"] if self.random.random() < 0.8 else (0, 0, *self.person.size)
        )
        return left + self.random.random() * width, top + self.random.random() * height

    @staticmethod
    def _inside(place: list[float], view: list[float]) -> bool:
        return all(
            low <= at < low + size for at, low, size in zip(place, view, view[2:], strict=False)
        )

    def click(self) -> str:
        place = self.point()
        self.person.click(*place)
        return f"click {place}"

    def double_click(self) -> str:
        place = self.point()
        self.person.move(*place)
        self.person.do("click", "--repeat", 2, "--delay", 40, 1)
        return f"double click {place}"

    def right_click(self) -> str:
        place = self.point()
        self.person.click(*place, button=3)
        return f"right click {place}"

    def drag(self) -> str:
        start, end = self.point(), self.point()
        button = self.random.choice((1, 1, 1, 2, 3))
        self.person.drag(start, end, button, steps=3)
        return f"drag {button} {start} {end}"

    def drag_port(self) -> str:
        ports = self.person.look()["ports"]
        if not ports:
            return "no ports"
        start = self.random.choice(sorted(ports))
        end = self.random.choice([ports[self.random.choice(sorted(ports))], self.point()])
        self.person.drag(tuple(ports[start]), tuple(end), steps=3)
        return f"drag {start} {end}"

    def wheel(self) -> str:
        steps = self.random.choice((-3, -1, 1, 3))
        self.person.move(*self.point())
        self.person.scroll(steps)
        return f"wheel {steps}"

    def key(self) -> str:
        key = self.random.choice(KEYS.split())
        self.person.key(key)
        return key

    def type(self) -> str:
        word = self.random.choice(WORDS)
        self.person.type(word)
        return f"type {word}"


def run(events: int, seed: int, folder: Path) -> None:
    """Let a monkey loose on an example."""
    person = Person(folder, "char_lstm")
    try:
        monkey = Monkey(person, seed)
        for _ in range(events):
            monkey.act()
        monkey.undo_everything()
    finally:
        person.close()


def main() -> None:
    """Run as long as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(chosen.events, chosen.seed, Path(folder))
    print(f"{chosen.events} events of seed {chosen.seed}: all is well")  # noqa: T201


if __name__ == "__main__":
    main()
