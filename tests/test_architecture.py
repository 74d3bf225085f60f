"""Imports point one way, and every file can be read in one sitting."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "nodes": {"nodes"},
    "codegen": {"codegen", "nodes"},
    "builder": {"builder", "codegen", "nodes"},
}
WINDOW = ("builder/view/",)
TENSORS = ("codegen/layers/", "codegen/project/training/")
LOADS_TORCH = (*TENSORS, "codegen/weights/", "builder/importing/")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
MOST_PARAMETERS = 6
DEEPEST_NESTING = 3
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
EXPONENTIAL = {"simple_cycles", "all_simple_paths"}
RUNS_TEXT = {"eval", "exec", "__import__"}
RUNS_FILES = {"pickle", "cPickle", "dill", "joblib", "marshal", "shelve"}
MACHINE_PATH = re.compile(r"(?<![\w.~/])/(?:home|mnt|opt|root|tmp|work|Users)/\w|\b[A-Z]:\\Users\b")
TEXTS = {".cfg", ".ini", ".json", ".md", ".py", ".toml", ".txt", ".yml", ".yaml", ""}

Function = ast.FunctionDef | ast.AsyncFunctionDef
NESTS = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def python_files(*folders: str) -> list[Path]:
    found = (path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if not path.is_relative_to("tests/golden"))


def project_files() -> Iterator[Path]:
    """List the files of a clone, without hidden folders and build outputs."""
    built = {"build", "dist", "mutants"}
    for path in sorted(ROOT.rglob("*")):
        inner = path.relative_to(ROOT)
        hidden = any(part.startswith(".") for part in inner.parts[:-1])
        if path.is_file() and not hidden and inner.parts[0] not in {".git", *built}:
            yield inner


SOURCES = python_files(*MAY_IMPORT)
EVERY_SOURCE = pytest.mark.parametrize("path", SOURCES, ids=str)
EVERY_FILE = pytest.mark.parametrize("path", [*SOURCES, *python_files("tests")], ids=str)


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Return the top-level packages that a file imports."""
    found = set()
    for statement in ast.walk(tree(path)):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, f"{path}:{statement.lineno}: write imports in full"
            found.add(statement.module)
    return {name.split(".")[0] for name in found}


def words(path: Path) -> set[str]:
    """Return every name and attribute in a file."""
    nodes = list(ast.walk(tree(path)))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    imported = {
        alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return attributes | imported | names(path)


def names(path: Path) -> set[str]:
    return {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}


def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, Function)]


def parameters(function: Function) -> list[str]:
    every = function.args
    found = [a.arg for a in (*every.posonlyargs, *every.args, *every.kwonlyargs)]
    return [name for name in found if name not in {"self", "cls"}]


def nesting(node: ast.AST, chained: bool = False) -> int:
    """Measure the nesting of statements; an ``elif`` is as deep as its ``if``."""
    deepest = 0
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        elif_ = isinstance(node, ast.If) and field == "orelse" and len(children) == 1
        for child in children:
            if isinstance(child, ast.AST) and not isinstance(child, Function):
                deepest = max(deepest, nesting(child, elif_ and isinstance(child, ast.If)))
    return deepest + (isinstance(node, NESTS) and not chained)


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


MODULES = {module(path): path for path in SOURCES}


def import_graph() -> nx.DiGraph:
    """Build the graph of which module imports which."""
    graph = nx.DiGraph()
    for name, path in MODULES.items():
        for statement in ast.walk(tree(path)):
            if isinstance(statement, ast.ImportFrom) and statement.module:
                members = [f"{statement.module}.{alias.name}" for alias in statement.names]
                targets = [m if m in MODULES else statement.module for m in members]
                graph.add_edges_from((name, target) for target in targets if target in MODULES)
    return graph


def cycles(graph: nx.DiGraph) -> list[set[str]]:
    return [found for found in nx.strongly_connected_components(graph) if len(found) > 1]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_layers_of_the_import_contracts_are_kept():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_two_modules_import_each_other():
    assert cycles(import_graph()) == []


def test_no_two_folders_import_each_other():
    folders = nx.DiGraph()
    for source, target in import_graph().edges:
        pair = MODULES[source].parent, MODULES[target].parent
        # The __init__ of a folder may offer what lies in the folders below it.
        if pair[0] != pair[1] and MODULES[source].name != "__init__.py":
            folders.add_edge(*pair)
    assert cycles(folders) == []


def test_the_core_imports_no_node_type():
    families = {name for name in MODULES if name.startswith("nodes.")} - {"nodes.core"}
    families = {name for name in families if not name.startswith("nodes.core.")}
    edges = import_graph().edges
    assert [e for e in edges if e[0].startswith("nodes.core") and e[1] in families] == []


def test_file_names_are_unique():
    counts = Counter(path.name for path in SOURCES if path.name != "__init__.py")
    assert [name for name, count in counts.items() if count > 1] == []


@EVERY_SOURCE
def test_only_the_view_imports_dearpygui(path):
    assert "dearpygui" not in imports(path) or path.as_posix().startswith(WINDOW)


@EVERY_SOURCE
def test_only_layers_training_weights_and_imports_import_torch(path):
    assert "torch" not in imports(path) or path.as_posix().startswith(LOADS_TORCH)


@EVERY_SOURCE
def test_no_text_and_no_file_is_run_as_code(path):
    assert not names(path) & RUNS_TEXT
    assert not imports(path) & RUNS_FILES


@EVERY_SOURCE
def test_no_search_takes_exponential_time(path):
    assert not words(path) & EXPONENTIAL


@EVERY_FILE
def test_a_file_is_short(path):
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@EVERY_FILE
def test_a_function_is_short(path):
    lengths = {f.name: f.end_lineno - f.lineno + 1 for f in functions(path)}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}


@EVERY_FILE
def test_a_function_has_few_parameters(path):
    commands = path.as_posix().startswith("builder/cli")
    counts = {f.name: len(parameters(f)) for f in functions(path) if not commands}
    assert {name: n for name, n in counts.items() if n > MOST_PARAMETERS} == {}


@EVERY_FILE
def test_a_function_is_flat(path):
    depths = {f.name: nesting(f) for f in functions(path)}
    assert {name: n for name, n in depths.items() if n > DEEPEST_NESTING} == {}


@EVERY_FILE
def test_a_file_name_says_what_is_inside(path):
    first, *rest = path.stem.strip("_").split("_")
    assert not {first, *rest} & EMPTY_NAMES
    assert not rest or not re.fullmatch(r"new|old|v\d+", rest[-1])


def test_no_file_contains_a_path_of_the_machine():
    found = [
        f"{path}:{number}"
        for path in project_files()
        if path.suffix in TEXTS
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_importing_the_program_loads_neither_torch_nor_dearpygui():
    program = (
        "import builder.cli.commands, codegen, nodes, sys; "
        "print({'torch', 'dearpygui'} & {*sys.modules})"
    )
    result = run("-c", program)
    assert (result.stdout, result.stderr) == ("set()\n", "")


def test_every_source_is_linted():
    result = run("-m", "ruff", "check", "--quiet")
    assert result.stdout + result.stderr == ""


def test_every_source_is_formatted():
    result = run("-m", "ruff", "format", "--check", "--quiet")
    assert result.stdout + result.stderr == ""


def test_what_goes_into_generated_code_is_formatted_as_generated_code():
    result = run("-m", "ruff", "format", "--check", "--quiet", "--isolated", *TENSORS)
    assert result.stdout + result.stderr == ""
