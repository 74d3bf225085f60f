"""Time the canvas, and a plain Dear PyGui node editor with the same nodes for comparison.

    python benchmarks/canvas.py

Prints the frames per second while both are panned by the same mouse movement, the canvas at several
zooms; the time from the start to the first frame; and the share of a core that an idle window uses.
Each case runs in a process of its own, as a process can open only one window.  Needs xdotool, which
moves the mouse, and a display; where there is none, Xvfb is started.
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
from builder.view.callbacks import CallbackRunner
from builder.view.canvas.canvas_view import CanvasView
from builder.view.widgets import fonts, style
from nodes.core.graphs.graph import MAIN, Model

COUNTS = (100, 1_000, 10_000)
WIDTH, HEIGHT = 1280, 800
SECONDS = 4.0
TIMEOUT = 180.0
"""Seconds after which a case is given up."""
COLUMN, ROW = 300.0, 240.0


def laid_out(count: int) -> Model:
    """Make a model of so many nodes, laid out in rows in the aspect ratio of the window."""
    model = residual_model(count)
    columns = math.ceil(math.sqrt(count * ROW / COLUMN * WIDTH / HEIGHT))
    positions = {
        name: (index % columns * COLUMN, index // columns * ROW)
        for index, name in enumerate(model.graph.nodes)
    }
    return replace(model, layout={MAIN: positions})


def open_editor(model: Model) -> Editor:
    """Open a model in an editor with default settings, and wait for its analysis."""
    folder = Path(tempfile.mkdtemp())
    editor = make_editor(Settings.load(folder), folder)
    editor.session.new(model)
    editor.analysis.finish()
    return editor


def pan_command(seconds: float) -> list[str]:
    """Return the xdotool command that pans back and forth with the middle button."""
    middle = WIDTH // 2, HEIGHT // 2
    arguments = ["mousemove", *map(str, middle), "mousedown", "2"]
    steps = round(seconds / 0.02)
    for step in range(steps):
        angle = step / 20
        x, y = middle[0] + 300 * math.sin(angle), middle[1] + 150 * math.sin(angle / 2)
        arguments += ["mousemove", str(round(x)), str(round(y)), "sleep", "0.02"]
    return ["xdotool", *arguments, "mouseup", "2"]


def measure_frame_rate(frame: Callable[[], None]) -> float:
    """Return the frames per second while the mouse pans."""
    mouse = subprocess.Popen(pan_command(SECONDS))
    start = time.perf_counter()
    frames = 0
    while mouse.poll() is None or frames == 0:
        frame()
        frames += 1
    return frames / (time.perf_counter() - start)


# -- cases, each in its own process ----------------------------------------------------------------


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


def canvas(count: int) -> dict[str, float]:
    """Pan the canvas at several zooms, and with the whole graph in view."""
    editor = open_editor(laid_out(count))
    views: list[CanvasView] = []
    callbacks = CallbackRunner(sys.stderr.write)

    def build() -> Callable[[], None]:
        style.apply_style(editor.theme, 1.0)
        with dpg.child_window(border=False, no_scrollbar=True, tag="canvas"):
            pass
        views.append(CanvasView(editor, "canvas"))

        def update() -> None:
            callbacks.run_queue()
            editor.tick(time.monotonic())
            views[0].update()

        return update

    frame = open_window(build)
    rates = {}
    middle = WIDTH / 2, HEIGHT / 2
    for name, zoom in (("full", 1.0), ("half", 0.5), ("quarter", 0.25), ("whole", None)):
        if zoom is None:
            editor.navigation.zoom_to_fit()
        else:
            editor.camera = editor.camera.zoomed(zoom / editor.camera.zoom, middle)
        for _ in range(60):
            frame()
        rates[name] = measure_frame_rate(frame)
    return rates


def node_editor(count: int) -> dict[str, float]:
    """Pan a node editor of Dear PyGui with the same nodes, ports and edges."""
    scene = open_editor(laid_out(count)).scene

    def build() -> Callable[[], None]:
        ports = {}
        sides = {True: dpg.mvNode_Attr_Input, False: dpg.mvNode_Attr_Output}
        with dpg.node_editor(tag="nodes"):
            for name, card in scene.nodes.items():
                with dpg.node(label=card.title, pos=[round(x) for x in scene.positions[name]]):
                    for port in card.ports:
                        side = sides[port.end.is_input]
                        with dpg.node_attribute(attribute_type=side) as ports[port.end]:
                            dpg.add_text(port.label)
                    with dpg.node_attribute(attribute_type=dpg.mvNode_Attr_Static):
                        for line in card.lines:
                            dpg.add_text(line)
        attributes = {(end.ref, end.is_input): port for end, port in ports.items()}
        for target, edge in scene.edges.items():
            output, input_ = attributes[edge.source, False], attributes[target, True]
            dpg.add_node_link(output, input_, parent="nodes")
        return lambda: None

    return {"full": measure_frame_rate(open_window(build))}


class TimedApplication(Application):
    """The window of the program with a hook for every frame.

    Attributes:
        frame_drawn: is called after every frame.
    """

    frame_drawn: Callable[[], None]

    def _frame(self) -> None:
        super()._frame()
        self.frame_drawn()


def first_frame(started: float) -> dict[str, float]:
    """Open the window of the program with a graph of 100 nodes, and close it after a frame."""
    window = TimedApplication(open_editor(laid_out(COUNTS[0])))

    def stop() -> None:
        seconds.append(time.time() - started)
        window.editor.view_state.closing = True

    seconds: list[float] = []
    window.frame_drawn = stop
    window.run()
    return {"seconds": seconds[0]}


def idle(seconds: float) -> dict[str, float]:
    """Return the share of a core that the window of the program uses without input."""
    window = TimedApplication(open_editor(laid_out(COUNTS[0])))
    window.frame_drawn = lambda: None

    def watch() -> None:
        time.sleep(6)
        start = time.process_time()
        time.sleep(seconds)
        share = (time.process_time() - start) / seconds
        sys.stdout.write(json.dumps({"share": share}))
        sys.stdout.flush()
        # The window blocks until there is input, so it cannot be closed from here.
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    window.run()
    return {}


CASES: dict[str, Callable[[float], dict[str, float]]] = {
    "canvas": lambda count: canvas(int(count)),
    "node_editor": lambda count: node_editor(int(count)),
    "first": first_frame,
    "idle": idle,
}


# -- all cases -------------------------------------------------------------------------------------


def measure(case: str, argument: float) -> dict[str, float]:
    """Run a case in a process of its own; return nothing if it fails or times out."""
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
def display() -> Iterator[None]:
    """Provide a display: start Xvfb where there is none."""
    if not sys.platform.startswith("linux") or os.environ.get("DISPLAY"):
        yield
        return
    sys.stdout.write("no display: using Xvfb, which renders in software\n")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        os.environ["DISPLAY"] = f":{pipe.readline().strip()}"
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def format_rate(rate: float | None) -> str:
    """Format frames per second."""
    return "-" if rate is None else f"{rate:.1f}" if rate < 10 else f"{rate:.0f}"


def main() -> None:
    """Run every case and print the results."""
    if shutil.which("xdotool") is None:
        sys.exit("expected xdotool, which moves the mouse, on the PATH; install it and try again.")
    out = sys.stdout.write
    with display():
        out("frames per second while panning at several zooms; editor: plain node editor\n")
        out(f"{'nodes':>7} {'at 1':>8} {'at 1/2':>8} {'at 1/4':>8} {'whole':>8} {'editor':>8}\n")
        for count in COUNTS:
            ours, other = measure("canvas", count), measure("node_editor", count)
            row = [ours.get(name) for name in ("full", "half", "quarter", "whole")]
            cells = "".join(f" {format_rate(rate):>8}" for rate in (*row, other.get("full")))
            out(f"{count:>7,}{cells}\n")
            sys.stdout.flush()
        first = measure("first", time.time()).get("seconds")
        out(f"to the first frame: {first:.2f} s\n" if first else "no first frame\n")
        share = measure("idle", 10.0).get("share")
        out(f"idle: {share:.2%} of a core\n" if share is not None else "no idle window\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(CASES[sys.argv[1]](float(sys.argv[2]))))
        sys.stdout.flush()
        # Closing the window is not part of the case, and can be slow.
        os._exit(0)
    main()
