"""The editor without its window: all that there is to see and to do, and the one way to do it.

    gesture, key or button -> command on the document -> store -> analysis -> scene -> window

The window shows what stands here and calls what stands here; it keeps nothing of its own.
"""

import time
from collections.abc import Callable

from builder.canvas import intents
from builder.canvas.active_graph import ActiveGraph, find_place, show
from builder.canvas.camera import Camera
from builder.canvas.gestures.gesture_machine import GestureContext, Gestures
from builder.canvas.hit_test import Index
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Escape, Event
from builder.canvas.scene import Scene, SceneMaker
from builder.commands.model_settings import apply_remedy
from builder.dialogs.dialog import AddNode, Dialog, Rename
from builder.document.analysis import Analysis
from builder.document.document import Document, Refused, Selection
from builder.document.store import Store
from builder.editor.node_insertion import insert
from builder.editor.view_state import ERROR, INFO, Clipboard, InProcessClipboard, Message, ViewState
from builder.graphics.theme import THEMES, Theme
from builder.search.search import SearchItem
from builder.storage.session import Session
from builder.storage.settings import Settings
from codegen.check import Problem
from codegen.check.problem import Location
from codegen.check.remedy import Remedy


class Editor:
    """Holds the document, what is known of it, and what is open over it.

    Attributes:
        store: the document and its history.
        session: the file it came from.
        settings: what the person prefers.
        analysis: problems, shapes, code and costs.
        gestures: what the mouse is doing.
        clipboard: where copied nodes go.
        look: the camera, the open dialog, messages, the pointer.
    """

    def __init__(self, session: Session, settings: Settings) -> None:
        self.session, self.settings = session, settings
        self.store: Store = session.store
        self.analysis = Analysis(self.document.model)
        self.gestures = Gestures()
        self.clipboard: Clipboard = InProcessClipboard()
        self.look = ViewState()
        self._maker = SceneMaker()
        self._drawn: tuple[tuple, ActiveGraph, Scene, Index] | None = None
        self.store.listeners.append(self._changed)

    # -- what there is ---------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The document, a preview included."""
        return self.store.document

    @property
    def theme(self) -> Theme:
        """The colours."""
        return THEMES[self.settings.theme]

    @property
    def camera(self) -> Camera:
        """Where the canvas is looked at from."""
        return self.look.camera

    @camera.setter
    def camera(self, camera: Camera) -> None:
        self.look.camera = camera

    @property
    def dialog(self) -> Dialog | None:
        """What is open over the window."""
        return self.look.dialog

    @property
    def shown(self) -> ActiveGraph:
        """The graph that is shown."""
        return self._drawing()[1]

    @property
    def scene(self) -> Scene:
        """What the canvas draws."""
        return self._drawing()[2]

    @property
    def index(self) -> Index:
        """What lies where on the canvas."""
        return self._drawing()[3]

    @property
    def overlay(self) -> Overlay:
        """What the gesture at hand shows over the graph."""
        return self.gestures.overlay

    @property
    def context(self) -> GestureContext:
        """What a gesture sees."""
        shown = self.shown
        return GestureContext(
            self.document,
            self.scene,
            self.index,
            self.camera,
            shown.checked,
            shown.editable,
            self.settings.snap,
        )

    def _drawing(self) -> tuple[tuple, ActiveGraph, Scene, Index]:
        document, report = self.document, self.analysis.report
        key = document.model, document.path, report
        if self._drawn is None or any(a is not b for a, b in zip(key, self._drawn[0], strict=True)):
            shown = show(document, report)
            scene = self._maker.make(
                shown.graph,
                shown.positions,
                shown.comments,
                document.model,
                shown.checked,
                report,
                shown.graph_name,
            )
            before = self._drawn[3] if self._drawn else None
            self._drawn = key, shown, scene, Index(scene, before)
        return self._drawn

    # -- what is done ----------------------------------------------------------------------------

    def run(
        self, label: str, command: Callable[..., Document], *args: object, coalescing_key: str = ""
    ) -> bool:
        """Do a command as one step of the history; tell whether it could be done."""
        try:
            document = command(self.store.committed, *args)
        except Refused as refused:
            self.say(str(refused), ERROR)
            return False
        self.store.commit(label, document, coalescing_key)
        return True

    def give_up(self) -> None:
        """End the gesture at hand as if it had not begun."""
        self.mouse(Escape())

    def mouse(self, event: Event) -> None:
        """Pass a mouse event on to the gesture at hand."""
        self.look.pointer = getattr(event, "pixel", self.look.pointer)
        for intent in self.gestures.handle(event, self.context):
            self.perform(intent)

    def tick(self, now: float) -> None:
        """Let time pass: gestures at the border pan on, and the journal is kept."""
        for intent in self.gestures.tick(now, self.context):
            self.perform(intent)
        self.session.update()
        while self.session.warnings:
            self.say(self.session.warnings.pop(0), ERROR)

    def perform(self, intent: intents.Intent) -> None:
        """Do what a gesture wants."""
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
                self.visit(place)
            case intents.Ask(dialog):
                self.open(dialog)
            case intents.Tell(text):
                self.say(text, ERROR)

    def insert_type(self, entry: SearchItem, dialog: AddNode) -> None:
        """Add what was found in the search, where the search was opened."""
        self.close()
        label = f"Replace {dialog.replace}" if dialog.replace else f"Add {entry.name}"
        self.run(label, insert, entry, dialog)

    def apply_remedy(self, remedy: Remedy) -> None:
        """Apply the remedy of a problem."""
        text = remedy.text
        self.run(text[0].upper() + text[1:], apply_remedy, remedy)

    def open(self, dialog: Dialog) -> None:
        """Open a dialog in the place of any that is open."""
        if isinstance(dialog, Rename) and not self.shown.editable:
            return
        self.look.dialog = dialog

    def close(self) -> None:
        """Close the dialog."""
        self.look.dialog = None

    def say(self, text: str, severity: str = INFO) -> None:
        """Say something to the person; what was said of the same kind before gives way."""
        kept = [one for one in self.look.messages if one.text != text]
        self.look.messages = [*kept, Message(text, severity, time.monotonic())][-4:]

    def dismiss(self, message: Message) -> None:
        """Take a message away."""
        self.look.messages = [one for one in self.look.messages if one is not message]

    # -- where one looks -------------------------------------------------------------------------

    def visit(self, place: tuple[str, ...], selection: Selection = Selection()) -> None:  # noqa: B008 (immutable)
        """Show another graph of the model, framed."""
        if place == self.document.path:
            self.store.select(selection)
            return
        before = self.document.path
        try:
            show(self.document.at(place), self.analysis.report)
        except KeyError as error:
            self.say(f"{error.args[0]} has no inside yet; connect its inputs first", ERROR)
            return
        if before[: len(place)] == place and not selection:
            selection = Selection.of(before[len(place)])
        self.store.visit(place, selection)
        self.frame()

    def frame(self, selection: Selection | None = None, most: float = 1.0) -> None:
        """Show the selected things, or all, in the middle of the view."""
        extent = self.scene.extent(selection)
        if extent is not None:
            self.camera = self.camera.framing(*extent, most=most)

    def jump(self, location: Location) -> None:
        """Show and select what an address names."""
        model = self.document.model
        place = find_place(location, self.analysis.report, model, self.document)
        if place is None:
            return
        self.visit(place)
        if self.document.path == place and location.node in self.shown.graph.nodes:
            self.store.select(Selection.of(location.node))
            self.reveal(location.node)

    def reveal(self, node: str) -> None:
        """Move the view as far as needed for a node to be seen."""
        extent = self.scene.extent(Selection.of(node))
        if extent is None:
            return
        (left, top), (right, bottom) = extent
        low, high = self.camera.low, self.camera.high
        inside = low[0] <= left and low[1] <= top and right <= high[0] and bottom <= high[1]
        if not inside:
            self.camera = self.camera.framing(*extent, most=max(self.camera.zoom, 0.5))

    # -- what follows ----------------------------------------------------------------------------

    def _changed(self, before: Document, after: Document) -> None:
        if after.model is not before.model:
            self.analysis.update(after.model)
        if after.path and not after.editable:
            try:
                show(after, self.analysis.report)
            except KeyError:
                # What was looked into stands for nothing any more.
                self.store.visit(after.path[:-1])

    def errors(self) -> list[Problem]:
        """List what keeps the model from being compiled."""
        return self.analysis.report.errors

    def rescale(self, factor: float) -> None:
        """Make everything in the window larger or smaller."""
        scale = min(2.5, max(0.75, round(self.settings.scale * factor, 2)))
        self.prefer(scale=scale)

    def prefer(self, **changed: object) -> None:
        """Change settings, and keep them."""
        self.settings = self.settings.model_copy(update=changed)
        if told := self.settings.save():
            self.say(told, ERROR)


def at_pixel(editor: Editor, pixel: tuple[float, float] | None = None) -> tuple[float, float]:
    """Tell the canvas point under a pixel, or under the pointer; the middle where it is outside."""
    camera = editor.camera
    x, y = pixel or editor.look.pointer
    inside = 0 <= x - camera.left < camera.width and 0 <= y - camera.top < camera.height
    if not inside:
        x, y = camera.left + camera.width / 2, camera.top + camera.height / 2
    return camera.to_canvas((x, y))
