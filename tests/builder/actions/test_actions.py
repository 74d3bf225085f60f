"""Every key does what the keyboard map says; the stories are told through the keyboard."""

from dataclasses import replace

import pytest

import tests.builder.stories_of_arranging
import tests.builder.stories_of_editing
import tests.builder.stories_of_looking  # noqa: F401 (each adds its stories)
from builder.actions.action_table import ACTIONS
from builder.actions.dispatch import press_key, run_action
from builder.actions.keymap import keyboard, read_key
from builder.search.search import all_items
from nodes.recurrent import GRU
from tests.builder.editors import an_editor, select
from tests.builder.stories import STORIES, source


def test_every_action_has_a_story():
    assert STORIES.keys() == ACTIONS.keys()


def presses() -> list[tuple[str, str]]:
    """List every way to do every action: each of its keys, or the menu where it has none."""
    return [(name, key) for name, action in ACTIONS.items() for key in (*action.keys, "")]


@pytest.mark.parametrize(("name", "key"), presses(), ids=lambda word: word or "menu")
def test_a_key_does_what_the_map_says(name, key, tmp_path):
    editor = an_editor(tmp_path)

    def press() -> None:
        if key:
            assert press_key(editor, *read_key(key))
        else:
            run_action(editor, name)

    STORIES[name](editor, press)


def test_no_key_has_two_meanings():
    assert len(keyboard(ACTIONS.values())) == sum(len(a.keys) for a in ACTIONS.values())


def test_two_actions_on_one_key_are_refused():
    one, other = list(ACTIONS.values())[:2]
    with pytest.raises(ValueError, match=r"Tab means \w+ and \w+"):
        keyboard([replace(one, keys=("Tab",)), replace(other, keys=("Tab",))])


def test_letters_typed_into_a_field_do_nothing(tmp_path):
    editor = an_editor(tmp_path)
    for key in ("F", "C", "Delete", "Tab", "Ctrl+Z", "Ctrl+C", "Ctrl+V", "Enter", "Left"):
        assert not press_key(editor, *read_key(key), typing=True)


def test_saving_works_while_typing(tmp_path):
    editor = an_editor(tmp_path)
    assert press_key(editor, *read_key("Ctrl+S"), typing=True)


def test_a_key_that_is_held_down_repeats_only_what_may_repeat(tmp_path):
    editor = an_editor(tmp_path)
    select(editor, "lstm")
    assert not press_key(editor, *read_key("Ctrl+B"), again=True)
    assert press_key(editor, *read_key("Ctrl+Left"), again=True)


@pytest.mark.parametrize("name", [a.id for a in ACTIONS.values() if a.group != "Files"])
def test_every_action_survives_an_empty_canvas(name, tmp_path):
    editor = an_editor(tmp_path)
    editor.session.new()
    run_action(editor, name)


def test_what_cannot_be_done_says_why(tmp_path):
    editor = an_editor(tmp_path)
    run_action(editor, "group")
    assert editor.look.messages[-1].text == "group: select something first"


def test_replacing_keeps_the_edges(tmp_path):
    editor = an_editor(tmp_path)
    select(editor, "lstm")
    run_action(editor, "replace")
    entry = next(one for one in all_items(editor.document) if one.node_type is GRU)
    editor.insert_type(entry, editor.dialog)
    (name,) = (n for n, node in editor.document.graph.nodes.items() if isinstance(node, GRU))
    assert source(editor, f"{name}.input") == "embed.output"
    assert source(editor, "head.input") == f"{name}.output"
