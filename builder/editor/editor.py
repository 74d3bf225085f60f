"""The editor without its window: the state that the window shows, and the commands it calls.

    gesture, key or button -> command on the document -> store -> analysis -> scene -> window

The window keeps no state of its own about the document.
"""

from collections.abc import Callable
from typing import NamedTuple

from builder.canvas import intents
from builder.canvas.active_graph import ActiveGraph, GraphPath, find_active_graph
from builder.canvas.camera import Camera
from builder.canvas.gestures.gesture_machine import GestureContext, GestureMachine
from builder.canvas.hit_test import SceneIndex
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Escape, Event
from builder.canvas.scene import Scene, SceneMaker
from builder.commands.model_settings import apply_remedy
from builder.custom.custom_nodes import CustomNodes
from builder.custom.node_problem import NodeProblem
from builder.dialogs.dialog import AddNode, CustomNodeList, Dialog, Rename
from builder.document.analysis import Analysis
from builder.document.document import Document, Refused
from builder.document.store import Store
from builder.editor.background import Background
from builder.editor.navigation import Navigation
from builder.editor.node_insertion import insert
from builder.editor.opening import Opening, PreparedFile
from builder.editor.view_state import (
    ERROR,
    INFO,
    Clipboard,
    InProcessClipboard,
    Notification,
    ViewState,
)
from builder.graphics.shapes import Point
from builder.graphics.theme import THEMES, Theme
from builder.search.search import SearchItem
from builder.storage.session import Session
from builder.storage.settings import Settings
from codegen.check import Problem, Report
from codegen.check.remedy import Remedy
from nodes.core.files.node_renewal import Renewal
from nodes.core.graphs.graph import Model

MAX_NOTIFICATIONS = 4
MAX_NOTICES = 10
MIN_SCALE, MAX_SCALE = 0.75, 2.5


class _Derived(NamedTuple):
    """What is computed from a document and its report, with the objects it was computed from."""

    model: Model
    path: GraphPath
    report: Report
    active_graph: ActiveGraph
    scene: Scene
    scene_index: SceneIndex


