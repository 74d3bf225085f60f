"""Opens a large file on a thread of its own, while the window stays alive."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from builder.canvas.active_graph import ActiveGraph, find_active_graph
from builder.canvas.hit_test import SceneIndex
from builder.canvas.scene import Scene, SceneMaker
from builder.document.document import Document
from builder.editor.background import Background
from builder.storage.session import OpenedFile, read_model_file
from codegen.check import CheckCache, Report, check
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Model

Prepare = Callable[[Model, CheckCache], Model]


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """An opened file with all that the window derives from it.

    Attributes:
        file: the file.
        report: the result of the check.
        cache: the cache of the check.
        maker: the maker of the scene, for the scenes that follow.
        active: the main graph.
        scene: the items on the canvas.
        index: the spatial index of the scene.
    """

    file: OpenedFile
    report: Report
    cache: CheckCache
    maker: SceneMaker
    active: ActiveGraph
    scene: Scene
    index: SceneIndex


def prepare_file(path: Path, prepare: Prepare) -> PreparedFile:
    """Read a file, and derive what the window shows of it.

    Raises:
        FileError: the file cannot be read, or holds no model.
    """
    cache = CheckCache()
    file = read_model_file(path, lambda model: prepare(model, cache))
    report = check(file.model, cache)
    document = Document(file.model)
    active = find_active_graph(document, report)
    maker = SceneMaker()
    shown = active.graph, active.positions, active.comments
    scene = maker.make(*shown, file.model, active.checked, report, active.graph_name)
    index = SceneIndex(scene, None)
    # What the first frame asks of the scene is computed once, on demand: better here than there.
    if (extent := scene.extent()) is not None:
        index.select_in_box(*extent)
    return PreparedFile(file, report, cache, maker, active, scene, index)


class Opening(Background[PreparedFile | FileError]):
    """A file that is being opened on a thread.

    Attributes:
        path: the file.
    """

    def __init__(
        self, path: Path, prepare: Prepare, then: Callable[[PreparedFile | FileError], None]
    ) -> None:
        self.path = path

        def work() -> PreparedFile | FileError:
            try:
                return prepare_file(path, prepare)
            except FileError as error:
                return error

        super().__init__(work, then, "opening")
