"""Every key performs its action."""

import re
from dataclasses import replace

import pytest

import tests.builder.arrange_action_cases
import tests.builder.edit_action_cases
import tests.builder.view_action_cases  # noqa: F401 (each adds its cases)
from builder.actions.action_table import ACTIONS
from builder.actions.dispatch import press_key, run_action
from builder.actions.keymap import build_keymap, parse_key
from builder.search.search import all_items
from nodes.recurrent.gru import GRU
from tests.builder.action_cases import CASES, source
from tests.builder.editors import an_editor, select

pytestmark = pytest.mark.slow


def test_every_action_has_a_case():
    assert CASES.keys() == ACTIONS.keys()


def presses() -> list[tuple[str, str]]:
    """List each action with each of its keys, and with the menu."""
    return [(name, key) for name, action in ACTIONS.items() for key in (*action.keys, "")]


@pytest.mark.parametrize(("name", "key"), presses(), ids=lambda word: word or "menu")
def test_a_key_performs_its_action(name, key, tmp_path):
    editor = an_editor(tmp_path)

    def press() -> None:
        if key:
            assert press_key(editor, *parse_key(key))
        else:
            run_action(editor, name)

    CASES[name](editor, press)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: action.id)
def test_the_id_of_an_action_is_its_title_in_snake_case(action):
    assert action.id == "_".join(re.findall(r"\w+", action.title.lower()))


def test_no_key_has_two_actions():
    assert len(build_keymap(ACTIONS.values())) == sum(len(a.keys) for a in ACTIONS.values())


def test_two_actions_with_one_key_are_refused():
    one, other = list(ACTIONS.values())[:2]
    with pytest.raises(ValueError, match=r"Tab is bound to \w+ and \w+"):
        build_keymap([replace(one, keys=("Tab",)), replace(other, keys=("Tab",))])


def test_letters_typed_into_a_field_do_nothing(tmp_path):
    editor = an_editor(tmp_path)
    for key in ("F", "C", "Delete", "Tab", "Ctrl+Z", "Ctrl+C", "Ctrl+V", "Enter", "Left"):
        assert not press_key(editor, *parse_key(key), typing=True)


def test_saving_works_while_typing(tmp_path):
    editor = an_editor(tmp_path)
    assert press_key(editor, *parse_key("Ctrl+S"), typing=True)


def test_a_key_that_is_held_down_repeats_only_repeatable_actions(tmp_path):
    editor = an_editor(tmp_path)
    select(editor, "lstm")
    assert not press_key(editor, *parse_key("Ctrl+B"), again=True)
    assert press_key(editor, *parse_key("Ctrl+Left"), again=True)


@pytest.mark.parametrize("name", [a.id for a in ACTIONS.values() if a.group != "Files"])
def test_every_action_survives_an_empty_canvas(name, tmp_path):
    editor = an_editor(tmp_path)
    editor.session.new()
    run_action(editor, name)


def test_a_disabled_action_notifies_why(tmp_path):
    editor = an_editor(tmp_path)
    run_action(editor, "group_into_block")
    assert editor.view_state.notifications[-1].text == "Group into block: select something first"


def test_replacing_keeps_the_edges(tmp_path):
    editor = an_editor(tmp_path)
    select(editor, "lstm")
    run_action(editor, "replace_node")
    entry = next(item for item in all_items(editor.document) if item.node_type is GRU)
    editor.insert_type(entry, editor.dialog)
    (name,) = (n for n, node in editor.document.graph.nodes.items() if isinstance(node, GRU))
    assert source(editor, f"{name}.input") == "embed.output"
    assert source(editor, "head.input") == f"{name}.output"