class Editor:
    """Holds the document, what is derived from it, and the view state.

    Attributes:
        store: the document and its history.
        session: the file of the document.
        settings: the user's settings.
        analysis: problems, shapes, code and costs.
        gestures: the mouse gesture in progress.
        clipboard: for copied nodes.
        view_state: the camera, the open dialog, notifications, the pointer.
        navigation: opens graphs and moves the camera.
        opening: the file that is being opened on a thread.
        custom: the custom nodes.
        admission: the custom nodes that are being tried on a thread.
    """

    def __init__(
        self, session: Session, settings: Settings, custom: CustomNodes | None = None
    ) -> None:
        self.session, self.settings = session, settings
        self.store: Store = session.store
        self.analysis = Analysis(self.document.model)
        self.gestures = GestureMachine()
        self.clipboard: Clipboard = InProcessClipboard()
        self.view_state = ViewState()
        self.navigation = Navigation(self)
        self._maker = SceneMaker()
        self._derived: _Derived | None = None
        self.opening: Opening | None = None
        self.custom = custom or CustomNodes()
        self.admission: Background[dict[str, NodeProblem]] | None = None
        self.store.listeners.append(self._changed)
        self.store.notice_listeners.append(self._show_notices)

    # -- state -----------------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The document, with the preview of a gesture in progress."""
        return self.store.document

    @property
    def theme(self) -> Theme:
        """The colours of the window."""
        return THEMES[self.settings.theme]

    @property
    def camera(self) -> Camera:
        """The view of the canvas."""
        return self.view_state.camera

    @camera.setter
    def camera(self, camera: Camera) -> None:
        self.view_state.camera = camera

    @property
    def dialog(self) -> Dialog | None:
        """The open dialog."""
        return self.view_state.dialog

    @property
    def active_graph(self) -> ActiveGraph:
        """The graph on the canvas."""
        return self._derive().active_graph

    @property
    def scene(self) -> Scene:
        """The items on the canvas."""
        return self._derive().scene

    @property
    def index(self) -> SceneIndex:
        """The spatial index of the scene."""
        return self._derive().scene_index

    @property
    def overlay(self) -> Overlay:
        """What the gesture in progress shows over the graph."""
        return self.gestures.overlay

    @property
    def context(self) -> GestureContext:
        """What gestures read."""
        active = self.active_graph
        return GestureContext(
            self.document,
            self.scene,
            self.index,
            self.camera,
            active.checked,
            active.editable,
            self.settings.snap,
        )

    def _derive(self) -> _Derived:
        document, report, last = self.document, self.analysis.report, self._derived
        if (
            last is not None
            and last.model is document.model
            and last.path is document.path
            and last.report is report
        ):
            return last
        active = find_active_graph(document, report)
        scene = self._maker.make(
            active.graph,
            active.positions,
            active.comments,
            document.model,
            active.checked,
            report,
            active.graph_name,
        )
        index = SceneIndex(scene, last.scene_index if last else None)
        self._derived = _Derived(document.model, document.path, report, active, scene, index)
        return self._derived

    def errors(self) -> list[Problem]:
        """List the problems that keep the model from being compiled."""
        return self.analysis.report.errors

    def pointer_on_canvas(self) -> Point:
        """Find the canvas point under the pointer; the middle of the view if it is outside."""
        camera = self.camera
        x, y = self.view_state.pointer
        inside = 0 <= x - camera.left < camera.width and 0 <= y - camera.top < camera.height
        if not inside:
            x, y = camera.left + camera.width / 2, camera.top + camera.height / 2
        return camera.to_canvas((x, y))

    # -- commands --------------------------------------------------------------------------------

    def run_command(
        self, label: str, command: Callable[..., Document], *args: object, coalescing_key: str = ""
    ) -> bool:
        """Run a command as one step of the history; return whether it was accepted.

        A refusal is shown as a notification.
        """
        try:
            document = command(self.store.committed, *args)
        except Refused as refused:
            self.notify(str(refused), ERROR)
            return False
        self.store.commit(label, document, coalescing_key)
        return True

    def insert_type(self, entry: SearchItem, dialog: AddNode) -> None:
        """Add the node that was chosen in the search dialog."""
        self.close_dialog()
        label = f"Replace {dialog.replace}" if dialog.replace else f"Add {entry.name}"
        self.run_command(label, insert, entry, dialog)

    def apply_remedy(self, remedy: Remedy) -> None:
        """Apply the quick fix of a problem."""
        self.run_command(remedy.title, apply_remedy, remedy)

    # -- gestures --------------------------------------------------------------------------------

    def handle_pointer(self, event: Event) -> None:
        """Dispatch a mouse event to the gesture in progress."""
        if not isinstance(event, Escape):
            self.view_state.pointer = event.pixel
        for intent in self.gestures.handle(event, self.context):
            self.perform(intent)

    def cancel_gesture(self) -> None:
        """Cancel the gesture in progress."""
        self.handle_pointer(Escape())

    def tick(self, now: float) -> None:
        """Advance auto-panning and the journal; ``now`` is in seconds."""
        for intent in self.gestures.tick(now, self.context):
            self.perform(intent)
        self.session.update()
        opening = self.opening
        if opening is not None and opening.done:
            self.opening = None
            opening.finish()
        admission = self.admission
        if admission is not None and admission.done:
            self.admission = None
            admission.finish()
        while self.session.warnings:
            self.notify(self.session.warnings.pop(0), ERROR)

    def perform(self, intent: intents.Intent) -> None:
        """Perform what a gesture requests."""
        match intent:
            case intents.Preview(document):
                self.store.preview(document)
            case intents.Commit(label, document):
                self.store.commit(label, document)
            case intents.Cancel():
                self.store.cancel()
            case intents.Select(selection):
                self.store.select(selection)
            case intents.SetCamera(camera):
                self.camera = camera
            case intents.OpenGraph(path):
                self.navigation.open_graph(path)
            case intents.OpenDialog(dialog):
                self.open_dialog(dialog)
            case intents.Notify(text):
                self.notify(text, ERROR)

    def show_file(self, prepared: PreparedFile) -> None:
        """Show a file that was opened on a thread, with what was derived from it there."""
        model = prepared.file.model
        self.analysis.adopt(model, prepared.report, prepared.cache)
        self._maker = prepared.maker
        shown = prepared.active, prepared.scene, prepared.index
        self._derived = _Derived(model, (), prepared.report, *shown)
        self.session.show(prepared.file)

    def renew_nodes(self) -> None:
        """Take over the custom nodes as they are now, in all steps of the history."""
        self.session.renew(Renewal().model)
        self.analysis.restart(self.document.model)

    # -- dialogs, notifications, settings --------------------------------------------------------

    def open_dialog(self, dialog: Dialog) -> None:
        """Open a dialog and close the one that is open."""
        if isinstance(dialog, Rename) and not self.active_graph.editable:
            return
        self.view_state.dialog = dialog

    def close_dialog(self) -> None:
        """Close the open dialog, and open the one that waits for it."""
        dialog = self.view_state.dialog
        self.view_state.dialog = dialog.then if isinstance(dialog, CustomNodeList) else None

    def notify(self, text: str, severity: str = INFO) -> None:
        """Show a notification; an older one with the same text is removed."""
        kept = [earlier for earlier in self.view_state.notifications if earlier.text != text]
        self.view_state.notifications = [*kept, Notification(text, severity)][-MAX_NOTIFICATIONS:]

    def _show_notices(self, notices: tuple[str, ...]) -> None:
        """Show the notices of a command as one notification."""
        more = len(notices) - MAX_NOTICES
        rest = (f"and {more} more",) if more > 0 else ()
        self.notify("\n".join((*notices[:MAX_NOTICES], *rest)))

    def dismiss(self, notification: Notification) -> None:
        """Remove a notification."""
        kept = [shown for shown in self.view_state.notifications if shown is not notification]
        self.view_state.notifications = kept

    def scale_interface(self, factor: float) -> None:
        """Enlarge or shrink the whole interface."""
        scale = min(MAX_SCALE, max(MIN_SCALE, round(self.settings.scale * factor, 2)))
        self.update_settings(scale=scale)

    def update_settings(self, **changed: object) -> None:
        """Change settings and save them."""
        self.settings = self.settings.model_copy(update=changed)
        if message := self.settings.save():
            self.notify(message, ERROR)

    # -- changes of the document -----------------------------------------------------------------

    def _changed(self, before: Document, after: Document) -> None:
        if after.model is not before.model:
            self.analysis.update(after.model)
        if after.path and not after.editable:
            try:
                find_active_graph(after, self.analysis.report)
            except KeyError:
                # The composite whose inside was open can no longer be expanded.
                self.store.visit(after.path[:-1])
