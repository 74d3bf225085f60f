"""Pictures show every node and edge, and escape all names."""

import struct
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from builder.cli.picture_command import add_picture
from builder.graphics.theme import DARK, LIGHT, THEMES
from builder.picture.picture import (
    MARGIN,
    MAX_PIXELS,
    NotDrawn,
    png,
    scene_of,
    svg,
    thumbnail,
)
from builder.storage.example_files import example_names, example_path
from nodes.core.files.model_file import load
from nodes.core.graphs.graph import Comment, Graph, Model
from nodes.core.graphs.unknown_node import Unknown
from nodes.dropout.dropout import Dropout
from nodes.linear.linear import Linear

pytestmark = pytest.mark.slow

EXAMPLES = pytest.mark.parametrize("name", example_names())
SPACE = "{http://www.w3.org/2000/svg}"
HOSTILE = ("</title><script>alert(1)</script>", '"><a href="x">', "&amp;&lt;", "a\u202eb", "]]>")
NAMES = st.text(min_size=1, max_size=40)


def example(name: str) -> Model:
    return load(example_path(name))[0]


def titles(page: str) -> list[str]:
    return [element.text for element in ET.fromstring(page).iter(f"{SPACE}title")]


def size(picture: bytes) -> tuple[int, int]:
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", picture[16:24])


# -- SVG -----------------------------------------------------------------------------------------


@EXAMPLES
def test_a_picture_holds_every_node_and_every_edge(name):
    model = example(name)
    for graph in model.graphs:
        texts = titles(svg(model, graph))
        edges = [f"{source} to {target}" for target, source in model.graphs[graph].edges.items()]
        assert set(texts) >= {*model.graphs[graph].nodes, *edges}


@EXAMPLES
def test_the_same_model_gives_the_same_bytes(name):
    assert svg(example(name)) == svg(example(name))


@EXAMPLES
def test_a_picture_is_self_contained(name):
    page = svg(example(name))
    assert "href" not in page
    assert "url(" not in page
    assert page.count("http") == 1  # the name of the format itself


def test_a_picture_is_as_large_as_the_graph_and_its_margin():
    model = example("gpt")
    (left, top), (right, bottom) = scene_of(model).extent()
    root = ET.fromstring(svg(model))
    across, down = right - left + 2 * MARGIN, bottom - top + 2 * MARGIN
    assert (float(root.get("width")), float(root.get("height"))) == (across, down)
    view = [float(number) for number in root.get("viewBox").split()]
    assert view == [left - MARGIN, top - MARGIN, across, down]


def test_texts_are_in_the_fonts_of_the_window():
    root = ET.fromstring(svg(example("gpt")))
    assert root.get("font-family").startswith("Inter,")
    families = {text.get("font-family") for text in root.iter(f"{SPACE}text")}
    assert {family.split(",")[0] for family in families if family} == {"'JetBrains Mono'"}


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_the_background_is_that_of_the_theme(theme):
    ground = next(ET.fromstring(svg(example("gpt"), theme=theme)).iter(f"{SPACE}rect"))
    assert ground.get("fill") == "#{:02x}{:02x}{:02x}".format(*theme.canvas)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_escaped(name):
    graph = Graph(
        {name: Linear(out_features=3), "odd": Unknown(type=name, parameters={name: name})}
    )
    comments = {"": {"it": Comment(name, 0.0, 0.0, 200.0, 100.0)}}
    page = svg(Model(name=name, graph=graph, comments=comments))
    root = ET.fromstring(page)
    tags = {element.tag.removeprefix(SPACE) for element in root.iter()}
    assert tags <= {"svg", "title", "g", "rect", "circle", "polygon", "polyline", "path", "text"}
    assert any(name.replace("\u202e", "\ufffd") == texts for texts in titles(page))


@settings(max_examples=60, deadline=None)
@given(name=NAMES, type_=NAMES, value=NAMES, text=NAMES, frame=st.booleans())
def test_whatever_the_texts_the_picture_is_xml(name, type_, value, text, frame):
    graph = Graph({name: Unknown(type=type_, parameters={value: value})})
    comments = {"": {"it": Comment(text, 0.0, 0.0, 200.0, 100.0, frame)}}
    page = svg(Model(name=text, graph=graph, comments=comments))
    ET.fromstring(page.encode())


