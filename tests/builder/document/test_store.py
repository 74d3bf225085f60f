"""The store: the document, its preview and its history."""

from builder.document.document import Document, Selection
from builder.document.store import Store
from nodes.core.graphs.graph import Model


def named(name: str) -> Document:
    return Document(Model(name))


def names(store: Store) -> list[str]:
    return [entry.document.model.name for entry in store.history.entries]


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


def test_an_edit_after_an_undo_drops_the_redo_stack():
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


def test_coalesced_edits_are_one_step_until_another_edit():
    store = a_store()
    store.commit("Move", named("a"), coalescing_key="nudge")
    store.commit("Move", named("b"), coalescing_key="nudge")
    store.commit("Other", named("c"))
    store.commit("Move", named("d"), coalescing_key="nudge")
    assert names(store) == ["first", "b", "c", "d"]


def test_edits_before_and_after_an_undo_are_not_coalesced():
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


def test_a_selection_holds_existing_nodes_only():
    store = a_store()
    store.select(Selection.of("not_there"))
    assert not store.document.selection


def test_listeners_are_called_on_changes_only():
    store = a_store()
    calls = []
    store.listeners.append(lambda before, after: calls.append((before, after)))
    first = store.document
    store.cancel()
    second = named("second")
    store.commit("Change", second)
    assert calls == [(first, second)]


def test_going_through_the_history_stops_at_its_ends():
    store = a_store("a", "b", "c")
    store.go(-2)
    assert store.document.model.name == "a"
    store.go(100)
    assert store.document.model.name == "c"
    store.go(-100)
    assert store.document.model.name == "first"
