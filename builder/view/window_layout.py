"""The panes of the window and what divides them: palette, canvas, problems, inspector, code."""

from collections.abc import Callable
from typing import Protocol

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.view.canvas.canvas_view import CanvasView
from builder.view.dialogs.dialog_host import Dialogs
from builder.view.empty_canvas import EmptyCard
from builder.view.notifications import Messages
from builder.view.panels.code_panel import CodePanel
from builder.view.panels.inspector_panel import Inspector
from builder.view.panels.palette_panel import Palette
from builder.view.panels.problems_panel import ProblemsPanel
from builder.view.panels.status_bar import StatusBar
from builder.view.panels.toolbar import Toolbar
from builder.view.widgets import style

TOOLBAR, STATUS, PROBLEMS = 44, 28, 150
"""How high the bars and the list of problems are, in units."""
SPLITTER = 5
"""How wide what divides two panes is, in pixels."""
LEAST, LEAST_CANVAS = 160, 240
"""How narrow a pane may be made, in units."""


class Part(Protocol):
    """A part of the window."""

    def update(self) -> None:
        """Show what differs from the last round."""


class Splitter:
    """A line between two panes that can be dragged.

    Args:
        parent: what it stands in.
        drag: is called with how far the mouse has gone since the last round, in pixels.
    """

    def __init__(self, parent: str, drag: Callable[[float], None]) -> None:
        self.drag = drag
        self._last: float | None = None
        self.item = dpg.add_button(label="", width=SPLITTER, height=-1, parent=parent)
        dpg.bind_item_theme(self.item, style.SPLITTER)

    def update(self) -> None:
        """Follow the mouse."""
        if not dpg.is_item_active(self.item):
            self._last = None
            return
        x = dpg.get_mouse_pos(local=False)[0]
        if self._last is not None and x != self._last:
            self.drag(x - self._last)
        self._last = x


class Panes:
    """Builds the panes and keeps their sizes.

    Attributes:
        parts: what is to look at the editor each round.
        dialogs: what opens over the window.
        canvas, palette, inspector, code: the panes that take the mouse or keys.
    """

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self._sizes: tuple[float, ...] = ()
        self._build()
        self.dialogs = Dialogs(editor)
        self.canvas = CanvasView(editor, "pane_canvas")
        self.palette = Palette(editor, "pane_left")
        self.inspector = Inspector(editor, "pane_inspector")
        self.code = CodePanel(editor, "pane_code")
        self.parts: list[Part] = [
            self,
            Toolbar(editor, "pane_toolbar"),
            self.palette,
            self.canvas,
            ProblemsPanel(editor, "pane_problems"),
            self.inspector,
            self.code,
            StatusBar(editor, "pane_status"),
            EmptyCard(editor),
            self.dialogs,
            Messages(editor),
        ]
        self.update()

    def _build(self) -> None:
        plain = {"no_scrollbar": True, "no_scroll_with_mouse": True, "border": False}
        with dpg.window(tag="main", no_scrollbar=True, no_scroll_with_mouse=True):
            dpg.add_child_window(tag="pane_toolbar", **plain)
            with dpg.group(horizontal=True, tag="pane_row"):
                dpg.add_child_window(tag="pane_left", **plain)
                self._left = Splitter("pane_row", self._drag_left)
                with dpg.group(tag="pane_middle"):
                    dpg.add_child_window(tag="pane_canvas", **plain)
                    dpg.add_child_window(tag="pane_problems", border=False)
                self._right = Splitter("pane_row", self._drag_right)
                with dpg.group(tag="pane_right"):
                    dpg.add_child_window(tag="pane_inspector", border=False)
                    dpg.add_child_window(tag="pane_code", **plain)
            dpg.add_child_window(tag="pane_status", **plain)
        dpg.set_primary_window("main", True)
        for pane in ("pane_toolbar", "pane_left", "pane_problems", "pane_inspector", "pane_code"):
            dpg.bind_item_theme(pane, style.PANEL)
        dpg.bind_item_theme("main", style.TIGHT)
        dpg.bind_item_theme("pane_status", style.PANEL)

    def _drag_left(self, by: float) -> None:
        scale = self.editor.settings.scale
        self._resize(left=self.editor.settings.left + by / scale)

    def _drag_right(self, by: float) -> None:
        scale = self.editor.settings.scale
        self._resize(right=self.editor.settings.right - by / scale)

    def _resize(self, **widths: float) -> None:
        settings, width = self.editor.settings, dpg.get_viewport_client_width()
        other = settings.right if "left" in widths else settings.left
        most = width / settings.scale - other - LEAST_CANVAS
        limited = {side: round(max(LEAST, min(most, wide))) for side, wide in widths.items()}
        self.editor.settings = settings.model_copy(update=limited)

    def update(self) -> None:
        """Fit the panes to the window."""
        self._left.update()
        self._right.update()
        settings = self.editor.settings
        sizes = (
            dpg.get_viewport_client_width(),
            dpg.get_viewport_client_height(),
            settings.scale,
            settings.left,
            settings.right,
            settings.show_problems,
        )
        if sizes == self._sizes:
            return
        self._sizes = sizes
        self._fit(sizes[0], sizes[1])

    def _fit(self, width: float, height: float) -> None:
        settings, scale = self.editor.settings, self.editor.settings.scale
        top, bottom = round(TOOLBAR * scale), round(STATUS * scale)
        tall = max(1, height - top - bottom)
        left, right = round(settings.left * scale), round(settings.right * scale)
        middle = max(1, width - left - right - 2 * SPLITTER)
        low = round(min(PROBLEMS * scale, tall / 3)) if settings.show_problems else 0
        dpg.configure_item("pane_toolbar", width=width, height=top)
        dpg.configure_item("pane_left", width=left, height=tall)
        dpg.configure_item("pane_canvas", width=middle, height=tall - low)
        dpg.configure_item("pane_problems", width=middle, height=max(1, low), show=low > 0)
        inspector = round(tall * 0.45)
        dpg.configure_item("pane_inspector", width=right, height=inspector)
        dpg.configure_item("pane_code", width=right, height=tall - inspector)
        dpg.configure_item("pane_status", width=width, height=bottom)
        for splitter in (self._left, self._right):
            dpg.configure_item(splitter.item, height=tall)
        self.editor.settings = settings.model_copy(update={"window": (width, height)})
