"""The widgets of a form field: they keep input until it is committed, and say why it is refused."""

import dearpygui.dearpygui as dpg

from builder.commands.editing import unique_names
from builder.editor.editor import Editor
from builder.panels.form_model import Control, Entered, Field
from builder.view.panels import panel_themes
from builder.view.panels.panel import add_text, add_tooltip, set_text
from builder.view.widgets import fonts, style
from builder.view.widgets.safe_text import MAX_LENGTH, sanitize, sanitize_input
from builder.view.widgets.tag import Tag

ESCAPE_KEY = 526
LABEL_WIDTH, NOTE_WIDTH, TEXT_HEIGHT = 118, 72, 120
"""The widths of labels and notes, and the height of a text of several lines, at scale 1."""
NONE = "(none)"
"""The item of a combo box that stands for an empty choice."""


class FieldWidget:
    """The widgets of one field.

    Input is committed when the widget loses the keyboard focus: by Enter, by Tab, by a click
    elsewhere, or because the panel shows another form.  Escape restores the committed value.

    Args:
        editor: the editor.
        field: the field.
        parent: the container.
        label: add the label of the field on its left.
        width: the width in pixels; -1 to fill the container.
    """

    def __init__(
        self, editor: Editor, field: Field, parent: Tag, label: bool = True, width: int = -1
    ) -> None:
        self.editor, self.field = editor, field
        self._scale = editor.settings.scale
        self._has_label, self._width = label, width
        self._refused: Entered | None = None
        self._active = self._must_refresh = False
        self._committed: Entered = self._display(field)
        self._preview: Tag | None = None
        self._build(parent)
        self.show(field)

    def _units(self, length: float) -> int:
        return round(length * self._scale)

    def _build(self, parent: Tag) -> None:
        self.group = dpg.add_group(parent=parent)
        is_text = self.field.control is Control.LINES
        if not self._has_label:
            self._build_control(self.group)
            add_tooltip(self.item, self.field.doc)
        elif is_text:
            self._build_text()
        else:
            row = dpg.add_group(
                parent=self.group, horizontal=True, xoffset=self._units(LABEL_WIDTH)
            )
            self._add_label(dpg.add_group(parent=row))
            self._build_control(row)
        self.reason = add_text("", self.editor.theme.error, "small", self.group, wrap=0)
        indent = self._units(LABEL_WIDTH) if self._has_label and not is_text else 0
        dpg.configure_item(self.reason, indent=indent)

    def _add_label(self, parent: Tag) -> None:
        label = add_text(self.field.label, self.editor.theme.quiet, parent=parent)
        add_tooltip(label, self.field.doc)

    def _build_control(self, parent: Tag) -> Tag:
        """Add the control and the note beside it; return their group."""
        row = dpg.add_group(horizontal=True, parent=parent)
        self.item = self._add_control(row)
        self.note = add_text("", self.editor.theme.faint, "small", row)
        return row

    def _build_text(self) -> None:
        """Add the label above a read-only preview: Dear ImGui wraps texts, but not text fields."""
        column = dpg.add_group(parent=self.group)
        header = dpg.add_group(parent=column, horizontal=True)
        self._add_label(header)
        row = self._build_control(column)
        edit = dpg.add_button(label="Edit", parent=header, callback=self._open_editor)
        dpg.bind_item_theme(edit, panel_themes.ACCENT)
        dpg.bind_item_font(edit, fonts.tag("small"))
        dpg.configure_item(self.item, show=False)
        dpg.bind_item_theme(header, panel_themes.COMPACT)
        text, colour = str(self._committed), self.editor.theme.text
        self._preview = add_text(text, colour, "small", row, wrap=0, lines=True)

    def _open_editor(self) -> None:
        self._show_preview(False)
        dpg.focus_item(self.item)

    def _show_preview(self, visible: bool) -> None:
        """Show the preview in place of the text field, or the field in place of the preview."""
        if self._preview is not None:
            dpg.configure_item(self._preview, show=visible)
            dpg.configure_item(self.item, show=not visible)

    def _add_control(self, parent: Tag) -> Tag:
        field = self.field
        alias = f"field.{field.key}"
        tag: Tag = 0 if dpg.does_alias_exist(alias) else alias
        if field.control is Control.CHECK:
            return dpg.add_checkbox(parent=parent, default_value=bool(field.value), tag=tag)
        text = str(self._committed)
        if field.control is Control.CHOICE:
            return dpg.add_combo(
                _items(field), parent=parent, default_value=text, width=self._width, tag=tag
            )
        is_text = field.control is Control.LINES
        return dpg.add_input_text(
            parent=parent,
            default_value=text,
            hint="" if is_text else sanitize(field.placeholder),
            multiline=is_text,
            readonly=isinstance(field.value, str) and len(field.value) > MAX_LENGTH,
            width=self._width,
            height=self._units(TEXT_HEIGHT) if is_text else 0,
            auto_select_all=not is_text,
            tag=tag,
        )

    def _display(self, field: Field) -> Entered:
        """Return the value of a field as its control displays it."""
        if isinstance(field.value, bool):
            return field.value
        if field.control is Control.CHOICE:
            items = dict(zip(field.choices, _items(field), strict=True))
            return items.get(field.value) or sanitize(field.value)
        return sanitize_input(field.value, lines=field.control is Control.LINES)

    # -- from the document to the widgets --------------------------------------------------------

    def show(self, field: Field) -> None:
        """Show the value in the document; input that is not committed yet is kept."""
        committed, previous, self.field = self._committed, self.field, field
        self._committed = self._display(field)
        if self._committed != committed or self._must_refresh:
            self._refused, self._must_refresh = None, False
            if not self._active:
                dpg.set_value(self.item, self._committed)
        self._update_options(previous)
        if self._preview is not None:
            dpg.set_value(self._preview, self._committed)
        if self._refused is None:
            self._show_reason(field.error)
        self._show_note(field.note)

    def _update_options(self, previous: Field) -> None:
        """Update the choices and the hint."""
        field = self.field
        if field.choices != previous.choices:
            dpg.configure_item(self.item, items=_items(field))
        if field.placeholder != previous.placeholder and field.control is Control.TEXT:
            dpg.configure_item(self.item, hint=sanitize(field.placeholder))

    def restore(self) -> None:
        """Discard the input."""
        self._refused = None
        dpg.set_value(self.item, self._committed)
        self._show_reason(self.field.error)

    def _show_note(self, note: str) -> None:
        set_text(self.note, note)
        dpg.configure_item(self.note, show=bool(note))
        if self._has_label and self.field.control in (Control.TEXT, Control.CHOICE):
            width = -self._units(NOTE_WIDTH) if note else self._width
            dpg.configure_item(self.item, width=width)

    def _show_reason(self, reason: str) -> None:
        """Show why the input is refused, or the value in the document is wrong."""
        set_text(self.reason, reason)
        dpg.configure_item(self.reason, show=bool(reason))
        dpg.bind_item_theme(self.item, style.INVALID if reason else 0)

    # -- from the widgets to the document --------------------------------------------------------

    def update(self) -> None:
        """Commit the input once the widget has lost the keyboard focus."""
        was_active, self._active = self._active, dpg.is_item_active(self.item)
        if was_active and not self._active and dpg.is_key_pressed(ESCAPE_KEY):
            self.restore()
        elif not self._active:
            self.commit()
        if was_active and not self._active and self._refused is None:
            self._show_preview(True)

    @property
    def active(self) -> bool:
        """Whether the widget has the keyboard focus, or had it in the last frame."""
        return self._active

    def commit(self) -> None:
        """Set the value in the document to the input, or show why it is refused."""
        value = dpg.get_value(self.item)
        entered = value if isinstance(value, bool) else str(value)
        if entered in (self._committed, self._refused):
            return
        choices = dict(zip(_items(self.field), self.field.choices, strict=True))
        document, reason = self.field.enter(
            self.editor.store.committed,
            entered if isinstance(entered, bool) else choices.get(entered, entered),
        )
        if document is None:
            self._refused = entered
            self._show_reason(reason)
            return
        # The input may be another spelling of the same value, as 0128 is: show the value itself.
        self._must_refresh = True
        self.editor.store.commit(self.field.history_label or f"Set {self.field.label}", document)


def _items(field: Field) -> list[str]:
    """Return the item of each choice; equal ones are numbered, as a combo box returns its text."""
    return unique_names([sanitize(choice) or NONE for choice in field.choices], (), " ")
