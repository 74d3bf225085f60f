"""How the window begins, ends, and behaves when something goes wrong."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builder.actions.file_actions import settled
from builder.storage.journal_records import iter_payloads, parse_payload
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Graph, Model
from nodes.io import TokenInput
from tests.builder.editors import language_model
from tests.window.driver import PATIENCE, ROOT, Person

EXAMPLE = pytest.mark.parametrize("person", [("char_lstm",)], indirect=True)


def a_file(folder: Path, model: Model | None = None) -> Path:
    path = folder / "model.json"
    path.write_bytes(dumps(settled(model or language_model())))
    return path


@pytest.fixture
def with_a_file(tmp_path):
    person = Person(tmp_path, str(a_file(tmp_path)))
    yield person
    person.close()


def delete(person: Person, name: str) -> None:
    person.click(*person.node(name))
    person.key("Delete")
    person.wait(lambda seen: name not in seen["nodes"])


def test_the_first_start_shows_what_to_do(person):
    person.wait(lambda seen: seen["dialog"] == "Templates")
    person.picture("first_start")
    person.key("Escape")
    person.wait(lambda seen: not seen["dialog"])
    person.picture("empty_canvas")


@EXAMPLE
def test_the_window_does_not_load_torch(person):
    maps = Path(f"/proc/{person.process.pid}/maps").read_text()
    assert "_dearpygui" in maps
    assert "torch" not in maps


def test_without_a_screen_there_is_one_sentence(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    environment["WIREFORMER_STATE"] = environment["WIREFORMER_CONFIG"] = str(tmp_path)
    told = subprocess.run(
        [sys.executable, "-m", "builder", "edit"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("no screen was found")
    assert "Traceback" not in told.stderr


def test_closing_asks_about_what_is_not_saved(with_a_file):
    person = with_a_file
    delete(person, "head")
    person.key("ctrl+q")
    person.wait(lambda seen: seen["dialog"] == "Question")
    person.picture("question")
    person.click(*person.widget("Cancel"))
    person.wait(lambda seen: not seen["dialog"])
    person.key("ctrl+q")
    person.wait(lambda seen: seen["dialog"] == "Question")
    x, y = person.widget("Don't save")
    person.do("mousemove", x, y, "click", 1)
    assert person.process.wait(PATIENCE) == 0


def test_closing_without_changes_asks_nothing(with_a_file):
    with_a_file.do("key", "ctrl+q")
    assert with_a_file.process.wait(PATIENCE) == 0


def test_pasting_from_an_empty_clipboard_does_no_harm_and_copies_can_be_pasted(with_a_file):
    person = with_a_file
    before = person.look()["nodes"].keys()
    person.key("ctrl+v")
    assert person.look()["nodes"].keys() == before
    person.click(*person.node("lstm"))
    person.key("ctrl+c", "ctrl+v")
    person.wait(lambda seen: len(seen["nodes"]) == len(before) + 1)


def test_a_file_is_looked_at_from_where_it_was_looked_at_last(with_a_file):
    person = with_a_file
    framed = person.look()["camera"]
    person.key("ctrl+minus", "ctrl+minus")
    before = person.look()["camera"]
    assert before[2] < framed[2]
    person.do("key", "ctrl+q")
    person.process.wait(PATIENCE)
    person.start(str(person.folder / "model.json"))
    assert person.look()["camera"] == pytest.approx(before, abs=0.01)


def test_what_was_not_saved_is_offered_after_a_crash(with_a_file):
    person = with_a_file
    saved = json.loads((person.folder / "model.json").read_text())
    delete(person, "head")
    lost = person.model()
    wait_for_journal(person, lost)
    person.kill()
    person.start()
    person.wait(lambda seen: seen["dialog"] == "Recovery")
    person.picture("recovery")
    person.click(*person.widget("Restore"))
    seen = person.wait(lambda seen: not seen["dialog"])
    assert json.loads(seen["model"]) == lost
    assert seen["dirty"]
    assert json.loads((person.folder / "model.json").read_text()) == saved


def wait_for_journal(person: Person, model: dict) -> None:
    """Wait until an edit is on the disk, which takes less than a second."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for path in (person.folder / "state").rglob("*.journal"):
            entries = [parse_payload(frame) for frame in iter_payloads(path.read_bytes())]
            if entries and json.loads(dumps(entries[-1].model)) == model:
                return
        time.sleep(0.05)
    raise AssertionError("the edit is not in the journal")


def test_a_file_that_another_program_changes_is_noticed_by_its_content(with_a_file):
    person = with_a_file
    path = person.folder / "model.json"
    times = os.stat(path)
    path.write_bytes(path.read_bytes().replace(b'"Small"', b'"Smell"'))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    person.wait(lambda seen: seen["dialog"] == "Question")
    person.click(*person.widget("Read it again"))
    person.wait(lambda seen: '"Smell"' in seen["model"])


HOSTILE = ("a##b", "###", "%s%n%x", "{}", "\u202eevil", "é漢字", "a" * 200, "x;rm -rf", "'\"\\")


def test_names_of_any_kind_neither_crash_nor_mislead_the_window(tmp_path):
    model = settled(Model("%s ## {}", Graph({name: TokenInput() for name in HOSTILE})))
    loads(dumps(model))
    person = Person(tmp_path, str(a_file(tmp_path, model)))
    try:
        person.key("Home", "ctrl+a", "F8", "ctrl+f")
        person.type("a")
        person.key("Escape", "Escape")
        for name in HOSTILE:
            person.click(*person.node(name))
        seen = person.look()
        assert seen["faults"] == 0, person.said()
        assert seen["selection"] == [HOSTILE[-1]]
        person.picture("hostile_names")
    finally:
        person.close()


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)], ids=["1280x800", "1920x1080"])
def test_every_theme_and_size_is_kept_as_a_picture(tmp_path, size):
    person = Person(tmp_path, "gpt", size=size)
    try:
        person.click(*person.node("blocks"))
        for theme in ("dark", "light", "contrast"):
            seen = person.wait(lambda seen, wanted=theme: seen["theme"] == wanted)
            assert seen["faults"] == 0
            person.picture(f"{theme}_{size[0]}")
            person.key("ctrl+t")
        person.key("ctrl+shift+equal")
        person.picture(f"larger_{size[0]}")
    finally:
        person.close()
