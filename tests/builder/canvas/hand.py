"""A hand with a mouse over a document: tests say what it does, and look what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from builder.canvas import intents
from builder.canvas.active_graph import show
from builder.canvas.camera import Camera
from builder.canvas.gestures.gesture_machine import GestureContext, Gestures
from builder.canvas.hit_test import Index
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import LEFT, Escape, Event, Move, PaletteMove, Press, Release
from builder.canvas.scene import SceneMaker
from builder.dialogs.dialog import Dialog
from builder.document.document import Document, Selection
from builder.document.port_end import PortEnd
from builder.document.store import Store
from builder.graphics.shapes import Point
from codegen.check import CheckCache, check
from nodes.core.graphs.graph import Comment, Graph, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding import Embedding
from nodes.io import GraphOutput, TokenInput
from nodes.linear import Linear
from nodes.masks import CausalMask
from nodes.merge import Add
from nodes.normalization import LayerNorm
from nodes.recurrent import LSTM

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
    """Draw tokens -> embed -> lstm -> head -> logits, and below them nodes without edges."""
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


@dataclass
class Hand:
    """Does what a gesture wants done, as the editor does; everything in pixels of the window.

    Attributes:
        store: the document.
        camera: where it is looked at from.
        asked: the dialogs that were opened.
        told: what was said.
        wanted: every intent there was.
    """

    store: Store
    camera: Camera = VIEW
    asked: list[Dialog] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    wanted: list[intents.Intent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gestures = Gestures()
        self.clock = 10.0
        self._memory, self._maker = CheckCache(), SceneMaker()
        self._seen: GestureContext | None = None
        self.snap = True

    @classmethod
    def over(cls, document: Document) -> "Hand":
        return cls(Store(document))

    # -- what there is ---------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        return self.store.document

    @property
    def edges(self) -> dict[str, str]:
        """The edges that are settled, as text: target -> source."""
        return {str(t): str(s) for t, s in self.store.committed.graph.edges.items()}

    @property
    def steps(self) -> list[str]:
        """What can be undone."""
        return [moment.label for moment in self.store.history.entries[1:]]

    @property
    def overlay(self) -> Overlay:
        return self.gestures.overlay

    @property
    def context(self) -> GestureContext:
        document, seen = self.document, self._seen
        now = {"document": document, "camera": self.camera, "snap": self.snap}
        if seen and seen.document.model is document.model and seen.document.path == document.path:
            return replace(seen, **now)
        report = check(document.model, self._memory)
        try:
            shown = show(document, report)
        except KeyError:
            # What was looked into stands for nothing, or not any more.
            self.store.visit(document.path[:-1])
            return self.context
        around = document.model, shown.checked, report, shown.graph_name
        scene = self._maker.make(shown.graph, shown.positions, shown.comments, *around)
        known = shown.checked, shown.editable
        index = Index(scene, seen.index if seen else None)
        self._seen = GestureContext(document, scene, index, self.camera, *known)
        return replace(self._seen, **now)

    # -- what the hand does ----------------------------------------------------------------------

    def give(self, event: Event) -> None:
        self._perform(self.gestures.handle(event, self.context))

    def wait(self, seconds: float) -> None:
        self.clock += seconds
        self._perform(self.gestures.tick(self.clock, self.context))

    def press(self, at: Point, button: str = LEFT, held: str = "") -> None:
        self.clock += 0.02
        self.give(Press(button, at, self.clock, keys(held)))

    def move(self, *places: Point, held: str = "") -> None:
        for at in places:
            self.clock += 0.02
            self.give(Move(at, self.clock, keys(held)))

    def release(self, at: Point, button: str = LEFT, held: str = "") -> None:
        self.clock += 0.02
        self.give(Release(button, at, self.clock, keys(held)))

    def click(self, at: Point, button: str = LEFT, held: str = "") -> None:
        self.clock += 1.0
        self.press(at, button, held)
        self.release(at, button, held)

    def double_click(self, at: Point) -> None:
        self.click(at)
        self.press(at)
        self.release(at)

    def drag(self, start: Point, *places: Point, button: str = LEFT, held: str = "") -> None:
        """Press, go from place to place, and let go at the last."""
        self.clock += 1.0
        self.press(start, button, held)
        self.move(*places, held=held)
        self.release(places[-1], button, held)

    def carry(self, node_type: str, at: Point, dropped: bool = False, held: str = "") -> None:
        self.give(PaletteMove(node_type, at, dropped, keys(held)))

    def escape(self) -> None:
        self.give(Escape())

    def _perform(self, wanted: Iterable[intents.Intent]) -> None:
        for intent in wanted:
            self.wanted.append(intent)
            match intent:
                case intents.Preview(document):
                    self.store.preview(document)
                case intents.Commit(label, document):
                    self.store.commit(label, document)
                case intents.Cancel():
                    self.store.cancel()
                case intents.Choose(selection):
                    self.store.select(selection)
                case intents.Look(camera):
                    self.camera = camera
                case intents.Visit(place):
                    self.store.visit(place)
                case intents.Ask(dialog):
                    self.asked.append(dialog)
                case intents.Tell(text):
                    self.told.append(text)

    # -- where things are ------------------------------------------------------------------------

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
        """Where a node lies, on the canvas."""
        return self.document.positions[node]


def keys(held: str) -> frozenset[str]:
    return frozenset(held.split())


def by(at: Point, dx: float, dy: float) -> Point:
    """Go some pixels on."""
    return at[0] + dx, at[1] + dy


def nodes(*names: str) -> Selection:
    return Selection.of(*names)


def edge(target: str) -> Selection:
    return Selection(edges=frozenset({PortRef.parse(target)}))
