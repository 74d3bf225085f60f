"""The panes of the window and the splitters between them.

From left to right: the palette, the canvas above the problems, the inspector above the code; the
toolbar is at the top and the status bar at the bottom.
"""

from collections.abc import Callable
from typing import Protocol

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.view.canvas.canvas_view import CanvasView
from builder.view.dialogs.dialog_host import DialogHost
from builder.view.empty_canvas import EmptyCanvasCard
from builder.view.notifications import Notifications
from builder.view.panels.code_panel import CodePanel
from builder.view.panels.inspector_panel import Inspector
from builder.view.panels.palette_panel import Palette
from builder.view.panels.problems_panel import ProblemsPanel
from builder.view.panels.status_bar import StatusBar
from builder.view.panels.toolbar import Toolbar
from builder.view.widgets import style
from builder.view.widgets.pointer_input import pointer_position
from builder.view.widgets.tag import Tag

TOOLBAR_HEIGHT, STATUS_BAR_HEIGHT, PROBLEMS_HEIGHT = 44, 28, 150
"""Heights, in pixels at scale 1."""
SPLITTER_WIDTH = 5
"""The width of a splitter, in pixels."""
MIN_PANE_WIDTH, MIN_CANVAS_WIDTH = 160, 240
"""How narrow a pane can be made, in pixels at scale 1."""


class View(Protocol):
    """A part of the window."""

    def update(self) -> None:
        """Show what has changed since the last frame."""


class Splitter:
    """A line between two panes that can be dragged.

    Args:
        parent: the row that it is added to.
        drag: is called with how far the mouse moved since the last frame, in pixels.
    """

    def __init__(self, parent: Tag, drag: Callable[[float], None]) -> None:
        self.drag = drag
        self._last_x: float | None = None
        self.item = dpg.add_button(label="", width=SPLITTER_WIDTH, height=-1, parent=parent)
        dpg.bind_item_theme(self.item, style.SPLITTER)

    def update(self) -> None:
        """Follow the mouse."""
        if not dpg.is_item_active(self.item):
            self._last_x = None
            return
        x, _ = pointer_position()
        if self._last_x is not None and x != self._last_x:
            self.drag(x - self._last_x)
        self._last_x = x


class WindowLayout:
    """Builds the panes and fits them to the window.

    Attributes:
        views: what has to be updated in every frame, in this order.
        dialogs: the host of the open dialog.
        canvas, palette, inspector, code_panel: the panes that take mouse or keyboard input.
    """

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self._sizes: tuple[float, ...] = ()
        self._build()
        self.dialogs = DialogHost(editor)
        self.canvas = CanvasView(editor, "pane_canvas")
        self.palette = Palette(editor, "pane_left")
        self.inspector = Inspector(editor, "pane_inspector")
        self.code_panel = CodePanel(editor, "pane_code")
        self.views: list[View] = [
            self,
            Toolbar(editor, "pane_toolbar"),
            self.palette,
            self.canvas,
            ProblemsPanel(editor, "pane_problems"),
            self.inspector,
            self.code_panel,
            StatusBar(editor, "pane_status"),
            EmptyCanvasCard(editor),
            self.dialogs,
            Notifications(editor),
        ]
        self.update()

    def _build(self) -> None:
        with dpg.window(tag="main", no_scrollbar=True, no_scroll_with_mouse=True):
            _add_pane("pane_toolbar")
            with dpg.group(horizontal=True, tag="pane_row"):
                _add_pane("pane_left")
                self._left = Splitter("pane_row", self._drag_left)
                with dpg.group(tag="pane_middle"):
                    _add_pane("pane_canvas")
                    _add_pane("pane_problems", scrolls=True)
                self._right = Splitter("pane_row", self._drag_right)
                with dpg.group(tag="pane_right"):
                    _add_pane("pane_inspector", scrolls=True)
                    _add_pane("pane_code")
            _add_pane("pane_status")
        dpg.set_primary_window("main", True)
        for pane in ("pane_toolbar", "pane_left", "pane_problems", "pane_inspector", "pane_code"):
            dpg.bind_item_theme(pane, style.PANEL)
        dpg.bind_item_theme("main", style.NO_SPACING)
        dpg.bind_item_theme("pane_status", style.PANEL)

    def _drag_left(self, distance: float) -> None:
        scale = self.editor.settings.scale
        self._resize(left=self.editor.settings.left + distance / scale)

    def _drag_right(self, distance: float) -> None:
        scale = self.editor.settings.scale
        self._resize(right=self.editor.settings.right - distance / scale)

    def _resize(self, **widths: float) -> None:
        settings, width = self.editor.settings, dpg.get_viewport_client_width()
        other = settings.right if "left" in widths else settings.left
        max_width = width / settings.scale - other - MIN_CANVAS_WIDTH
        limited = {
            side: round(max(MIN_PANE_WIDTH, min(max_width, pane_width)))
            for side, pane_width in widths.items()
        }
        self.editor.settings = settings.model_copy(update=limited)

    def update(self) -> None:
        """Fit the panes to the window."""
        self._left.update()
        self._right.update()
        settings = self.editor.settings
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        sizes = (
            width,
            height,
            settings.scale,
            settings.left,
            settings.right,
            settings.show_problems,
        )
        if sizes == self._sizes:
            return
        self._sizes = sizes
        self._fit(width, height)

    def _fit(self, width: int, height: int) -> None:
        settings, scale = self.editor.settings, self.editor.settings.scale
        top, bottom = round(TOOLBAR_HEIGHT * scale), round(STATUS_BAR_HEIGHT * scale)
        row = max(1, height - top - bottom)
        left, right = round(settings.left * scale), round(settings.right * scale)
        middle = max(1, width - left - right - 2 * SPLITTER_WIDTH)
        problems = round(min(PROBLEMS_HEIGHT * scale, row / 3)) if settings.show_problems else 0
        dpg.configure_item("pane_toolbar", width=width, height=top)
        dpg.configure_item("pane_left", width=left, height=row)
        dpg.configure_item("pane_canvas", width=middle, height=row - problems)
        dpg.configure_item(
            "pane_problems", width=middle, height=max(1, problems), show=problems > 0
        )
        inspector = round(row * 0.45)
        dpg.configure_item("pane_inspector", width=right, height=inspector)
        dpg.configure_item("pane_code", width=right, height=row - inspector)
        dpg.configure_item("pane_status", width=width, height=bottom)
        for splitter in (self._left, self._right):
            dpg.configure_item(splitter.item, height=row)
        self.editor.settings = settings.model_copy(update={"window": (width, height)})


def _add_pane(tag: str, scrolls: bool = False) -> None:
    dpg.add_child_window(
        tag=tag, border=False, no_scrollbar=not scrolls, no_scroll_with_mouse=not scrolls
    )
