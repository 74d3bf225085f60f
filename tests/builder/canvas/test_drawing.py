"""Cards, edges and comments are drawn legibly."""

from dataclasses import replace
from itertools import pairwise
from math import dist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.canvas.card import INSET
from builder.canvas.drawing.draw_items import (
    INACTIVE,
    ItemState,
    dashed,
    draw_comment,
    draw_edge,
    draw_node,
)
from builder.canvas.drawing.port_marker import marker
from builder.canvas.level_of_detail import Detail, detail_at
from builder.graphics.shapes import Box, Curve, Disc, Line, Polygon, Text
from builder.graphics.text_metrics import (
    PARAMETER,
    PORT,
    face,
    printable,
    shortened,
    width,
    wrapped,
)
from builder.graphics.theme import DARK, LIGHT, THEMES, mixed
from codegen.check import Severity
from nodes.core.graphs.graph import Comment
from nodes.core.graphs.port import Kind
from nodes.core.graphs.unknown_node import Unknown
from nodes.linear.linear import Linear
from nodes.transformer.feed_forward import FeedForward
from nodes.transformer.multi_head_attention import MultiHeadAttention
from tests.builder.canvas.scenes import alone, ref, residual, scene_of
from tests.node_cases import CASES

EVERY_NODE = pytest.mark.parametrize(
    "node",
    [case.node for cases in CASES.values() for case in cases],
    ids=lambda n: type(n).__name__,
)
EVERY_THEME = pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
DETAILS = pytest.mark.parametrize("detail", Detail, ids=lambda detail: detail.name)
LONG = "a_name_that_is_longer_than_any_card_is_wide_and_goes_on_and_on"
NAMES = st.text(st.characters(exclude_characters="./"), min_size=1, max_size=60)
SMALLEST_LETTER = 11.0


def card(node, name="it"):
    return scene_of(alone(node, name)).nodes[name]


def texts(shapes) -> list[Text]:
    return [shape for shape in shapes if isinstance(shape, Text)]


def inside(shapes, size) -> bool:
    """Return whether all texts lie on the card."""
    return all(
        text.x >= 0
        and text.x + width(text.text, text.size, text.font) <= size[0] + 0.01
        and text.y >= 0
        and text.y + text.size <= size[1]
        for text in texts(shapes)
    )


# -- cards ---------------------------------------------------------------------------------------


@EVERY_NODE
@DETAILS
def test_text_never_leaves_the_card(node, detail):
    for name in ("it", LONG):
        drawn = card(node, name)
        assert inside(draw_node(drawn, DARK, detail), drawn.size)


@given(name=NAMES, type_=NAMES, key=NAMES, value=NAMES)
def test_no_text_whatever_leaves_the_card(name, type_, key, value):
    drawn = card(Unknown(type=type_, parameters={key: value, value: key}), name)
    for detail in Detail:
        assert inside(draw_node(drawn, DARK, detail), drawn.size)


def overlapping(one: Text, other: Text) -> bool:
    across = one.x < other.x + width(other.text, other.size, other.font)
    across = across and other.x < one.x + width(one.text, one.size, one.font)
    return across and one.y + 2 < other.y + other.size and other.y + 2 < one.y + one.size


@EVERY_NODE
def test_no_text_lies_on_another(node):
    shown = [text for text in texts(draw_node(card(node, LONG), DARK)) if text.text]
    assert [
        (one.text, other.text)
        for place, one in enumerate(shown)
        for other in shown[place + 1 :]
        if overlapping(one, other)
    ] == []


@EVERY_NODE
def test_letters_are_never_too_small_to_be_read(node):
    for text in texts(draw_node(card(node), DARK)):
        assert text.size * face(text.font).letter >= SMALLEST_LETTER


def test_what_a_card_says_is_there():
    drawn = card(FeedForward(repeat=12, bias=False), "stack")
    drawn_texts = {text.text for text in texts(draw_node(drawn, DARK))}
    assert drawn_texts == {
        "stack",
        "FeedForward",
        "\N{MULTIPLICATION SIGN}12",
        "input",
        "output",
        "bias",
        "false",
    }


def test_the_plain_level_of_detail_has_no_small_text():
    drawn = card(FeedForward(bias=False), "it")
    assert [text.text for text in texts(draw_node(drawn, DARK, Detail.PLAIN))] == ["it"]
    assert [type(one) for one in draw_node(drawn, DARK, Detail.BOX)] == [Box]


def test_the_level_of_detail_depends_on_the_zoom():
    zooms = (4.0, 1.0, 0.5, 0.49, 0.25, 0.24, 0.01)
    levels = [Detail.FULL] * 3 + [Detail.PLAIN] * 2 + [Detail.BOX] * 2
    assert [detail_at(zoom) for zoom in zooms] == levels


def test_repetitions_are_stacked_unless_they_share_weights():
    def cards(**parameters) -> int:
        drawn = card(FeedForward(**parameters))
        shapes = draw_node(drawn, DARK)
        return sum(
            isinstance(shape, Box) and (shape.width, shape.height) == drawn.size for shape in shapes
        )

    assert (cards(), cards(repeat=3), cards(repeat=3, share=True)) == (1, 3, 1)


