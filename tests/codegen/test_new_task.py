"""A task is one class in one file: a new file is enough, and no other file names a task."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from builder.canvas.active_graph import find_active_graph
from builder.document.document import Document
from builder.panels.inspector_model import inspect
from builder.storage.export import project_files
from codegen.check import check
from codegen.compile import NotCompiled, compile_model
from codegen.project.train_script import TrainingSpec, train_script
from nodes import tasks
from nodes.core.files.json_cursor import FileError
from nodes.core.files.json_schema import schema
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.catalog import node_types, task_types
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.core.graphs.node import Node
from nodes.core.graphs.recipe import Recipe, ScriptPart
from nodes.embedding.embedding import Embedding
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear

ROOT = Path(__file__).parents[2]
NEW_TASK = Path(__file__).parent / "new_task"

Tasks = Mapping[str, type[Recipe]]


@pytest.fixture(name="known")
def known_tasks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tasks]:
    """Add the file of a task to the folder of the tasks."""
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(NEW_TASK)])
    task_types.cache_clear()
    yield task_types()
    del sys.modules["nodes.tasks.sequence_tagging"]
    task_types.cache_clear()


def tagger(recipe: Recipe, tags: str = "num_tags", **first: Node) -> Model:
    builder = GraphBuilder()
    name, node = next(iter(first.items()), ("tokens", TokenInput()))
    x = builder.add(name, node)
    if isinstance(node, TokenInput):
        x = builder.add("embed", Embedding(num_embeddings="vocab_size", embedding_dim=8), x)
    x = builder.add("head", Linear(out_features=tags), x)
    builder.add("scores", GraphOutput(), x)
    sizes = {"vocab_size": Hyperparameter(50), "num_tags": Hyperparameter(4)}
    return Model("Tagger", builder.build(), hyperparameters=sizes, recipe=recipe)


def messages(model: Model) -> list[str]:
    return [str(problem) for problem in check(model).problems]


def test_a_new_file_is_a_new_task(known):
    assert list(known)[:3] == ["language-modelling", "sequence-classification", "forecasting"]
    assert {*known} >= {"sequence-tagging", "sequence-labelling"}


def test_a_new_task_is_saved_and_loaded(known):
    model = tagger(known["sequence-tagging"](nested=True))
    assert loads(dumps(model)).recipe == model.recipe


def test_a_new_task_is_part_of_the_schema(known):
    validator = Draft202012Validator(schema())
    recipe = {"kind": "sequence-tagging", "nested": True}
    assert list(validator.iter_errors({"wireformer": 1, "recipe": recipe})) == []
    assert list(validator.iter_errors({"wireformer": 1, "recipe": {**recipe, "nest": 1}})) != []


def test_a_task_that_is_not_installed_is_refused():
    with pytest.raises(FileError) as refusal:
        loads(b'{"wireformer": 1, "recipe": {"kind": "sequence-tagging"}}')
    assert str(refusal.value).endswith(", got 'sequence-tagging'")


def test_a_model_that_fits_a_new_task_has_no_problems(known):
    assert messages(tagger(known["sequence-tagging"]())) == []


def test_a_model_that_does_not_fit_a_new_task_has_problems_with_fixes(known):
    task = known["sequence-tagging"]
    assert messages(tagger(task(tags="kinds")))[0] == (
        "recipe: expected a whole-number hyperparameter kinds for the tags of the data, got none. "
        "Set tags of the recipe to num_tags."
    )
    assert messages(tagger(task(), tags="vocab_size")) == [
        "scores.input: expected (B, T, num_tags) for sequence tagging, got (B, T, vocab_size). "
        "Set out_features of head to num_tags, or insert Linear(num_tags) before scores.input."
    ]
    assert messages(tagger(task(), x=FeatureInput()))[0] == (
        "recipe: expected one input of token ids, got 0. Add TokenInput."
    )


def test_the_script_of_a_new_task_is_written(known):
    script = project_files(tagger(known["sequence-tagging"]()))["train.py"]
    assert script.startswith('"""Tagger: tags with Tagger for 1000 steps, or 2000."""\n')
    assert 'SIZES = {\n    "vocab_size": "symbols",\n    "num_tags": "tags",\n}\n' in script
    assert "nested" not in script
    assert "class PredictConfig" in script
    nested = project_files(tagger(known["sequence-tagging"](nested=True)))["train.py"]
    assert "class PredictConfig" not in nested


def test_a_task_without_a_script_is_refused_before_the_model_is_written(known):
    model = tagger(known["sequence-labelling"](), tags="num_tags", x=FeatureInput())
    with pytest.raises(NotCompiled) as refusal:
        project_files(model)
    assert str(refusal.value).splitlines()[0] == (
        "recipe: expected a task that has a training script, got sequence-labelling."
    )


def test_a_script_that_cannot_be_put_together_is_refused(known):
    class Misspelled(known["sequence-tagging"]):
        script_parts = (ScriptPart("texts"),)

    names = ("vocab_size", "num_tags")
    spec = TrainingSpec("tagger", "Tagger", Misspelled(), hyperparameters=names)
    with pytest.raises(ValueError) as refusal:
        train_script(spec)
    assert str(refusal.value) == (
        "sequence-tagging: expected a part of training scripts, got 'texts'. "
        "Write codegen/project/training/texts.py, or name another in script_parts."
    )
    with pytest.raises(ValueError) as refusal:
        train_script(replace(spec, recipe=known["sequence-labelling"]()))
    assert str(refusal.value) == (
        "recipe: expected a task that has a training script, got sequence-labelling."
    )


def test_a_new_task_is_not_fed_token_by_token(known):
    assert "past" not in compile_model(tagger(known["sequence-tagging"]())).source


def test_the_inspector_shows_a_new_task(known):
    document = Document(tagger(known["sequence-tagging"]()))
    report = check(document.model)
    assert inspect(document, find_active_graph(document, report), report, {}).facts == (
        "trained for sequence tagging on tags.txt",
        "1,000 steps of 32 sequences",
        "learning rate 0.002, weight decay 0.1",
    )


@pytest.mark.parametrize("task", task_types().values(), ids=lambda task: task.__name__)
def test_a_task_declares_a_node_and_parts_that_exist(task):
    assert node_types()[task.input_node]().outputs[0].kind is task.input_kind
    parts = ROOT / "codegen" / "project" / "training"
    assert [part for part in task.script_parts if not (parts / f"{part.name}.py").is_file()] == []


def test_no_file_but_its_own_names_a_task():
    spellings = {kind for kind in task_types()} | {t.__name__ for t in task_types().values()}
    own = ROOT / "nodes" / "tasks"
    found = {
        f"{path.relative_to(ROOT)}: {word}"
        for package in ("nodes", "codegen", "builder")
        for path in (ROOT / package).rglob("*.py")
        if not path.is_relative_to(own)
        for word in words(path) & spellings
    }
    assert found == set()


def words(path: Path) -> set[str]:
    """List the names, attributes, imports and texts of a file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found |= {node.name, *node.name.split(".")}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found
