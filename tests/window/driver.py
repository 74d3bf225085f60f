"""Drives the program for tests: observes it by its test probe, acts through the X server alone."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "window-tests"
TIMEOUT = 20
"""Seconds after which a condition that is waited for fails."""

State = dict[str, Any]
"""What the test probe reports; see builder.view.test_probe."""


class XServer:
    """An X server without a monitor."""

    def __init__(self, width: int, height: int) -> None:
        read, write = os.pipe()
        size = f"{width}x{height}x24"
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
        self.process = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            self.display = f":{pipe.readline().strip()}"

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


class WindowDriver:
    """Starts the program on an X server of its own, observes it, and sends mouse and key events."""

    def __init__(self, folder: Path, *arguments: str, size: tuple[int, int] = (1280, 800)) -> None:
        self.folder, self.size = folder, size
        self.server = XServer(*size)
        self.probe = folder / "probe"
        self.process: subprocess.Popen | None = None
        self.start(*arguments)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DISPLAY": self.server.display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "WIREFORMER_STATE": str(self.folder / "state"),
            "WIREFORMER_CONFIG": str(self.folder / "config"),
            "WIREFORMER_TEST_PROBE": str(self.probe),
            "OMP_NUM_THREADS": "1",
        }

    def start(self, *arguments: str) -> None:
        self.probe.mkdir(exist_ok=True)
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        settings = config / "settings.json"
        if not settings.exists():
            settings.write_text(json.dumps({"window": list(self.size)}))
        self.stderr_file = (self.folder / "stderr.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "builder", "edit", *arguments],
            cwd=ROOT,
            env=self.environment,
            stderr=self.stderr_file,
        )
        self.state()
        time.sleep(0.2)

    # -- observing -------------------------------------------------------------------------------

    def state(self) -> State:
        """Return the state of the window after all earlier events, once the view is still."""
        self.wait_until_still()
        return self._request("state")

    def wait_until_still(self) -> None:
        """Wait until earlier events have been handled and the camera does not move."""
        self._request("status")
        before, after = self._request("status"), self._request("status")
        deadline = time.monotonic() + TIMEOUT
        while before["camera"] != after["camera"] and not after["busy"]:
            assert time.monotonic() < deadline, f"the camera keeps moving: {before} {after}"
            before, after = after, self._request("status")

    def _request(self, request: str) -> State:
        response = self.probe / "response.json"
        response.unlink(missing_ok=True)
        partial = self.probe / "partial_request"
        partial.write_text(request)
        partial.replace(self.probe / "request")
        self._wait(response.exists, "the window does not respond")
        return json.loads(response.read_text())

    def _wait(self, condition: Callable[[], bool], failure: str) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            code = self.process.poll()
            assert code is None, f"the program ended with {code}: {self.stderr()}"
            assert time.monotonic() < deadline, f"{failure}: {self.stderr()}"
            time.sleep(0.005)

    def wait_for(
        self, condition: Callable[[State], object], failure: str = "the condition is not met"
    ) -> State:
        """Wait until the state meets a condition, and return it."""
        state = self.state()
        deadline = time.monotonic() + TIMEOUT
        while not condition(state):
            assert time.monotonic() < deadline, f"{failure}: {state['messages']} {state['dialog']}"
            state = self.state()
        return state

    def stderr(self) -> str:
        return (self.folder / "stderr.txt").read_text(errors="replace")[-2000:]

    def screenshot(self, name: str) -> Path:
        """Save what the window shows as a PNG file."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        path.unlink(missing_ok=True)
        self._request(str(path))
        self._wait(path.exists, "the screenshot is not written")
        return path

    def model(self) -> dict[str, Any]:
        return json.loads(self.state()["model"])

    def widget(self, text: str) -> tuple[float, float]:
        """Return the centre of the last widget with a name or a text."""

        def matches(state: State) -> list[State]:
            return [w for w in state["widgets"] if text in (w["name"], w["text"])]

        state = self.wait_for(matches, f"there is no widget {text!r}")
        x, y, width, height = matches(state)[-1]["rectangle"]
        return x + width / 2, y + height / 2

    def remedy(self) -> tuple[float, float]:
        """Return the centre of the button of the first remedy."""
        return self.widget(self.state()["remedies"][0])

    def port(self, name: str) -> tuple[float, float]:
        """Return the position of an output, as ``<lstm.output``, or input, as ``>lstm.input``."""
        return tuple(self.state()["ports"][name])

    def node(self, name: str) -> tuple[float, float]:
        """Return a point on the title of a node, where no port is."""
        x, y, width, _ = self.state()["nodes"][name]
        return x + width / 2, y + 14

    def empty_point(self) -> tuple[float, float]:
        """Return a point on the canvas, away from its border and from every node."""
        state = self.state()
        left, top, width, height = state["viewport"]
        centre = left + width / 2, top + height / 2
        cards = list(state["nodes"].values())

        def is_free(x: float, y: float) -> bool:
            return all(
                not (a - 40 < x < a + w + 40 and b - 40 < y < b + h + 40) for a, b, w, h in cards
            )

        xs = range(round(left) + 100, round(left + width) - 100, 20)
        ys = range(round(top) + 100, round(top + height) - 100, 20)
        free = [(x, y) for x in xs for y in ys if is_free(x, y)]
        return min(free, key=lambda point: abs(point[0] - centre[0]) + abs(point[1] - centre[1]))

    # -- acting ----------------------------------------------------------------------------------

    def xdotool(self, *arguments: object) -> None:
        words = (f"{word:.0f}" if isinstance(word, float) else str(word) for word in arguments)
        command = ["xdotool", *words]
        subprocess.run(command, env=self.environment, check=True, timeout=TIMEOUT)
        time.sleep(0.02)  # until the X server has delivered the events

    def move(self, x: float, y: float) -> None:
        inside = (max(0.0, min(at, size - 1.0)) for at, size in zip((x, y), self.size, strict=True))
        self.xdotool("mousemove", *inside)
        self.wait_until_still()

    def click(self, x: float, y: float, button: int = 1, times: int = 1) -> None:
        self.move(x, y)
        for _ in range(times):
            self.xdotool("mousedown", button)
            self.wait_until_still()
            self.xdotool("mouseup", button)
            self.wait_until_still()

    def drag(
        self, start: tuple[float, float], end: tuple[float, float], button: int = 1, steps: int = 6
    ) -> None:
        self.move(*start)
        self.xdotool("mousedown", button)
        self.wait_until_still()
        for step in range(1, steps + 1):
            share = step / steps
            self.move(*(a + (b - a) * share for a, b in zip(start, end, strict=True)))
        self.xdotool("mouseup", button)
        self.wait_until_still()

    def scroll(self, notches: int) -> None:
        """Turn the wheel; positive numbers turn it away from the user."""
        for _ in range(abs(notches)):
            self.xdotool("click", 4 if notches > 0 else 5)
            self.wait_until_still()

    def key(self, *names: str) -> None:
        for name in names:
            self.xdotool("key", "--clearmodifiers", name)
            self.wait_until_still()

    def type(self, text: str) -> None:
        self.xdotool("type", "--delay", "30", "--", text)
        self.wait_until_still()

    # -- ending ----------------------------------------------------------------------------------

    def kill(self) -> None:
        """End the program without a chance to save, as a power failure would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.stderr_file.close()
        self.server.close()
