"""The widgets of a field: they hold what is typed until it is entered, and say why it cannot be."""

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.panels.form_model import Control, Entered, Field
from builder.view.panels import panel_themes
from builder.view.panels.panel import Item, rewrite, text, tip
from builder.view.widgets import fonts, style
from builder.view.widgets.safe_text import LONGEST, shown

ESCAPE = 526
LABEL, NOTE = 118, 72
"""How wide labels are, and notes beside a field, in units."""
NONE = "(none)"
"""What stands for an empty choice."""


class FieldWidget:
    """One field on the screen.

    What differs from what was put there is entered as soon as the keyboard has left it: by Enter,
    by Tab, by a click elsewhere, or because the panel goes on to something else.

    Args:
        editor: holds the document.
        field: what is entered.
        parent: what the widgets stand in.
        label: the label stands before it.
        width: of the widget, in pixels; -1 for what there is.
    """

    def __init__(
        self, editor: Editor, field: Field, parent: Item, label: bool = True, width: int = -1
    ) -> None:
        self.editor, self.field = editor, field
        self._scale = editor.settings.scale
        self._label, self._width = label, width
        self._refused: Entered | None = None
        self._active = self._stale = False
        self._put: Entered = self._shown(field)
        self._build(parent)
        self.show(field)

    def _units(self, length: float) -> int:
        return round(length * self._scale)

    def _build(self, parent: Item) -> None:
        theme, field = self.editor.theme, self.field
        self.group = dpg.add_group(parent=parent)
        above = field.control is Control.LINES
        options = {} if above else {"horizontal": True, "xoffset": self._units(LABEL)}
        row = dpg.add_group(parent=self.group, **options) if self._label else self.group
        if self._label:
            head = dpg.add_group(parent=row, horizontal=above)
            tip(text(field.label, theme.quiet, parent=head), field.doc)
        inner = dpg.add_group(horizontal=True, parent=row)
        self.item = self._control(inner)
        if not self._label:
            tip(self.item, field.doc)
        self.note = text("", theme.faint, "small", inner)
        self.reason = text("", theme.error, "small", self.group, wrap=0)
        dpg.configure_item(
            self.reason, indent=0 if above or row == self.group else self._units(LABEL)
        )
        self._reading = self._reader(head, inner) if above and self._label else None

    def _reader(self, head: Item, inner: Item) -> Item:
        """Show a long text in wrapped lines, until it is to be changed: fields do not wrap."""
        change = dpg.add_button(label="Edit", parent=head, callback=self._open)
        dpg.bind_item_theme(change, panel_themes.ACCENT)
        dpg.bind_item_font(change, fonts.tag("small"))
        dpg.configure_item(self.item, show=False)
        dpg.bind_item_theme(head, panel_themes.LINES)
        return text(str(self._put), self.editor.theme.text, "small", inner, wrap=0, lines=True)

    def _open(self) -> None:
        dpg.configure_item(self._reading, show=False)
        dpg.configure_item(self.item, show=True)
        dpg.focus_item(self.item)

    def _close(self) -> None:
        dpg.configure_item(self._reading, show=True)
        dpg.configure_item(self.item, show=False)

    def _control(self, parent: Item) -> Item:
        field = self.field
        named = {} if dpg.does_alias_exist(f"field.{field.key}") else {"tag": f"field.{field.key}"}
        if field.control is Control.CHECK:
            return dpg.add_checkbox(parent=parent, default_value=bool(field.value), **named)
        if field.control is Control.CHOICE:
            items = self._items(field)
            return dpg.add_combo(
                items, parent=parent, default_value=self._put, width=self._width, **named
            )
        lines = field.control is Control.LINES
        more = {"height": self._units(120)} if lines else {}
        return dpg.add_input_text(
            parent=parent,
            default_value=self._put,
            hint="" if lines else shown(field.hint),
            multiline=lines,
            readonly=isinstance(field.value, str) and len(field.value) > LONGEST,
            width=self._width,
            auto_select_all=not lines,
            **more,
            **named,
        )

    def _shown(self, field: Field) -> Entered:
        if isinstance(field.value, bool):
            return field.value
        empty = NONE if field.control is Control.CHOICE and "" in field.choices else ""
        return shown(field.value, lines=field.control is Control.LINES) or empty

    # -- from the document to the screen ---------------------------------------------------------

    def show(self, field: Field) -> None:
        """Show what the document says now; what is being typed stays."""
        before, old, self.field = self._put, self.field, field
        self._put = self._shown(field)
        if self._put != before or self._stale:
            self._refused, self._stale = None, False
            if not self._active:
                dpg.set_value(self.item, self._put)
        self._retune(before=old)
        if self._reading is not None:
            dpg.set_value(self._reading, self._put)
        if self._refused is None:
            self._tell(field.wrong)
        self._note(field.note)

    def _retune(self, before: Field) -> None:
        """Offer what can be chosen now, and tell the default."""
        field = self.field
        if field.choices != before.choices:
            dpg.configure_item(self.item, items=self._items(field))
        if field.hint != before.hint and field.control is Control.TEXT:
            dpg.configure_item(self.item, hint=shown(field.hint))

    @staticmethod
    def _items(field: Field) -> list[str]:
        return [shown(one) or NONE for one in field.choices]

    def restore(self) -> None:
        """Drop what was typed."""
        self._refused = None
        dpg.set_value(self.item, self._put)
        self._tell(self.field.wrong)

    def _note(self, note: str) -> None:
        rewrite(self.note, note)
        dpg.configure_item(self.note, show=bool(note))
        if self._label and self.field.control in (Control.TEXT, Control.CHOICE):
            dpg.configure_item(self.item, width=-self._units(NOTE) if note else self._width)

    def _tell(self, reason: str) -> None:
        rewrite(self.reason, reason)
        dpg.configure_item(self.reason, show=bool(reason))
        dpg.bind_item_theme(self.item, style.WRONG if reason else 0)

    # -- from the screen to the document ---------------------------------------------------------

    def update(self) -> None:
        """Enter what was typed, once the keyboard has left."""
        was, self._active = self._active, dpg.is_item_active(self.item)
        if was and not self._active and dpg.is_key_pressed(ESCAPE):
            self.restore()
        elif not self._active:
            self.enter()
        if was and not self._active and self._reading is not None and self._refused is None:
            self._close()

    @property
    def active(self) -> bool:
        """Tell whether it has the keyboard, or had it a moment ago."""
        return self._active

    def enter(self) -> None:
        """Make what stands here part of the document; or say why that cannot be."""
        entered = dpg.get_value(self.item)
        if entered in (self._put, self._refused):
            return
        meant = "" if entered == NONE and "" in self.field.choices else entered
        document, reason = self.field.enter(self.editor.store.committed, meant)
        if document is None:
            self._refused = entered
            self._tell(reason)
            return
        # What was typed may come to what was there, as 0128 does: the field shows what is there.
        self._stale = True
        self.editor.store.commit(self.field.step or f"Set {self.field.label}", document)
