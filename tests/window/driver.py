"""A person at the window, for tests: looks through the witness, acts through the X server alone."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "window-tests"
PATIENCE = 20
"""Seconds after which what is waited for will not come."""


class Screen:
    """An X server without a monitor."""

    def __init__(self, width: int, height: int) -> None:
        read, write = os.pipe()
        size = f"{width}x{height}x24"
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
        self.process = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as told:
            self.display = f":{told.readline().strip()}"

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


class Person:
    """Starts the program on a screen of its own, looks at it, and uses mouse and keyboard."""

    def __init__(self, folder: Path, *arguments: str, size: tuple[int, int] = (1280, 800)) -> None:
        self.folder, self.size = folder, size
        self.screen = Screen(*size)
        self.witness = folder / "witness"
        self.process: subprocess.Popen | None = None
        self.start(*arguments)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DISPLAY": self.screen.display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "WIREFORMER_STATE": str(self.folder / "state"),
            "WIREFORMER_CONFIG": str(self.folder / "config"),
            "WIREFORMER_WITNESS": str(self.witness),
            "OMP_NUM_THREADS": "1",
        }

    def start(self, *arguments: str) -> None:
        self.witness.mkdir(exist_ok=True)
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        settings = config / "settings.json"
        if not settings.exists():
            settings.write_text(json.dumps({"window": list(self.size)}))
        self.errors = (self.folder / "stderr.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "builder", "edit", *arguments],
            cwd=ROOT,
            env=self.environment,
            stderr=self.errors,
        )
        self.look()
        time.sleep(0.2)

    # -- looking ---------------------------------------------------------------------------------

    def look(self) -> dict[str, Any]:
        """See the window as it is after what was done so far, once the view is at rest."""
        self.rest()
        return self._ask("look")

    def rest(self) -> None:
        """Wait until what was done has been taken in, and the view is at rest."""
        self._ask("glance")
        before, seen = self._ask("glance"), self._ask("glance")
        end = time.monotonic() + PATIENCE
        while before["camera"] != seen["camera"] and not seen["busy"]:
            assert time.monotonic() < end, f"the view finds no rest: {before} {seen}"
            before, seen = seen, self._ask("glance")

    def _ask(self, question: str) -> dict[str, Any]:
        answer = self.witness / "answer.json"
        answer.unlink(missing_ok=True)
        part = self.witness / "question"
        part.write_text(question)
        part.replace(self.witness / "ask")
        self._until(answer.exists, "the window gives no answer")
        return json.loads(answer.read_text())

    def _until(self, there: Any, otherwise: str) -> None:
        end = time.monotonic() + PATIENCE
        while not there():
            code = self.process.poll()
            assert code is None, f"the window ended with {code}: {self.said()}"
            assert time.monotonic() < end, f"{otherwise}: {self.said()}"
            time.sleep(0.005)

    def wait(self, there: Any, otherwise: str = "what was expected does not come") -> dict:
        """Look until something is there."""
        seen = self.look()
        end = time.monotonic() + PATIENCE
        while not there(seen):
            assert time.monotonic() < end, f"{otherwise}: {seen['messages']} {seen['dialog']}"
            seen = self.look()
        return seen

    def said(self) -> str:
        return (self.folder / "stderr.txt").read_text(errors="replace")[-2000:]

    def picture(self, name: str) -> Path:
        """Keep what the window shows as a picture."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        path.unlink(missing_ok=True)
        self._ask(str(path))
        self._until(path.exists, "no picture comes")
        return path

    def model(self) -> dict[str, Any]:
        return json.loads(self.look()["model"])

    def widget(self, text: str) -> tuple[float, float]:
        """Find the middle of a widget by its name or the text on it."""

        def found(seen: dict) -> list:
            return [w for w in seen["widgets"] if text in (w["name"], w["text"])]

        x, y, width, height = found(self.wait(found, f"there is no widget {text!r}"))[-1]["at"]
        return x + width / 2, y + height / 2

    def remedy(self) -> tuple[float, float]:
        """Find the button of the first remedy."""
        return self.widget(self.look()["remedies"][0])

    def port(self, name: str) -> tuple[float, float]:
        """Find a port: ``<lstm.output`` for an output, ``>lstm.input`` for an input."""
        return tuple(self.look()["ports"][name])

    def node(self, name: str) -> tuple[float, float]:
        """Find a place on a node where no port is: its title."""
        x, y, width, _ = self.look()["nodes"][name]
        return x + width / 2, y + 14

    def empty(self) -> tuple[float, float]:
        """Find a place on the canvas where nothing is, far from its border."""
        seen = self.look()
        left, top, width, height = seen["view"]
        middle = left + width / 2, top + height / 2
        taken = list(seen["nodes"].values())

        def is_free(x: float, y: float) -> bool:
            return all(
                not (a - 40 < x < a + w + 40 and b - 40 < y < b + h + 40) for a, b, w, h in taken
            )

        across = range(round(left) + 100, round(left + width) - 100, 20)
        down = range(round(top) + 100, round(top + height) - 100, 20)
        free = [(x, y) for x in across for y in down if is_free(x, y)]
        return min(free, key=lambda at: abs(at[0] - middle[0]) + abs(at[1] - middle[1]))

    # -- acting ----------------------------------------------------------------------------------

    def do(self, *words: object) -> None:
        command = ["xdotool", *(f"{w:.0f}" if isinstance(w, float) else str(w) for w in words)]
        subprocess.run(command, env=self.environment, check=True, timeout=PATIENCE)
        time.sleep(0.02)  # until the server has passed it on

    def move(self, x: float, y: float) -> None:
        inside = (max(0.0, min(at, size - 1.0)) for at, size in zip((x, y), self.size, strict=True))
        self.do("mousemove", *inside)
        self.rest()

    def click(self, x: float, y: float, button: int = 1, times: int = 1) -> None:
        self.move(x, y)
        for _ in range(times):
            self.do("mousedown", button)
            self.rest()
            self.do("mouseup", button)
            self.rest()

    def drag(
        self, start: tuple[float, float], end: tuple[float, float], button: int = 1, steps: int = 6
    ) -> None:
        self.move(*start)
        self.do("mousedown", button)
        self.rest()
        for step in range(1, steps + 1):
            share = step / steps
            self.move(*(a + (b - a) * share for a, b in zip(start, end, strict=True)))
        self.do("mouseup", button)
        self.rest()

    def scroll(self, steps: int) -> None:
        """Turn the wheel: away from the person is above 0."""
        for _ in range(abs(steps)):
            self.do("click", 4 if steps > 0 else 5)
            self.rest()

    def key(self, *names: str) -> None:
        for name in names:
            self.do("key", "--clearmodifiers", name)
            self.rest()

    def type(self, text: str) -> None:
        self.do("type", "--delay", "30", "--", text)
        self.rest()

    # -- ending ----------------------------------------------------------------------------------

    def kill(self) -> None:
        """End the program as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.errors.close()
        self.screen.close()
