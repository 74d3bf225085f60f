"""Drive the editor with a mouse: tests send events and check what became of the document."""

from pathlib import Path
from tempfile import TemporaryDirectory

from builder.canvas import intents
from builder.canvas.camera import Camera
from builder.canvas.gestures.gesture import GestureContext
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import LEFT, Escape, Event, Move, PaletteMove, Press, Release
from builder.dialogs.dialog import Dialog
from builder.document.document import Document, Selection
from builder.document.port_end import PortEnd
from builder.document.store import Store
from builder.editor.editor import Editor
from builder.graphics.shapes import Point
from builder.storage.session import Session
from builder.storage.settings import Settings
from nodes.core.graphs.graph import Comment, Graph, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.masks.causal_mask import CausalMask
from nodes.merge.add import Add
from nodes.normalization.layer_norm import LayerNorm
from nodes.recurrent.lstm import LSTM

VIEW = Camera(x=-100.0, y=-100.0, width=1400.0, height=800.0)
LAYOUT = {
    "tokens": (0.0, 0.0),
    "embed": (240.0, 0.0),
    "lstm": (480.0, 0.0),
    "head": (760.0, 0.0),
    "logits": (1000.0, 0.0),
    "norm": (480.0, 300.0),
    "mask": (760.0, 300.0),
    "sum": (1000.0, 300.0),
}


def language_model(**comments: Comment) -> Document:
    """Build tokens -> embed -> lstm -> head -> logits, and below them nodes without edges."""
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    embed = builder.add("embed", Embedding(), tokens)
    lstm = builder.add("lstm", LSTM(), embed)
    builder.add("logits", GraphOutput(), builder.add("head", Linear(), lstm))
    loose = {"norm": LayerNorm(), "mask": CausalMask(), "sum": Add()}
    drawn = builder.build()
    graph = Graph({**drawn.nodes, **loose}, drawn.edges)
    model = Model("language model", graph, layout={"": LAYOUT})
    document = Document(model)
    return document.with_comments(comments) if comments else document


class RecordingEditor(Editor):
    """An editor that records what gestures request."""

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__(session, settings)
        self.intents: list[intents.Intent] = []

    def perform(self, intent: intents.Intent) -> None:
        self.intents.append(intent)
        super().perform(intent)


class MouseDriver:
    """Drives an editor with mouse events, in pixels of the window."""

    def __init__(self, document: Document, camera: Camera = VIEW) -> None:
        self._folder = TemporaryDirectory()
        folder = Path(self._folder.name)
        session = Session(Store(document), folder / "state")
        self.editor = RecordingEditor(session, Settings(folder=folder / "config"))
        self.editor.camera = camera
        self.clock = 10.0

    # -- state -----------------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        return self.editor.store

    @property
    def document(self) -> Document:
        return self.editor.document

    @property
    def camera(self) -> Camera:
        return self.editor.camera

    @camera.setter
    def camera(self, camera: Camera) -> None:
        self.editor.camera = camera

    @property
    def context(self) -> GestureContext:
        return self.editor.context

    @property
    def overlay(self) -> Overlay:
        return self.editor.overlay

    @property
    def intents(self) -> list[intents.Intent]:
        return self.editor.intents

    @property
    def dialogs(self) -> list[Dialog]:
        """The dialogs that were opened."""
        return [intent.dialog for intent in self.intents if isinstance(intent, intents.OpenDialog)]

    @property
    def notifications(self) -> list[str]:
        return [intent.text for intent in self.intents if isinstance(intent, intents.Notify)]

    @property
    def edges(self) -> dict[str, str]:
        """The committed edges, as text: target -> source."""
        return {str(t): str(s) for t, s in self.store.committed.graph.edges.items()}

    @property
    def steps(self) -> list[str]:
        """The labels of the undo stack."""
        return [entry.label for entry in self.store.history.entries[1:]]

    def disable_snapping(self) -> None:
        self.editor.settings = self.editor.settings.model_copy(update={"snap": False})

    # -- events ----------------------------------------------------------------------------------

    def give(self, event: Event) -> None:
        self.editor.handle_pointer(event)

    def wait(self, seconds: float) -> None:
        self.clock += seconds
        self.editor.tick(self.clock)

    def press(self, at: Point, button: str = LEFT, modifiers: str = "") -> None:
        self.clock += 0.02
        self.give(Press(button, at, self.clock, keys(modifiers)))

    def move(self, *places: Point, modifiers: str = "") -> None:
        for at in places:
            self.clock += 0.02
            self.give(Move(at, self.clock, keys(modifiers)))

    def release(self, at: Point, button: str = LEFT, modifiers: str = "") -> None:
        self.clock += 0.02
        self.give(Release(button, at, self.clock, keys(modifiers)))

    def click(self, at: Point, button: str = LEFT, modifiers: str = "") -> None:
        self.clock += 1.0
        self.press(at, button, modifiers)
        self.release(at, button, modifiers)

    def double_click(self, at: Point) -> None:
        self.click(at)
        self.press(at)
        self.release(at)

    def drag(self, start: Point, *places: Point, button: str = LEFT, modifiers: str = "") -> None:
        """Press at the start, move to each place, and release at the last."""
        self.clock += 1.0
        self.press(start, button, modifiers)
        self.move(*places, modifiers=modifiers)
        self.release(places[-1], button, modifiers)

    def drag_from_palette(
        self, node_type: str, at: Point, dropped: bool = False, modifiers: str = ""
    ) -> None:
        self.give(PaletteMove(node_type, at, dropped, keys(modifiers)))

    def escape(self) -> None:
        self.give(Escape())

    # -- positions -------------------------------------------------------------------------------

    def pixel(self, x: float, y: float) -> Point:
        return self.camera.to_window((x, y))

    def input(self, port: str) -> Point:
        return self.camera.to_window(self.context.scene.at(PortEnd(PortRef.parse(port), True)))

    def output(self, port: str) -> Point:
        return self.camera.to_window(self.context.scene.at(PortEnd(PortRef.parse(port), False)))

    def title(self, node: str) -> Point:
        x, y = self.context.scene.positions[node]
        return self.pixel(x + 60, y + 12)

    def body(self, node: str) -> Point:
        left, _, right, bottom = self.context.scene.bounds(node)
        return self.pixel((left + right) / 2, bottom - 6)

    def edge(self, target: str, along: float = 0.5) -> Point:
        path = self.context.scene.edges[PortRef.parse(target)].path
        return self.camera.to_window(path[round(along * (len(path) - 1))])

    def at(self, node: str) -> Point:
        """The position of a node, in canvas units."""
        return self.document.positions[node]


def keys(modifiers: str) -> frozenset[str]:
    return frozenset(modifiers.split())


def by(at: Point, dx: float, dy: float) -> Point:
    """Offset a pixel."""
    return at[0] + dx, at[1] + dy


def nodes(*names: str) -> Selection:
    return Selection.of(*names)


def edge(target: str) -> Selection:
    return Selection(edges=frozenset({PortRef.parse(target)}))
