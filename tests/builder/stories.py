"""What the stories of the actions have in common; each is told through one of its keys."""

from collections.abc import Callable

from builder.editor.editor import Editor
from nodes.core.graphs.graph import PortRef

Press = Callable[[], None]
Story = Callable[[Editor, Press], None]
STORIES: dict[str, Story] = {}


def story(function: Story) -> Story:
    """Tell what the action of the function's name does."""
    STORIES[function.__name__.strip("_")] = function
    return function


def source(editor: Editor, target: str) -> str:
    found = editor.document.graph.edges.get(PortRef.parse(target))
    return str(found) if found else ""