@EVERY_THEME
@DETAILS
def test_the_border_shows_problems_and_selection(theme, detail):
    drawn = card(Linear(out_features=3))

    def border(card, state=ItemState()) -> tuple:  # noqa: B008 (immutable)
        boxes = [one for one in draw_node(card, theme, detail, state) if isinstance(one, Box)]
        return next(box.line for box in reversed(boxes) if (box.width, box.height) == card.size)

    plain = replace(drawn, badge=None)
    assert border(replace(drawn, badge=Severity.ERROR)) == theme.error
    assert border(replace(drawn, badge=Severity.WARNING)) == theme.warning
    assert border(replace(drawn, unknown=True)) == theme.error
    assert border(plain, ItemState(selected=True)) == theme.accent
    assert border(plain) not in (theme.error, theme.warning, theme.accent)


def test_only_a_node_with_problems_has_a_badge():
    drawn = card(Linear(out_features=3))

    def discs(badge, colour) -> int:
        shapes = draw_node(replace(drawn, badge=badge), DARK)
        return sum(
            isinstance(shape, Disc) and shape.fill == colour and shape.y < 9 for shape in shapes
        )

    assert discs(Severity.ERROR, DARK.error) == 1
    assert discs(Severity.WARNING, DARK.warning) == 1
    assert discs(Severity.HINT, DARK.hint) == 1
    assert discs(None, DARK.error) + discs(None, DARK.warning) + discs(None, DARK.hint) == 0


def test_a_bypassed_node_has_a_dashed_border():
    drawn = replace(card(Linear(out_features=3)), badge=None)
    plain = [one for one in draw_node(drawn, DARK) if isinstance(one, Line)]
    bypassed = draw_node(replace(drawn, bypassed=True), DARK)
    assert len([one for one in bypassed if isinstance(one, Line)]) > len(plain) + 20
    (ground,) = (
        one for one in bypassed if isinstance(one, Box) and (one.width, one.height) == drawn.size
    )
    assert ground.line[3] == 0


@EVERY_THEME
def test_dimmed_items_fade_into_the_canvas_and_stay_opaque(theme):
    drawn = replace(card(Linear(out_features=3)), badge=None)
    bright, dim = (draw_node(drawn, theme, Detail.FULL, ItemState(dimmed=d)) for d in (False, True))
    assert len(bright) == len(dim)
    for one, other in zip(texts(bright), texts(dim), strict=True):
        full = [abs(a - b) for a, b in zip(one.colour, theme.canvas, strict=True)]
        faded = [abs(a - b) for a, b in zip(other.colour, theme.canvas, strict=True)]
        assert (one.text, sum(faded) < sum(full), other.colour[3]) == (other.text, True, 255)


@EVERY_THEME
@DETAILS
@pytest.mark.parametrize("reason", ["bypassed", "waiting"])
def test_nodes_that_compute_nothing_fade_into_the_canvas(theme, detail, reason):
    plain = replace(card(Linear(out_features=3)), badge=None, bypassed=False, waiting=False)

    def ground(drawn) -> Box:
        boxes = (shape for shape in draw_node(drawn, theme, detail) if isinstance(shape, Box))
        return next(box for box in boxes if (box.width, box.height) == drawn.size)

    full, inactive = ground(plain), ground(replace(plain, **{reason: True}))
    assert inactive.fill == mixed(full.fill, theme.canvas, INACTIVE)


# -- ports ---------------------------------------------------------------------------------------


def test_every_kind_has_a_marker_of_its_own_shape():
    def outline(kind) -> tuple:
        shapes = marker(kind, (0.0, 0.0), DARK.text, DARK.card)
        return tuple(
            tuple((round(x), round(y)) for x, y in shape.points)
            if isinstance(shape, Polygon)
            else "disc"
            for shape in shapes
        )

    assert len({outline(kind) for kind in Kind}) == len(Kind)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.ANY])
def test_a_port_without_an_edge_is_hollow(kind):
    connected, free = (
        marker(kind, (0.0, 0.0), DARK.text, DARK.card, solid) for solid in (True, False)
    )
    assert connected == free[:-1]


def test_every_port_has_a_marker():
    drawn = card(MultiHeadAttention())
    marks = {
        (one.x, one.y)
        for one in draw_node(replace(drawn, badge=None), DARK)
        if isinstance(one, Disc)
    }
    assert marks == {
        (port.x, port.y) for port in drawn.ports if port.kind in (Kind.FEATURES, Kind.ANY)
    }


def test_port_labels_are_centred_beside_their_ports():
    drawn = replace(card(MultiHeadAttention()), badge=None)
    at = {(text.text, text.x, text.y) for text in texts(draw_node(drawn, DARK))}
    for port in drawn.ports:
        right = drawn.size[0] - INSET - width(port.label, PORT.size, PORT.font)
        left = INSET if port.end.is_input else right
        assert (port.label, left, port.y - PORT.size / 2) in at


