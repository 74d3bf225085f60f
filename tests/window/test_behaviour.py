"""Start, exit, clipboard, recovery and hostile files, in the real window."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builder.actions.file_actions import with_layout
from builder.storage.journal_records import iter_payloads, parse_payload
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Graph, Model
from nodes.io.token_input import TokenInput
from tests.builder.editors import language_model
from tests.window.driver import ROOT, TIMEOUT, WindowDriver

EXAMPLE = pytest.mark.parametrize("driver", [("char_lstm",)], indirect=True)


def write_file(folder: Path, model: Model | None = None) -> Path:
    path = folder / "model.json"
    path.write_bytes(dumps(with_layout(model or language_model())))
    return path


@pytest.fixture
def with_a_file(tmp_path):
    driver = WindowDriver(tmp_path, str(write_file(tmp_path)))
    yield driver
    driver.close()


def delete(driver: WindowDriver, name: str) -> None:
    driver.click(*driver.node(name))
    driver.key("Delete")
    driver.wait_for(lambda state: name not in state["nodes"])


def test_first_start_shows_the_start_page(driver):
    driver.wait_for(lambda state: state["dialog"] == "StartPage")
    driver.screenshot("first_start")
    driver.key("Escape")
    driver.wait_for(lambda state: not state["dialog"])
    driver.screenshot("empty_canvas")


@EXAMPLE
def test_the_window_does_not_load_torch(driver):
    maps = Path(f"/proc/{driver.process.pid}/maps").read_text()
    assert "_dearpygui" in maps
    assert "torch" not in maps


def test_without_a_display_the_error_is_one_sentence(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    environment["WIREFORMER_STATE"] = environment["WIREFORMER_CONFIG"] = str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "builder", "edit"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("expected a display, got none")
    assert "Traceback" not in done.stderr


def test_closing_asks_about_unsaved_changes(with_a_file):
    driver = with_a_file
    delete(driver, "head")
    driver.key("ctrl+q")
    driver.wait_for(lambda state: state["dialog"] == "Question")
    driver.screenshot("question")
    driver.click(*driver.widget("Cancel"))
    driver.wait_for(lambda state: not state["dialog"])
    driver.key("ctrl+q")
    driver.wait_for(lambda state: state["dialog"] == "Question")
    x, y = driver.widget("Don't save")
    driver.xdotool("mousemove", x, y, "click", 1)
    assert driver.process.wait(TIMEOUT) == 0


def test_closing_without_changes_asks_nothing(with_a_file):
    with_a_file.xdotool("key", "ctrl+q")
    assert with_a_file.process.wait(TIMEOUT) == 0


def test_pasting_an_empty_clipboard_does_nothing_and_copied_nodes_can_be_pasted(with_a_file):
    driver = with_a_file
    before = driver.state()["nodes"].keys()
    driver.key("ctrl+v")
    assert driver.state()["nodes"].keys() == before
    driver.click(*driver.node("lstm"))
    driver.key("ctrl+c", "ctrl+v")
    driver.wait_for(lambda state: len(state["nodes"]) == len(before) + 1)


def test_the_camera_of_a_file_is_restored_when_it_is_opened_again(with_a_file):
    driver = with_a_file
    initial = driver.state()["camera"]
    driver.key("ctrl+minus", "ctrl+minus")
    before = driver.state()["camera"]
    assert before[2] < initial[2]
    driver.xdotool("key", "ctrl+q")
    driver.process.wait(TIMEOUT)
    driver.start(str(driver.folder / "model.json"))
    assert driver.state()["camera"] == pytest.approx(before, abs=0.01)


def test_unsaved_work_can_be_recovered_after_a_crash(with_a_file):
    driver = with_a_file
    saved = json.loads((driver.folder / "model.json").read_text())
    delete(driver, "head")
    lost = driver.model()
    wait_for_journal(driver, lost)
    driver.kill()
    driver.start()
    driver.wait_for(lambda state: state["dialog"] == "Recovery")
    driver.screenshot("recovery")
    driver.click(*driver.widget("Restore"))
    state = driver.wait_for(lambda state: not state["dialog"])
    assert json.loads(state["model"]) == lost
    assert state["dirty"]
    assert json.loads((driver.folder / "model.json").read_text()) == saved


def wait_for_journal(driver: WindowDriver, model: dict) -> None:
    """Wait until an edit is in the journal, which is flushed within a second."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        for path in (driver.folder / "state").rglob("*.journal"):
            entries = [parse_payload(payload) for payload in iter_payloads(path.read_bytes())]
            if entries and json.loads(dumps(entries[-1].model)) == model:
                return
        time.sleep(0.05)
    raise AssertionError("the edit is not in the journal")


def test_a_change_by_another_program_is_detected_by_content_alone(with_a_file):
    driver = with_a_file
    path = driver.folder / "model.json"
    times = os.stat(path)
    path.write_bytes(path.read_bytes().replace(b'"Small"', b'"Smell"'))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    driver.wait_for(lambda state: state["dialog"] == "Question")
    driver.click(*driver.widget("Reload"))
    driver.wait_for(lambda state: '"Smell"' in state["model"])


HOSTILE = ("a##b", "###", "%s%n%x", "{}", "\u202eevil", "é漢字", "a" * 200, "x;rm -rf", "'\"\\")


def test_hostile_names_neither_crash_the_window_nor_change_its_text(tmp_path):
    model = with_layout(Model("%s ## {}", Graph({name: TokenInput() for name in HOSTILE})))
    loads(dumps(model))
    driver = WindowDriver(tmp_path, str(write_file(tmp_path, model)))
    try:
        driver.key("Home", "ctrl+a", "F8", "ctrl+f")
        driver.type("a")
        driver.key("Escape", "Escape")
        for name in HOSTILE:
            driver.click(*driver.node(name))
        state = driver.state()
        assert state["errors"] == 0, driver.stderr()
        assert state["selection"] == [HOSTILE[-1]]
        driver.screenshot("hostile_names")
    finally:
        driver.close()


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)], ids=["1280x800", "1920x1080"])
def test_every_theme_is_rendered_without_errors(tmp_path, size):
    driver = WindowDriver(tmp_path, "gpt", size=size)
    try:
        driver.click(*driver.node("blocks"))
        for theme in ("dark", "light", "contrast"):
            state = driver.wait_for(lambda state, wanted=theme: state["theme"] == wanted)
            assert state["errors"] == 0
            driver.screenshot(f"{theme}_{size[0]}")
            driver.key("ctrl+t")
        driver.key("ctrl+shift+equal")
        driver.screenshot(f"larger_{size[0]}")
    finally:
        driver.close()
