"""Types of what builder.view uses of Dear PyGui 2.3, which ships none that a checker accepts.

tests/builder/view/test_stub.py compares this file with the installed package.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final, NewType, TypedDict

_Tag = int | str
_Callback = Callable[..., object]
_Colour = Sequence[int]
_Value = bool | float | str | list[float] | list[list[float]] | None
_Settable = bool | float | str | Sequence[float] | Sequence[Sequence[float]]
_Job = tuple[_Callback | None, object, object, object]
"""A callback with its sender, data and user data."""
_Matrix = NewType("_Matrix", object)

class _ItemState(TypedDict, total=False):
    visible: bool
    rect_min: list[int]
    rect_size: list[int]

mvAll: Final[int]
mvButton: Final[int]
mvCheckbox: Final[int]
mvCombo: Final[int]
mvInputText: Final[int]
mvKey_ModDisabled: Final[int]
mvLineSeries: Final[int]
mvMenuItem: Final[int]
mvMouseButton_Left: Final[int]
mvMouseButton_Middle: Final[int]
mvMouseButton_Right: Final[int]
mvMouseButton_X2: Final[int]
mvPlot: Final[int]
mvPlotCol_AxisGrid: Final[int]
mvPlotCol_Fill: Final[int]
mvPlotCol_FrameBg: Final[int]
mvPlotCol_Line: Final[int]
mvPlotCol_MarkerFill: Final[int]
mvPlotCol_MarkerOutline: Final[int]
mvPlotCol_PlotBg: Final[int]
mvPlotCol_PlotBorder: Final[int]
mvPlotMarker_Square: Final[int]
mvPlotStyleVar_Marker: Final[int]
mvPlotStyleVar_MarkerSize: Final[int]
mvPlotStyleVar_MarkerWeight: Final[int]
mvPlotStyleVar_PlotBorderSize: Final[int]
mvPlotStyleVar_PlotMinSize: Final[int]
mvPlotStyleVar_PlotPadding: Final[int]
mvScatterSeries: Final[int]
mvShadeSeries: Final[int]
mvStyleVar_CellPadding: Final[int]
mvStyleVar_ChildBorderSize: Final[int]
mvStyleVar_ChildRounding: Final[int]
mvStyleVar_FrameBorderSize: Final[int]
mvStyleVar_FramePadding: Final[int]
mvStyleVar_FrameRounding: Final[int]
mvStyleVar_GrabRounding: Final[int]
mvStyleVar_ItemInnerSpacing: Final[int]
mvStyleVar_ItemSpacing: Final[int]
mvStyleVar_PopupBorderSize: Final[int]
mvStyleVar_PopupRounding: Final[int]
mvStyleVar_ScrollbarRounding: Final[int]
mvStyleVar_ScrollbarSize: Final[int]
mvStyleVar_TabRounding: Final[int]
mvStyleVar_WindowBorderSize: Final[int]
mvStyleVar_WindowPadding: Final[int]
mvStyleVar_WindowRounding: Final[int]
mvTable_SizingFixedFit: Final[int]
mvThemeCat_Plots: Final[int]
mvThemeCol_Border: Final[int]
mvThemeCol_BorderShadow: Final[int]
mvThemeCol_Button: Final[int]
mvThemeCol_ButtonActive: Final[int]
mvThemeCol_ButtonHovered: Final[int]
mvThemeCol_CheckMark: Final[int]
mvThemeCol_ChildBg: Final[int]
mvThemeCol_DragDropTarget: Final[int]
mvThemeCol_FrameBg: Final[int]
mvThemeCol_FrameBgActive: Final[int]
mvThemeCol_FrameBgHovered: Final[int]
mvThemeCol_Header: Final[int]
mvThemeCol_HeaderActive: Final[int]
mvThemeCol_HeaderHovered: Final[int]
mvThemeCol_MenuBarBg: Final[int]
mvThemeCol_ModalWindowDimBg: Final[int]
mvThemeCol_NavHighlight: Final[int]
mvThemeCol_PlotHistogram: Final[int]
mvThemeCol_PopupBg: Final[int]
mvThemeCol_ResizeGrip: Final[int]
mvThemeCol_ResizeGripActive: Final[int]
mvThemeCol_ResizeGripHovered: Final[int]
mvThemeCol_ScrollbarBg: Final[int]
mvThemeCol_ScrollbarGrab: Final[int]
mvThemeCol_ScrollbarGrabActive: Final[int]
mvThemeCol_ScrollbarGrabHovered: Final[int]
mvThemeCol_Separator: Final[int]
mvThemeCol_SeparatorActive: Final[int]
mvThemeCol_SeparatorHovered: Final[int]
mvThemeCol_SliderGrab: Final[int]
mvThemeCol_SliderGrabActive: Final[int]
mvThemeCol_Tab: Final[int]
mvThemeCol_TabActive: Final[int]
mvThemeCol_TabHovered: Final[int]
mvThemeCol_TableBorderLight: Final[int]
mvThemeCol_TableBorderStrong: Final[int]
mvThemeCol_TableHeaderBg: Final[int]
mvThemeCol_TableRowBg: Final[int]
mvThemeCol_TableRowBgAlt: Final[int]
mvThemeCol_Text: Final[int]
mvThemeCol_TextDisabled: Final[int]
mvThemeCol_TextSelectedBg: Final[int]
mvThemeCol_TitleBg: Final[int]
mvThemeCol_TitleBgActive: Final[int]
mvThemeCol_TitleBgCollapsed: Final[int]
mvThemeCol_WindowBg: Final[int]
mvXAxis: Final[int]
mvYAxis: Final[int]

def add_button(
    *,
    label: str | None = ...,
    user_data: object = ...,
    width: int = ...,
    height: int = ...,
    parent: _Tag = ...,
    callback: _Callback | None = ...,
    enabled: bool = ...,
) -> _Tag: ...
def add_checkbox(*, tag: _Tag = ..., parent: _Tag = ..., default_value: bool = ...) -> _Tag: ...
def add_child_window(
    *,
    tag: _Tag = ...,
    width: int = ...,
    height: int = ...,
    parent: _Tag = ...,
    show: bool = ...,
    border: bool = ...,
    no_scrollbar: bool = ...,
    horizontal_scrollbar: bool = ...,
    no_scroll_with_mouse: bool = ...,
    always_use_window_padding: bool = ...,
) -> _Tag: ...
def add_combo(
    items: Sequence[str] = ...,
    *,
    tag: _Tag = ...,
    width: int = ...,
    parent: _Tag = ...,
    default_value: str = ...,
) -> _Tag: ...
def add_draw_layer(*, parent: _Tag = ...) -> _Tag: ...
def add_draw_node(*, parent: _Tag = ..., before: _Tag = ...) -> _Tag: ...
def add_drawlist(width: int, height: int, *, parent: _Tag = ...) -> _Tag: ...
def add_font(file: str, size: float, *, tag: _Tag = ...) -> _Tag: ...
def add_group(
    *, indent: int = ..., parent: _Tag = ..., horizontal: bool = ..., xoffset: float = ...
) -> _Tag: ...
def add_input_text(
    *,
    tag: _Tag = ...,
    width: int = ...,
    height: int = ...,
    parent: _Tag = ...,
    callback: _Callback | None = ...,
    show: bool = ...,
    default_value: str = ...,
    hint: str = ...,
    multiline: bool = ...,
    readonly: bool = ...,
    auto_select_all: bool = ...,
    ctrl_enter_for_new_line: bool = ...,
) -> _Tag: ...
def add_item_clicked_handler(button: int = ..., *, callback: _Callback | None = ...) -> _Tag: ...
def add_item_double_clicked_handler(
    button: int = ..., *, callback: _Callback | None = ...
) -> _Tag: ...
def add_key_press_handler(key: int = ..., *, callback: _Callback | None = ...) -> _Tag: ...
def add_key_release_handler(key: int = ..., *, callback: _Callback | None = ...) -> _Tag: ...
def add_line_series(
    x: Sequence[float],
    y: Sequence[float],
    *,
    parent: _Tag = ...,
    before: _Tag = ...,
    show: bool = ...,
    segments: bool = ...,
) -> _Tag: ...
def add_mouse_click_handler(button: int = ..., *, callback: _Callback | None = ...) -> _Tag: ...
def add_mouse_double_click_handler(
    button: int = ..., *, callback: _Callback | None = ...
) -> _Tag: ...
def add_mouse_move_handler(*, callback: _Callback | None = ...) -> _Tag: ...
def add_mouse_release_handler(button: int = ..., *, callback: _Callback | None = ...) -> _Tag: ...
def add_mouse_wheel_handler(*, callback: _Callback | None = ...) -> _Tag: ...
def add_plot(
    *,
    width: int = ...,
    height: int = ...,
    parent: _Tag = ...,
    no_title: bool = ...,
    no_menus: bool = ...,
    no_box_select: bool = ...,
    no_mouse_pos: bool = ...,
    no_frame: bool = ...,
    pan_button: int = ...,
    context_menu_button: int = ...,
    fit_button: int = ...,
    box_select_button: int = ...,
    box_select_cancel_button: int = ...,
    override_mod: int = ...,
) -> _Tag: ...
def add_plot_axis(
    axis: int,
    *,
    parent: _Tag = ...,
    no_label: bool = ...,
    no_gridlines: bool = ...,
    no_tick_marks: bool = ...,
    no_tick_labels: bool = ...,
    no_menus: bool = ...,
    no_side_switch: bool = ...,
    no_highlight: bool = ...,
    invert: bool = ...,
) -> _Tag: ...
def add_scatter_series(x: Sequence[float], y: Sequence[float], *, parent: _Tag = ...) -> _Tag: ...
def add_selectable(
    *,
    label: str | None = ...,
    width: int = ...,
    height: int = ...,
    callback: _Callback | None = ...,
    drag_callback: _Callback | None = ...,
) -> _Tag: ...
def add_shade_series(
    x: Sequence[float],
    y1: Sequence[float],
    *,
    parent: _Tag = ...,
    before: _Tag = ...,
    y2: Sequence[float] = ...,
) -> _Tag: ...
def add_spacer(*, width: int = ..., height: int = ..., parent: _Tag = ...) -> _Tag: ...
def add_static_texture(
    width: int, height: int, default_value: Sequence[float], *, parent: _Tag = ...
) -> _Tag: ...
def add_table_column(*, width_stretch: bool = ..., width_fixed: bool = ...) -> _Tag: ...
def add_text(
    default_value: str = ...,
    *,
    indent: int = ...,
    parent: _Tag = ...,
    wrap: int = ...,
    color: _Colour = ...,
) -> _Tag: ...
def add_texture_registry() -> _Tag: ...
def add_theme(*, user_data: object = ..., tag: _Tag = ...) -> _Tag: ...
def add_theme_color(
    target: int = ..., value: _Colour = ..., *, parent: _Tag = ..., category: int = ...
) -> _Tag: ...
def add_theme_component(
    item_type: int = ..., *, parent: _Tag = ..., enabled_state: bool = ...
) -> _Tag: ...
def add_theme_style(
    target: int = ..., x: float = ..., y: float = ..., *, parent: _Tag = ..., category: int = ...
) -> _Tag: ...
def add_window(
    *,
    width: int = ...,
    height: int = ...,
    show: bool = ...,
    pos: Sequence[int] = ...,
    min_size: Sequence[int] = ...,
    no_resize: bool = ...,
    no_title_bar: bool = ...,
    no_move: bool = ...,
    no_scrollbar: bool = ...,
    no_focus_on_appearing: bool = ...,
    no_background: bool = ...,
    modal: bool = ...,
    popup: bool = ...,
    no_saved_settings: bool = ...,
    no_open_over_existing_popup: bool = ...,
    no_scroll_with_mouse: bool = ...,
) -> _Tag: ...
def apply_transform(item: _Tag, transform: _Matrix) -> None: ...
def bind_font(font: _Tag) -> None: ...
def bind_item_font(item: _Tag, font: _Tag) -> None: ...
def bind_item_handler_registry(item: _Tag, handler_registry: _Tag) -> None: ...
def bind_item_theme(item: _Tag, theme: _Tag) -> None: ...
def bind_theme(theme: _Tag) -> None: ...
def configure_app(
    *, manual_callback_management: bool = ..., wait_for_input: bool = ...
) -> None: ...
def configure_item(
    item: _Tag,
    *,
    color: _Colour = ...,
    drop_callback: _Callback | None = ...,
    enabled: bool = ...,
    height: int = ...,
    hint: str = ...,
    indent: int = ...,
    items: Sequence[str] = ...,
    label: str = ...,
    payload_type: str = ...,
    pos: Sequence[int] = ...,
    show: bool = ...,
    size: float = ...,
    width: int = ...,
) -> None: ...
def create_context() -> None: ...
def create_translation_matrix(translation: Sequence[float]) -> _Matrix: ...
def create_viewport(
    *,
    title: str = ...,
    width: int = ...,
    height: int = ...,
    x_pos: int = ...,
    y_pos: int = ...,
    min_width: int = ...,
    min_height: int = ...,
    vsync: bool = ...,
    disable_close: bool = ...,
) -> None: ...
def delete_item(item: _Tag, *, children_only: bool = ...) -> None: ...
def destroy_context() -> None: ...
def does_alias_exist(alias: str) -> bool: ...
def does_item_exist(item: _Tag) -> bool: ...
def drag_payload(
    *, parent: _Tag = ..., drag_data: object = ..., payload_type: str = ...
) -> AbstractContextManager[_Tag]: ...
def draw_bezier_cubic(
    p1: Sequence[float],
    p2: Sequence[float],
    p3: Sequence[float],
    p4: Sequence[float],
    *,
    parent: _Tag = ...,
    color: _Colour = ...,
    thickness: float = ...,
    segments: int = ...,
) -> _Tag: ...
def draw_circle(
    center: Sequence[float],
    radius: float,
    *,
    parent: _Tag = ...,
    color: _Colour = ...,
    fill: _Colour = ...,
    thickness: float = ...,
) -> _Tag: ...
def draw_image(
    texture_tag: _Tag, pmin: Sequence[float], pmax: Sequence[float], *, parent: _Tag = ...
) -> _Tag: ...
def draw_line(
    p1: Sequence[float],
    p2: Sequence[float],
    *,
    parent: _Tag = ...,
    color: _Colour = ...,
    thickness: float = ...,
) -> _Tag: ...
def draw_polygon(
    points: Sequence[Sequence[float]],
    *,
    parent: _Tag = ...,
    color: _Colour = ...,
    fill: _Colour = ...,
    thickness: float = ...,
) -> _Tag: ...
def draw_polyline(
    points: Sequence[Sequence[float]],
    *,
    parent: _Tag = ...,
    closed: bool = ...,
    color: _Colour = ...,
    thickness: float = ...,
) -> _Tag: ...
def draw_quad(
    p1: Sequence[float],
    p2: Sequence[float],
    p3: Sequence[float],
    p4: Sequence[float],
    *,
    parent: _Tag = ...,
    color: _Colour = ...,
    fill: _Colour = ...,
    thickness: float = ...,
) -> _Tag: ...
def draw_rectangle(
    pmin: Sequence[float],
    pmax: Sequence[float],
    *,
    parent: _Tag = ...,
    color: _Colour = ...,
    fill: _Colour = ...,
    rounding: float = ...,
    thickness: float = ...,
) -> _Tag: ...
def draw_text(
    pos: Sequence[float], text: str, *, parent: _Tag = ..., color: _Colour = ..., size: float = ...
) -> _Tag: ...
def draw_triangle(
    p1: Sequence[float],
    p2: Sequence[float],
    p3: Sequence[float],
    *,
    parent: _Tag = ...,
    color: _Colour = ...,
    fill: _Colour = ...,
    thickness: float = ...,
) -> _Tag: ...
def drawlist(width: int, height: int, *, parent: _Tag = ...) -> AbstractContextManager[_Tag]: ...
def focus_item(item: _Tag) -> None: ...
def font_registry() -> AbstractContextManager[_Tag]: ...
def get_alias_id(alias: str) -> int: ...
def get_aliases() -> list[str]: ...
def get_all_items() -> list[int]: ...
def get_callback_queue() -> list[_Job] | None: ...
def get_item_label(item: _Tag) -> str | None: ...
def get_item_pos(item: _Tag) -> list[int]: ...
def get_item_rect_min(item: _Tag) -> list[int]: ...
def get_item_rect_size(item: _Tag) -> list[int]: ...
def get_item_state(item: _Tag) -> _ItemState: ...
def get_item_type(item: _Tag) -> str: ...
def get_item_user_data(item: _Tag) -> object: ...
def get_item_width(item: _Tag) -> int: ...
def get_mouse_pos(*, local: bool = ...) -> list[float]: ...
def get_text_size(text: str, *, font: _Tag = ...) -> list[float] | None: ...
def get_value(item: _Tag) -> _Value: ...
def get_viewport_client_height() -> int: ...
def get_viewport_client_width() -> int: ...
def get_y_scroll(item: _Tag) -> float: ...
def group(
    *, tag: _Tag = ..., parent: _Tag = ..., horizontal: bool = ..., horizontal_spacing: float = ...
) -> AbstractContextManager[_Tag]: ...
def handler_registry() -> AbstractContextManager[_Tag]: ...
def hide_item(item: _Tag) -> None: ...
def is_dearpygui_running() -> bool: ...
def is_item_active(item: _Tag) -> bool: ...
def is_item_focused(item: _Tag) -> bool: ...
def is_item_hovered(item: _Tag) -> bool: ...
def is_item_shown(item: _Tag) -> bool: ...
def is_key_down(key: int) -> bool: ...
def is_key_pressed(key: int) -> bool: ...
def item_handler_registry() -> AbstractContextManager[_Tag]: ...
def load_image(file: str) -> tuple[int, int, int, Sequence[float]] | None: ...
def move_item_up(item: _Tag) -> None: ...
def output_frame_buffer(file: str = ...) -> None: ...
def pop_container_stack() -> _Tag: ...
def push_container_stack(item: _Tag) -> bool: ...
def render_dearpygui_frame() -> None: ...
def set_axis_limits(axis: _Tag, ymin: float, ymax: float) -> None: ...
def set_clipboard_text(text: str) -> None: ...
def set_exit_callback(callback: _Callback) -> None: ...
def set_item_user_data(item: _Tag, user_data: object) -> None: ...
def set_primary_window(window: _Tag, value: bool) -> None: ...
def set_value(item: _Tag, value: _Settable) -> None: ...
def set_viewport_title(title: str) -> None: ...
def set_y_scroll(item: _Tag, value: float) -> None: ...
def setup_dearpygui() -> None: ...
def show_item(item: _Tag) -> None: ...
def show_viewport() -> None: ...
def table(
    *, parent: _Tag = ..., header_row: bool = ..., policy: int = ..., pad_outerX: bool = ...
) -> AbstractContextManager[_Tag]: ...
def table_row() -> AbstractContextManager[_Tag]: ...
def theme(*, tag: _Tag = ...) -> AbstractContextManager[_Tag]: ...
def theme_component(item_type: int = ...) -> AbstractContextManager[_Tag]: ...
def tooltip(
    parent: _Tag, *, delay: float = ..., hide_on_activity: bool = ...
) -> AbstractContextManager[_Tag]: ...
def window(
    *, tag: _Tag = ..., no_scrollbar: bool = ..., no_scroll_with_mouse: bool = ...
) -> AbstractContextManager[_Tag]: ...
