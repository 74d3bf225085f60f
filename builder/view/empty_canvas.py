"""A card on the empty canvas that offers ways to begin."""

import dearpygui.dearpygui as dpg

from builder.actions.dispatch import run_action
from builder.editor.editor import Editor
from builder.graphics.shapes import Colour
from builder.view.widgets import fonts, style
from builder.view.widgets.pointer_input import pointer_position
from builder.view.widgets.tag import Tag

WIDTH, HEIGHT = 470, 150
PADDING = 12
BUTTON_WIDTH, BUTTON_GAP = 136, 10
BUTTONS = (
    ("Add a node", "add_node"),
    ("Open a template", "new_model"),
    ("Open a file", "open_file"),
)


class EmptyCanvasCard:
    """A card in the middle of the canvas, shown while the graph is empty."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self._laid_out: tuple[object, ...] | None = None
        self.window = dpg.add_window(
            show=False,
            no_title_bar=True,
            no_move=True,
            no_resize=True,
            no_scrollbar=True,
            no_focus_on_appearing=True,
            no_saved_settings=True,
            min_size=[1, 1],
        )
        dpg.bind_item_theme(self.window, style.POPUP)

    def update(self) -> None:
        """Show, move or hide the card."""
        editor, camera = self.editor, self.editor.camera
        if not self._is_visible():
            if self._laid_out is not None:
                self._laid_out = None
                dpg.hide_item(self.window)
            return
        if dpg.is_item_hovered(self.window):
            # The card covers the canvas, yet Tab must open the node search at the pointer.
            editor.view_state.pointer = pointer_position()
        scale = editor.settings.scale
        laid_out = editor.theme.name, scale, camera.left, camera.top, camera.width, camera.height
        if laid_out != self._laid_out:
            self._laid_out = laid_out
            self._build(scale)
            left = camera.left + (camera.width - WIDTH * scale) / 2
            top = camera.top + (camera.height - HEIGHT * scale) * 0.45
            dpg.configure_item(self.window, pos=[round(left), round(top)], show=True)

    def _is_visible(self) -> bool:
        editor, shown = self.editor, self.editor.active_graph
        empty = not shown.graph.nodes and not shown.comments and shown.editable
        busy = editor.overlay.busy or editor.overlay.ghost is not None
        return empty and not busy and editor.dialog is None

    def _build(self, scale: float) -> None:
        theme = self.editor.theme
        dpg.delete_item(self.window, children_only=True)
        width = round(WIDTH * scale)
        dpg.configure_item(self.window, width=width, height=round(HEIGHT * scale))
        dpg.push_container_stack(self.window)
        dpg.add_spacer(height=round(4 * scale))
        self._add_centred("The graph is empty", "heading", theme.text, width)
        shortcuts = "Tab to add  ·  drag from the palette  ·  open a template"
        self._add_centred(shortcuts, "regular", theme.quiet, width)
        dpg.add_spacer(height=round(8 * scale))
        self._add_buttons(width, scale)
        dpg.pop_container_stack()

    def _add_buttons(self, width: int, scale: float) -> None:
        button_width, gap = round(BUTTON_WIDTH * scale), round(BUTTON_GAP * scale)
        left = (width - len(BUTTONS) * button_width - (len(BUTTONS) - 1) * gap) / 2
        with dpg.group(horizontal=True, horizontal_spacing=gap):
            dpg.add_spacer(width=max(1, round(left - PADDING * scale - gap)))
            buttons: list[Tag] = [
                dpg.add_button(
                    label=label, width=button_width, user_data=action, callback=self._run
                )
                for label, action in BUTTONS
            ]
        dpg.bind_item_theme(buttons[0], style.PRIMARY)

    def _run(self, _sender: object, _data: object, action: str) -> None:
        run_action(self.editor, action)

    def _add_centred(self, text: str, font: str, colour: Colour, width: float) -> None:
        size = dpg.get_text_size(text, font=fonts.tag(font)) or (0, 0)
        left = PADDING * self.editor.settings.scale
        item = dpg.add_text(text, color=colour, indent=round((width - size[0]) / 2 - left))
        dpg.bind_item_font(item, fonts.tag(font))