# -- edges ---------------------------------------------------------------------------------------


def test_an_edge_shows_its_curve_and_its_shape():
    edge = scene_of(residual()).edges[ref("add.terms.0")]
    shapes = draw_edge(edge, DARK)
    assert [shape.points for shape in shapes if isinstance(shape, Curve)] == [edge.points]
    assert [text.text for text in texts(shapes)] == ["B T 64"]
    assert texts(draw_edge(edge, DARK, Detail.PLAIN)) == []


def test_a_label_lies_on_its_pill():
    edge = scene_of(residual()).edges[ref("add.terms.0")]
    (pill,) = (one for one in draw_edge(edge, DARK) if isinstance(one, Box))
    (text,) = texts(draw_edge(edge, DARK))
    assert pill.x < text.x
    assert text.x + width(text.text, text.size, text.font) < pill.x + pill.width
    assert pill.y <= text.y
    assert text.y + text.size <= pill.y + pill.height


def test_a_bad_edge_has_the_error_colour():
    edge = scene_of(residual()).edges[ref("add.terms.0")]

    def nearness(edge) -> int:
        (curve,) = (one for one in draw_edge(edge, LIGHT) if isinstance(one, Curve))
        return sum(abs(a - b) for a, b in zip(curve.colour, LIGHT.error, strict=True))

    assert nearness(replace(edge, bad=True)) < nearness(edge)


# -- comments ------------------------------------------------------------------------------------


@given(text=st.text(max_size=300), across=st.floats(60, 600), down=st.floats(50, 400))
def test_the_text_of_a_comment_stays_inside_it(text, across, down):
    for frame in (False, True):
        comment = Comment(text, 10.0, 20.0, across, down, frame)
        for one in texts(draw_comment(comment, LIGHT)):
            assert one.x + width(one.text, one.size, one.font) <= 10.0 + across
            assert one.y + one.size <= 20.0 + down


def test_a_comment_wraps_between_words():
    comment = Comment("the mask says which steps are real\nand more", 0.0, 0.0, 180.0, 200.0)
    lines = [text.text for text in texts(draw_comment(comment, LIGHT))]
    assert " ".join(lines) == "the mask says which steps are real and more"
    assert lines[-1] == "and more"


@pytest.mark.parametrize("frame", [True, False])
@pytest.mark.parametrize("detail", Detail)
def test_a_selected_or_hovered_comment_has_a_resize_handle(frame, detail):
    comment = Comment("text", 10.0, 20.0, 200.0, 100.0, frame)
    right, bottom = 10.0 + 200.0 - 5, 20.0 + 100.0 - 5

    def handle(state) -> list:
        shapes = draw_comment(comment, DARK, detail, state)
        return [shape.points for shape in shapes if isinstance(shape, Line)]

    strokes = [((right - size, bottom), (right, bottom - size)) for size in (5.0, 9.0)]
    assert handle(ItemState(selected=True)) == strokes
    assert handle(ItemState(hovered=True)) == strokes
    assert handle(ItemState()) == []


# -- lines and letters ---------------------------------------------------------------------------


@given(points=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=2, max_size=6))
def test_dashes_lie_along_their_line(points):
    dashes = list(dashed(points, DARK.text, 1.0))
    whole = sum(dist(one, other) for one, other in pairwise(points))
    lengths = [sum(dist(a, b) for a, b in pairwise(dash.points)) for dash in dashes]
    assert all(length <= 7.0 + 1e-6 for length in lengths)
    assert sum(lengths) <= whole + 1e-6
    if whole:
        assert dashes[0].points[0] == points[0]


@given(text=st.text(max_size=80), room=st.floats(0, 400), size=st.floats(8, 40))
def test_a_shortened_text_fits(text, room, size):
    cut = shortened(text, room, size)
    assert width(cut, size) <= room + 1e-6 or cut == ""
    assert cut in (text, "") or cut.endswith("…")
    if width(text, size) <= room:
        assert cut == text


@given(text=st.text(st.characters(categories=("L", "N", "Z")), max_size=200))
def test_wrapping_loses_no_word_that_fits(text):
    lines = list(wrapped(text, 400.0, PARAMETER))
    words = [
        word
        for word in printable(text).split(" ")
        if word and width(word, PARAMETER.size, "mono") <= 400.0
    ]
    assert set(" ".join(lines).split(" ")) >= set(words)


@given(text=st.text())
def test_what_is_printable_can_be_drawn(text):
    assert printable(text).isprintable()
    assert len(printable(text)) == len(text)
    assert printable("embed_1 × é 中") == "embed_1 × é 中"  # noqa: RUF001 (meant)


def test_letters_have_the_widths_of_their_font():
    assert width("", 14.0) == 0.0
    assert width("iiii", 14.0) < width("WWWW", 14.0)
    assert width("iiii", 14.0, "mono") == width("WWWW", 14.0, "mono")
    assert width("abc", 28.0) == pytest.approx(2 * width("abc", 14.0))
