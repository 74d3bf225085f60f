"""What an empty canvas says: how to begin."""

import dearpygui.dearpygui as dpg

from builder.actions.dispatch import run_action
from builder.editor.editor import Editor
from builder.view.widgets import fonts, style

WIDE, TALL = 470, 150
BUTTONS = (
    ("Add a node", "add_node"),
    ("Open a template", "new_model"),
    ("Open a file", "open_file"),
)


class EmptyCard:
    """A card in the middle of the canvas, as long as there is nothing on it."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self._placed: tuple | None = None
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
        """Show it, or not."""
        editor, camera = self.editor, self.editor.camera
        shown = editor.active_graph
        empty = not shown.graph.nodes and not shown.comments and shown.editable
        busy = editor.overlay.busy or editor.overlay.ghost is not None
        if not empty or busy or editor.dialog is not None:
            if self._placed is not None:
                self._placed = None
                dpg.hide_item(self.window)
            return
        if dpg.is_item_hovered(self.window):
            # The canvas below does not see the pointer, yet Tab is to add a node there.
            editor.view_state.pointer = tuple(dpg.get_mouse_pos(local=False))
        look = editor.theme.name, editor.settings.scale
        place = *look, camera.left, camera.top, camera.width, camera.height
        if place != self._placed:
            self._placed = place
            self._build(editor.settings.scale)
            left = camera.left + (camera.width - WIDE * editor.settings.scale) / 2
            top = camera.top + (camera.height - TALL * editor.settings.scale) * 0.45
            dpg.configure_item(self.window, pos=[round(left), round(top)], show=True)

    def _build(self, scale: float) -> None:
        theme = self.editor.theme
        dpg.delete_item(self.window, children_only=True)
        width = round(WIDE * scale)
        dpg.configure_item(self.window, width=width, height=round(TALL * scale))
        dpg.push_container_stack(self.window)
        dpg.add_spacer(height=round(4 * scale))
        self._centred("Nothing is here yet", "heading", theme.text, width)
        told = "Tab to add  ·  drag from the palette  ·  open a template"
        self._centred(told, "regular", theme.quiet, width)
        dpg.add_spacer(height=round(8 * scale))
        each, gap = round(136 * scale), round(10 * scale)
        left = (width - len(BUTTONS) * each - (len(BUTTONS) - 1) * gap) / 2
        with dpg.group(horizontal=True, horizontal_spacing=gap):
            dpg.add_spacer(width=max(1, round(left - 12 * scale - gap)))
            made = [
                dpg.add_button(label=label, width=each, user_data=action, callback=self._do)
                for label, action in BUTTONS
            ]
        dpg.bind_item_theme(made[0], style.PRIMARY)
        dpg.pop_container_stack()

    def _do(self, _sender: object, _data: object, action: str) -> None:
        run_action(self.editor, action)

    def _centred(self, text: str, font: str, colour: tuple, width: float) -> None:
        size = dpg.get_text_size(text, font=fonts.tag(font)) or (0, 0)
        left = 12 * self.editor.settings.scale
        made = dpg.add_text(text, color=colour, indent=round((width - size[0]) / 2 - left))
        dpg.bind_item_font(made, fonts.tag(font))
