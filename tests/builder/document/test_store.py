"""The store: one variable, and a history of what it was."""

from builder.document.document import Document, Selection
from builder.document.store import Store
from nodes.core.graphs.graph import Model


def named(name: str) -> Document:
    return Document(Model(name))


def names(store: Store) -> list[str]:
    return [moment.document.model.name for moment in store.history.moments]


def a_store(*later: str) -> Store:
    store = Store(named("first"))
    for name in later:
        store.commit(f"Call it {name}", named(name))
    return store


def test_undo_gives_back_the_very_same_document():
    first = named("first")
    store = Store(first)
    store.commit("Change", named("second"))
    store.undo()
    assert store.document is first


def test_redo_takes_back_an_undo():
    store = a_store("second")
    second = store.document
    store.undo()
    store.redo()
    assert store.document is second


def test_undo_at_the_beginning_and_redo_at_the_end_do_nothing():
    store = a_store()
    store.undo()
    store.redo()
    assert names(store) == ["first"]


def test_an_edit_after_an_undo_drops_what_was_undone():
    store = a_store("second", "third")
    store.undo()
    store.commit("Other", named("other"))
    assert names(store) == ["first", "second", "other"]


def test_a_drag_is_one_step():
    store = a_store()
    for name in ("a", "b", "c"):
        store.preview(named(name))
    store.commit("Drag", named("c"))
    assert names(store) == ["first", "c"]


def test_a_cancelled_preview_leaves_nothing():
    store = a_store()
    store.preview(named("a"))
    store.cancel()
    assert store.document.model.name == "first"
    assert names(store) == ["first"]


def test_a_burst_is_one_step_and_ends_with_any_other_edit():
    store = a_store()
    store.commit("Move", named("a"), coalescing_key="nudge")
    store.commit("Move", named("b"), coalescing_key="nudge")
    store.commit("Other", named("c"))
    store.commit("Move", named("d"), coalescing_key="nudge")
    assert names(store) == ["first", "b", "c", "d"]


def test_a_burst_does_not_swallow_what_was_before_an_undo():
    store = a_store()
    store.commit("Move", named("a"), coalescing_key="nudge")
    store.commit("Other", named("b"))
    store.undo()
    store.commit("Move", named("c"), coalescing_key="nudge")
    assert names(store) == ["first", "a", "c"]


def test_selecting_is_no_step():
    store = a_store()
    store.select(Selection.of("gone"))
    assert names(store) == ["first"]


def test_what_is_selected_is_there():
    store = a_store()
    store.select(Selection.of("not_there"))
    assert not store.document.selection


def test_listeners_hear_of_changes_and_of_nothing_else():
    store = a_store()
    heard = []
    store.listeners.append(lambda before, after: heard.append((before, after)))
    first = store.document
    store.cancel()
    second = named("second")
    store.commit("Change", second)
    assert heard == [(first, second)]


def test_a_walk_through_the_history_goes_as_far_as_there_is():
    store = a_store("a", "b", "c")
    store.go(-2)
    assert store.document.model.name == "a"
    store.go(100)
    assert store.document.model.name == "c"
    store.go(-100)
    assert store.document.model.name == "first"