def test_an_empty_graph_has_a_picture():
    assert titles(svg(Model(name="nothing"))) == ["nothing"]


def test_nodes_keep_their_positions():
    graph = Graph({"one": Dropout(), "two": Dropout()})
    model = Model(graph=graph, layout={"": {"one": (0.0, 0.0), "two": (500.0, 300.0)}})
    assert scene_of(model).positions == model.layout[""]


# -- blocks --------------------------------------------------------------------------------------


def test_a_block_has_a_picture_of_its_own():
    model = example("gpt")
    assert set(model.blocks["Block"].nodes) <= set(titles(svg(model, "Block")))


def test_a_composite_has_a_picture():
    texts = titles(svg(example("gpt"), "MultiHeadAttention"))
    assert {"query", "heads", "out"} <= set(texts)


def test_an_unknown_block_is_refused():
    with pytest.raises(NotDrawn) as refused:
        svg(example("gpt"), "Blok")
    texts = "expected a block or a composite in use, got 'Blok'; the blocks are: Block"
    assert str(refused.value) == texts


# -- PNG -----------------------------------------------------------------------------------------


@EXAMPLES
def test_the_size_of_a_png_is_scaled(name):
    model = example(name)
    root = ET.fromstring(svg(model))
    across, down = (float(root.get(side)) for side in ("width", "height"))
    assert size(png(model, scale=0.5)) == (round(across / 2), round(down / 2))


def test_a_png_that_would_be_too_large_is_refused():
    model = replace(example("gpt"), layout={"": {"tokens": (0.0, 0.0), "embed": (1e5, 1e5)}})
    with pytest.raises(
        NotDrawn, match=f"^expected a picture of at most {MAX_PIXELS:,} pixels, got "
    ):
        png(model)


def test_dark_and_light_pictures_differ():
    assert png(example("char_rnn"), theme=DARK) != png(example("char_rnn"), theme=LIGHT)


@EXAMPLES
def test_a_thumbnail_has_the_requested_size(name):
    assert size(thumbnail(example(name), (320, 180))) == (320, 180)


# -- the command ---------------------------------------------------------------------------------


@pytest.fixture
def draw(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    add_picture(app, lambda terminal, name: example(name))
    app.callback()(lambda: None)

    def command(*arguments: str):
        answer = CliRunner().invoke(app, ["picture", *arguments])
        return answer.exit_code, answer.stdout + answer.stderr

    return command


def test_the_command_writes_svg_and_png(draw, tmp_path):
    assert draw("gpt", "-o", "gpt.svg") == (0, "wrote gpt.svg\n")
    assert (tmp_path / "gpt.svg").read_text(encoding="utf-8") == svg(example("gpt"))
    texts = ("gpt", "-o", "gpt.png", "--block", "Block", "--theme", "dark", "--scale", "1")
    assert draw(*texts) == (0, "wrote gpt.png\n")
    assert (tmp_path / "gpt.png").read_bytes() == png(example("gpt"), "Block", DARK, 1.0)


def test_an_existing_file_is_replaced_on_request_only(draw, tmp_path):
    (tmp_path / "gpt.svg").write_text("mine", encoding="utf-8")
    assert draw("gpt", "-o", "gpt.svg") == (
        2,
        "'gpt.svg': expected no file, got one with other content. Choose another name, or use "
        "--force to replace the file.\n",
    )
    assert (tmp_path / "gpt.svg").read_text(encoding="utf-8") == "mine"
    assert draw("gpt", "-o", "gpt.svg", "--force")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "a.jpg"), "--output: expected a file name that ends in .svg or .png, got 'a.jpg'."),
        (
            ("-o", "a.svg", "--theme", "neon"),
            "--theme: expected one of dark, light, contrast, got 'neon'.",
        ),
        (
            ("-o", "a.png", "--scale", "99"),
            "--scale: expected a number from 0.1 to 10, got 99.",
        ),
        (
            ("-o", "a.png", "--block", "Nope"),
            "expected a block or a composite in use, got 'Nope'; the blocks are: Block",
        ),
    ],
)
def test_an_invalid_option_is_refused(draw, tmp_path, arguments, message):
    assert draw("gpt", *arguments) == (2, f"{message}\n")
    assert list(tmp_path.iterdir()) == []
