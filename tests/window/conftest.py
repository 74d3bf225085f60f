"""Starts the program on an X server of its own; skips the tests where that is not possible."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.window.driver import ROOT, WindowDriver, XServer

COMMANDS = ("Xvfb", "xdotool")
OPEN_A_WINDOW = """
import dearpygui.dearpygui as dpg
dpg.create_context()
dpg.create_viewport()
dpg.setup_dearpygui()
dpg.show_viewport()
dpg.render_dearpygui_frame()
dpg.destroy_context()
"""


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.window)


@pytest.fixture(scope="session", autouse=True)
def _window_can_be_opened():
    """Skip every test with one reason if a program that they need is missing."""
    missing = [command for command in COMMANDS if shutil.which(command) is None]
    if missing:
        pytest.skip(f"window tests need {' and '.join(missing)}, not found on the PATH")
    if not _renders():
        pytest.skip("window tests need OpenGL under Xvfb (Mesa), where no window can be opened")


def _renders() -> bool:
    server = XServer(640, 480)
    environment = {**os.environ, "DISPLAY": server.display, "LIBGL_ALWAYS_SOFTWARE": "1"}
    command = [sys.executable, "-c", OPEN_A_WINDOW]
    try:
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        server.close()
    return done.returncode == 0


@pytest.fixture
def driver(tmp_path, request):
    """Start the program; take a screenshot at the end, and require that no callback failed."""
    arguments = getattr(request, "param", ())
    driver = WindowDriver(tmp_path, *arguments)
    try:
        yield driver
        if driver.process.poll() is None:
            driver.screenshot(request.node.name.replace("[", "-").rstrip("]"))
            assert driver.state()["errors"] == 0
    finally:
        driver.close()
