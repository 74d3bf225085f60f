"""The cases of `test_actions`: what each action does, performed by a key or from a menu."""

from collections.abc import Callable

from builder.editor.editor import Editor
from nodes.core.graphs.graph import PortRef

Press = Callable[[], None]
Case = Callable[[Editor, Press], None]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """Register the case of the action with the function's name."""
    CASES[function.__name__.strip("_")] = function
    return function


def source(editor: Editor, target: str) -> str:
    found = editor.document.graph.edges.get(PortRef.parse(target))
    return str(found) if found else ""
