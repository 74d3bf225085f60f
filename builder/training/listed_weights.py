"""The weights of the generated model of a graph, which a child process lists."""

import json
import tempfile
from pathlib import Path

from builder.training.run_script import run_script
from codegen.compile import compile_model
from codegen.project.train_script import MODEL
from codegen.weights.module_weights import SCRIPT, ModuleWeights, script
from nodes.core.graphs.graph import Model


class NotListed(ValueError):
    """The model cannot be made, with what the child process printed."""


def listed_weights(model: Model) -> ModuleWeights:
    """List the weights of the generated model of a graph.

    Raises:
        NotCompiled: the graph has errors.
        NotListed: the model cannot be made.
    """
    source, lines = compile_model(model).source, list[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / MODEL).write_text(source, encoding="utf-8")
        (folder / SCRIPT).write_text(script(), encoding="utf-8")
        code = run_script(folder, SCRIPT, (), lines.append)
    if code != 0 or not lines:
        raise NotListed(lines[-1] if lines else f"the process ended with {code}")
    return ModuleWeights.of(**json.loads(lines[-1]))
