"""The canvas: a plot that shows what the editor holds, and passes the mouse on to it."""

from dataclasses import replace

from builder.actions.file_actions import restore_view
from builder.editor.editor import Editor
from builder.view.canvas.grid_view import DotsView
from builder.view.canvas.minimap import Minimap
from builder.view.canvas.overlay_view import OverlayView
from builder.view.canvas.painter import Painter, Sitting
from builder.view.canvas.plot_view import PlotView, Tag
from builder.view.widgets.pointer_input import Mouse


class CanvasView:
    """Builds the canvas and keeps it true to the editor.

    Attributes:
        mouse: what the mouse does over it.
    """

    def __init__(self, editor: Editor, parent: Tag) -> None:
        self.editor = editor
        self._lens = PlotView(parent)
        self._dots = DotsView(self._lens)
        self._painter = Painter(self._lens)
        self._overlay = OverlayView(editor, self._lens)
        self._minimap = Minimap(editor, parent)
        self._sized = False
        self.mouse = Mouse(editor, self._lens.plot)

    @property
    def unfinished(self) -> bool:
        """Tell whether some of what is in view is still to be drawn."""
        return self._painter.unfinished

    def update(self) -> None:
        """Show what is new."""
        if not self._fit():
            return
        editor = self.editor
        self.mouse.update()
        self._lens.look(editor.camera)
        self._dots.update(editor.camera, editor.theme)
        self._painter.paint(
            Sitting(
                editor.scene,
                editor.index,
                editor.document.selection,
                editor.overlay,
                editor.camera,
                editor.theme,
                editor.settings.shapes_on_edges,
            )
        )
        self._overlay.update()
        self._minimap.update()

    def _fit(self) -> bool:
        """Tell the camera where the canvas lies in the window; False before it does."""
        place = self._lens.rectangle()
        if place is None:
            return False
        left, top, width, height = place
        editor = self.editor
        camera = replace(editor.camera, left=left, top=top, width=width, height=height)
        if camera != editor.camera:
            editor.camera = camera
        if not self._sized:
            # Whatever was framed before was framed for a view of another size.
            self._sized = True
            editor.navigation.zoom_to_fit()
            restore_view(editor)
        return True
