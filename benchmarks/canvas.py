"""Time the canvas and a bare Dear PyGui node editor with the same nodes; nothing is asserted.

    python benchmarks/canvas.py

Prints frames per second while both are panned by the same mouse movements, the canvas also while
the whole graph is in view; the time to the first frame; and the load of an idle window.  Each case
runs in its own process, as a process can open one window only.  Needs xdotool, which moves the
mouse, and a display; without one, Xvfb is started.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import dearpygui.dearpygui as dpg
from compiler import residual_model

from builder.editor.editor import Editor
from builder.editor.make_editor import make_editor
from builder.storage.settings import Settings
from builder.view.application import Application
from builder.view.callbacks import Guard
from builder.view.canvas.canvas_view import CanvasView
from builder.view.widgets import fonts, style
from nodes.core.graphs.graph import MAIN, Model

COUNTS = (100, 1_000, 10_000)
WIDTH, HEIGHT = 1280, 800
SECONDS = 4.0
TIMEOUT = 180.0
"""Seconds after which a case is cancelled."""
COLUMN, ROW = 300.0, 240.0


def laid_out(count: int) -> Model:
    """Build a model with ``count`` nodes in rows, with the aspect ratio of the window."""
    model = residual_model(count)
    across = math.ceil(math.sqrt(count * ROW / COLUMN * WIDTH / HEIGHT))
    places = {
        name: (place % across * COLUMN, place // across * ROW)
        for place, name in enumerate(model.graph.nodes)
    }
    return replace(model, layout={MAIN: places})


def an_editor(model: Model) -> Editor:
    """Open a model in an editor with its own settings, and finish its analysis."""
    folder = Path(tempfile.mkdtemp())
    editor = make_editor(Settings.load(folder), folder)
    editor.session.new(model)
    editor.analysis.finish()
    return editor


def pan_command(seconds: float) -> list[str]:
    """Return the xdotool command that pans to and fro with the middle button."""
    middle = WIDTH // 2, HEIGHT // 2
    words = ["mousemove", *map(str, middle), "mousedown", "2"]
    steps = round(seconds / 0.02)
    for step in range(steps):
        angle = step / 20
        x, y = middle[0] + 300 * math.sin(angle), middle[1] + 150 * math.sin(angle / 2)
        words += ["mousemove", str(round(x)), str(round(y)), "sleep", "0.02"]
    return ["xdotool", *words, "mouseup", "2"]


def frames_per_second(frame: Callable[[], None]) -> float:
    """Measure the frame rate while the mouse pans."""
    xdotool = subprocess.Popen(pan_command(SECONDS))
    began = time.perf_counter()
    frames = 0
    while xdotool.poll() is None or frames == 0:
        frame()
        frames += 1
    return frames / (time.perf_counter() - began)


# -- the cases, each in its own process ------------------------------------------------------------


def open_window(build: Callable[[], Callable[[], None]]) -> Callable[[], None]:
    """Open a window; return the function that draws its next frame."""
    dpg.create_context()
    dpg.configure_app(manual_callback_management=True)
    fonts.load_fonts(1.0)
    dpg.create_viewport(width=WIDTH, height=HEIGHT, x_pos=0, y_pos=0, vsync=False)
    with dpg.window(tag="main", no_scrollbar=True):
        update = build()
    dpg.setup_dearpygui()
    dpg.show_viewport()
    dpg.set_primary_window("main", True)

    def frame() -> None:
        update()
        dpg.render_dearpygui_frame()

    for _ in range(10):
        frame()
    return frame


def our_canvas(count: int) -> dict[str, float]:
    """Pan our canvas at several zoom levels, and with the whole graph in view."""
    editor = an_editor(laid_out(count))
    views: list[CanvasView] = []
    guard = Guard(sys.stderr.write)

    def build() -> Callable[[], None]:
        style.make_style(editor.theme, 1.0)
        with dpg.child_window(border=False, no_scrollbar=True, tag="canvas"):
            pass
        views.append(CanvasView(editor, "canvas"))

        def update() -> None:
            guard.run_queue()
            editor.tick(time.monotonic())
            views[0].update()

        return update

    frame = open_window(build)
    found = {}
    middle = WIDTH / 2, HEIGHT / 2
    for name, zoom in (("near", 1.0), ("half", 0.5), ("quarter", 0.25), ("whole", None)):
        if zoom is None:
            editor.navigation.zoom_to_fit()
        else:
            editor.camera = editor.camera.zoomed(zoom / editor.camera.zoom, middle)
        for _ in range(60):
            frame()
        found[name] = frames_per_second(frame)
    return found


def bare_editor(count: int) -> dict[str, float]:
    """Pan a node editor of Dear PyGui with the same nodes, ports and edges."""
    scene = an_editor(laid_out(count)).scene

    def build() -> Callable[[], None]:
        ports = {}
        sides = {True: dpg.mvNode_Attr_Input, False: dpg.mvNode_Attr_Output}
        with dpg.node_editor(tag="bare"):
            for name, figure in scene.nodes.items():
                with dpg.node(label=figure.title, pos=[round(at) for at in scene.positions[name]]):
                    for port in figure.ports:
                        side = sides[port.end.is_input]
                        with dpg.node_attribute(attribute_type=side) as ports[port.end]:
                            dpg.add_text(port.label)
                    with dpg.node_attribute(attribute_type=dpg.mvNode_Attr_Static):
                        for line in figure.lines:
                            dpg.add_text(line)
        found = {(end.ref, end.is_input): port for end, port in ports.items()}
        for target, edge in scene.edges.items():
            dpg.add_node_link(found[edge.source, False], found[target, True], parent="bare")
        return lambda: None

    return {"near": frames_per_second(open_window(build))}


class _Timed(Application):
    """The window of the program, with a callback after each frame.

    Attributes:
        drawn: the callback.
    """

    drawn: Callable[[], None]

    def _round(self) -> None:
        super()._round()
        self.drawn()


def first_frame(began: float) -> dict[str, float]:
    """Measure the time to the first frame of the window with a graph of 100 nodes."""
    window = _Timed(an_editor(laid_out(COUNTS[0])))

    def stop() -> None:
        found.append(time.time() - began)
        window.editor.view_state.closing = True

    found: list[float] = []
    window.drawn = stop
    window.run()
    return {"seconds": found[0]}


def idle(seconds: float) -> dict[str, float]:
    """Measure the load of the idle window, as a share of one core."""
    window = _Timed(an_editor(laid_out(COUNTS[0])))
    window.drawn = lambda: None

    def watch() -> None:
        time.sleep(6)
        began = time.process_time()
        time.sleep(seconds)
        share = (time.process_time() - began) / seconds
        sys.stdout.write(json.dumps({"share": share}))
        sys.stdout.flush()
        # The window sleeps until the next event, and there is none.
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    window.run()
    return {}


CASES: dict[str, Callable[[float], dict[str, float]]] = {
    "canvas": lambda count: our_canvas(int(count)),
    "bare": lambda count: bare_editor(int(count)),
    "first": first_frame,
    "idle": idle,
}


# -- all of them -----------------------------------------------------------------------------------


def measure(case: str, argument: float) -> dict[str, float]:
    """Run a case in its own process; return nothing if it fails or takes too long."""
    command = [sys.executable, __file__, case, repr(argument)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return {}
    if done.returncode or not done.stdout:
        sys.stderr.write(done.stderr)
        return {}
    return json.loads(done.stdout)


@contextmanager
def a_display() -> Iterator[None]:
    """Provide a display; start Xvfb if there is none."""
    if not sys.platform.startswith("linux") or os.environ.get("DISPLAY"):
        yield
        return
    sys.stdout.write("no display: started Xvfb, which renders in software\n")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as output:
        os.environ["DISPLAY"] = f":{output.readline().strip()}"
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def formatted(rate: float | None) -> str:
    """Format a frame rate."""
    return "-" if rate is None else f"{rate:.1f}" if rate < 10 else f"{rate:.0f}"


def main() -> None:
    """Print all measurements."""
    if shutil.which("xdotool") is None:
        sys.exit("xdotool, which moves the mouse, was not found; install it and try again.")
    out = sys.stdout.write
    with a_display():
        out("frames per second while panning\n")
        out(f"{'nodes':>7} {'at 1':>8} {'at 1/2':>8} {'at 1/4':>8} {'whole':>8} {'bare':>8}\n")
        for count in COUNTS:
            ours, bare = measure("canvas", count), measure("bare", count)
            row = [ours.get(name) for name in ("near", "half", "quarter", "whole")]
            cells = "".join(f" {formatted(rate):>8}" for rate in (*row, bare.get("near")))
            out(f"{count:>7,}{cells}\n")
            sys.stdout.flush()
        begun = measure("first", time.time()).get("seconds")
        out(f"to the first frame: {begun:.2f} s\n" if begun else "no first frame\n")
        share = measure("idle", 10.0).get("share")
        out(f"idle: {share:.2%} of a core\n" if share is not None else "no idle window\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(CASES[sys.argv[1]](float(sys.argv[2]))))
        sys.stdout.flush()
        # Closing the window can be slow, and is not measured.
        os._exit(0)
    main()
