"""Pictures of graphs as SVG or PNG, drawn as in the window."""

from collections.abc import Iterator

from builder.canvas.active_graph import card_geometry, lay_out_missing
from builder.canvas.drawing.draw_items import draw_comment, draw_edge, draw_node
from builder.canvas.level_of_detail import Detail, detail_at
from builder.canvas.scene import Scene, SceneMaker
from builder.graphics.shapes import Box, Curve, Point
from builder.graphics.text_metrics import FILES, FOLDER, has_glyphs, printable
from builder.graphics.theme import DARK, LIGHT, Theme
from builder.layout.arrange import arrange
from builder.layout.spatial_index import Bounds
from builder.picture import svg as writer
from codegen.check import CheckedGraph, check
from nodes.core.graphs.graph import MAIN, Model

MARGIN = 40.0
MAX_PIXELS = 10**8


class NotDrawn(Exception):
    """The graph does not exist, or its picture is too large; the message says what to do."""


def svg(model: Model, graph: str = MAIN, theme: Theme = LIGHT) -> str:
    """Draw a graph as SVG, in canvas units.

    Args:
        model: the model.
        graph: "" for the main graph, the name of a block, or the type of a composite in use.
        theme: the colour theme.

    Raises:
        NotDrawn: there is no such graph.
    """
    scene = scene_of(model, graph)
    view = _view(scene)
    return _page(printable(graph or model.name), scene, theme, (view, view[2:], Detail.FULL))


def png(model: Model, graph: str = MAIN, theme: Theme = LIGHT, scale: float = 2.0) -> bytes:
    """Draw a graph as PNG; ``scale`` is the number of pixels per canvas unit.

    Raises:
        NotDrawn: there is no such graph, or the picture would be too large.
    """
    scene = scene_of(model, graph)
    view = _view(scene)
    across, down = round(view[2] * scale), round(view[3] * scale)
    if across * down > MAX_PIXELS:
        raise NotDrawn(
            f"expected a picture of at most {MAX_PIXELS:,} pixels, got {across:,} x {down:,}; "
            "reduce the scale, or draw an SVG"
        )
    return _pixels(_page("", scene, theme, (view, (across, down), Detail.FULL)))


def thumbnail(model: Model, size: tuple[int, int], theme: Theme = DARK) -> bytes:
    """Draw the main graph as PNG of a given size, centred, without illegible details."""
    scene = scene_of(model, MAIN)
    left, top, across, down = _view(scene)
    scale = min(size[0] / across, size[1] / down, 1.0)
    wide, tall = size[0] / scale, size[1] / scale
    view = left - (wide - across) / 2, top - (tall - down) / 2, wide, tall
    return _pixels(_page("", scene, theme, (view, size, max(Detail.PLAIN, detail_at(scale)))))


def scene_of(model: Model, name: str = MAIN) -> Scene:
    """Build the scene of a graph; nodes without positions are arranged.

    Raises:
        NotDrawn: there is no such graph.
    """
    report = check(model)
    checked = _find_graph(report.main, name)
    if name in model.graphs:
        model = lay_out_missing(model, report)
        graph, positions = model.graphs[name], model.layout.get(name, {})
        facts = model, checked, report, name
        return SceneMaker().make(graph, positions, model.comments.get(name, {}), *facts)
    if checked is None:
        blocks = ", ".join(model.blocks) or "none"
        raise NotDrawn(
            f"expected a block or a composite in use, got {repr(name)}; the blocks are: {blocks}"
        )
    scene = SceneMaker().make(checked.graph, {}, {}, model, checked, report, name)
    positions = arrange(checked.graph, *card_geometry(scene))
    return SceneMaker().make(checked.graph, positions, {}, model, checked, report, name)


def _find_graph(main: CheckedGraph | None, name: str) -> CheckedGraph | None:
    """Find the first checked graph of a name, breadth first."""
    queue, seen = [main] if main else [], set()
    while queue:
        graph = queue.pop(0)
        if graph.name == name:
            return graph
        if id(graph) not in seen:
            seen.add(id(graph))
            queue += [node.inner for node in graph.nodes.values() if node.inner is not None]
    return None


def _view(scene: Scene) -> Bounds:
    """Return the left, top, width and height of the content with its margin."""
    (left, top), (right, bottom) = scene.extent() or ((0.0, 0.0), (240.0, 80.0))
    return left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN


def _page(title: str, scene: Scene, theme: Theme, shown: tuple[Bounds, Point, Detail]) -> str:
    view, size, detail = shown
    left, top, across, down = view
    background = Box(left, top, across, down, theme.canvas)
    body = f"{writer.element(background)}\n" + "".join(_groups(scene, theme, detail))
    return writer.page(title, view, size, body)


def _groups(scene: Scene, theme: Theme, detail: Detail) -> Iterator[str]:
    """Draw a scene from back to front: comments, edges, edge labels, cards."""
    for comment in scene.comments.values():
        yield writer.group(draw_comment(comment, theme, detail), printable(comment.text))
    drawn = {
        f"{edge.source} to {target}": draw_edge(edge, theme, detail)
        for target, edge in scene.edges.items()
    }
    for curves in (True, False):
        for title, shapes in drawn.items():
            part = [shape for shape in shapes if isinstance(shape, Curve) is curves]
            if part:
                yield writer.group(part, printable(title))
    for name, card in scene.nodes.items():
        shapes = draw_node(card, theme, detail)
        yield writer.group(shapes, printable(name), scene.positions[name])


def _pixels(page: str) -> bytes:
    # Imported here, as SVG does not need it.
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(
            svg_string=page,
            skip_system_fonts=has_glyphs(page),
            font_files=[str(FOLDER / file) for file in FILES.values()],
            font_family="Inter",
            sans_serif_family="Inter",
            monospace_family="JetBrains Mono",
        )
    )
