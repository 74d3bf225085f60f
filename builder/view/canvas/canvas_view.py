"""The canvas: a plot that shows the scene of the editor and forwards pointer input to it."""

from dataclasses import replace

from builder.actions.file_actions import restore_view
from builder.editor.editor import Editor
from builder.view.canvas.grid_view import GridView
from builder.view.canvas.minimap import Minimap
from builder.view.canvas.overlay_view import OverlayView
from builder.view.canvas.plot_view import PlotView
from builder.view.canvas.scene_painter import ScenePainter, SceneSnapshot
from builder.view.widgets.pointer_input import PointerInput
from builder.view.widgets.tag import Tag


class CanvasView:
    """Builds the canvas and updates it from the editor.

    Attributes:
        pointer_input: the source of pointer events.
    """

    def __init__(self, editor: Editor, parent: Tag) -> None:
        self.editor = editor
        self._plot_view = PlotView(parent)
        self._grid = GridView(self._plot_view)
        self._painter = ScenePainter(self._plot_view)
        self._overlay = OverlayView(editor, self._plot_view)
        self._minimap = Minimap(editor, parent)
        self._has_size = False
        self.pointer_input = PointerInput(editor, self._plot_view.plot)

    @property
    def unfinished(self) -> bool:
        """Whether items in view are still to be drawn in the next frames."""
        return self._painter.unfinished

    def update(self) -> None:
        """Handle pointer input, and draw what has changed."""
        if not self._fit_camera():
            return
        editor = self.editor
        self.pointer_input.update()
        self._plot_view.follow(editor.camera)
        self._grid.update(editor.camera, editor.theme)
        self._painter.paint(
            SceneSnapshot(
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

    def _fit_camera(self) -> bool:
        """Fit the camera to the plot; return False before the first layout of the window."""
        rectangle = self._plot_view.rectangle()
        if rectangle is None:
            return False
        left, top, width, height = rectangle
        editor = self.editor
        camera = replace(editor.camera, left=left, top=top, width=width, height=height)
        if camera != editor.camera:
            editor.camera = camera
        if not self._has_size:
            # Earlier calls of frame() did not know the size of the canvas.
            self._has_size = True
            editor.navigation.zoom_to_fit()
            restore_view(editor)
        return True
