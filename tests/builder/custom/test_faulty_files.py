"""A file that breaks a rule is a problem with its line, what was expected, and what to do."""

import pytest

from builder.custom.custom_nodes import CustomNodes
from builder.custom.node_source import read_source
from codegen.check import check
from codegen.compile import NotCompiled, compile_model
from nodes.core.files.model_file import loads
from nodes.core.files.strict_json import quote
from nodes.core.graphs.catalog import node_types
from tests.custom_node_files import GATED_MIX, IMPORTS, TWICE, TWICE_GRAPH
from tests.custom_node_fixtures import nodes_folder

__all__ = ["nodes_folder"]

INPUT_NODE = "from nodes.core.graphs.graph import InputNode\n"
CATEGORIES = (
    "IO, EMBEDDING, POSITION, RECURRENT, ATTENTION, TRANSFORMER, MASK, LINEAR, NORM, ACTIVATION, "
    "DROPOUT, MERGE, RESHAPE, POOLING, CONVOLUTION, BLOCK"
)
PARAMETERS = (
    "expected parameters of Twice of the types those of nodes.core.graphs.parameter_types, bool, "
    "str or Choice"
)
LAYER_NAMES = (
    "expected the layer GatedMixLayer to use what its file defines and import math, import torch, "
    "from torch import Tensor, nn, import torch.nn.functional as F"
)


def twice(old: str, new: str) -> str:
    assert old in TWICE
    return TWICE.replace(old, new)


def mix(old: str, new: str) -> str:
    assert old in GATED_MIX
    return GATED_MIX.replace(old, new)


FAULTS = {
    "syntax": (
        twice("Twice(Node):", "Twice(Node)"),
        5,
        "expected Python source, got a syntax error: expected ':'; correct the line",
    ),
    "module": (
        f"import no_such_module\n{TWICE}",
        1,
        "expected an installed module no_such_module, got none; install it, or remove the import "
        "(files do not see each other)",
    ),
    "exception": (
        f"{TWICE}\n\nprint(1 / 0)\n",
        24,
        "expected a file that can be imported, got ZeroDivisionError: division by zero; correct it",
    ),
    "exit": (
        f"import sys\n\nsys.exit(1)\n{TWICE}",
        3,
        "expected a file that can be imported, got SystemExit: 1; correct it",
    ),
    "nothing": (
        IMPORTS,
        None,
        "expected a class derived from Node or Composite, got none; define one",
    ),
    "ports": (
        twice("context, input)", "context, x)"),
        5,
        "expected a file that can be imported, got TypeError: Twice.forward: expected ['self', "
        "'context', 'input'], got ['self', 'context', 'x']; correct it",
    ),
    "words": (
        twice('each = ("...",)', 'each = ("C",)'),
        5,
        "expected a file that can be imported, got TypeError: Twice: expected each word that "
        "inputs and outputs share in each or mixes, got ... in neither; correct it",
    ),
    "category": (
        twice("category = Category.MERGE", "aliases = ()"),
        5,
        "expected a category of Twice, got none; set category to Category.X, X of " + CATEGORIES,
    ),
    "code": (
        twice("def forward", "def backward"),
        5,
        "expected a method forward of Twice, got none; write it",
    ),
    "default": (
        twice("factor: float = 2.0", "factor: float"),
        5,
        "expected a default of the parameter factor of Twice, got none; write factor: ... = ...",
    ),
    "parameter name": (
        twice("factor", "linear"),
        5,
        "expected another name of a parameter of Twice, got linear, which every node has; rename "
        "it",
    ),
    "parameter type": (
        twice("factor: float = 2.0", "factor: set = {1}"),
        5,
        f"{PARAMETERS}, got TypeError: Object of type set is not JSON serializable; change them",
    ),
    "base": (
        "from nodes.core.graphs.graph import InputNode\n"
        + twice("Twice(Node)", "Twice(InputNode)"),
        6,
        "expected Twice derived from Node or Composite, got InputNode; change it",
    ),
    "built-in name": (
        twice("class Twice", "class Linear"),
        5,
        "expected a new name of a node, got Linear, which is a built-in one; rename the class",
    ),
    "layer name": (
        mix("GatedMixLayer", "ScaleNorm"),
        None,
        "expected a new name of a layer, got ScaleNorm, a layer of Wireformer; rename it",
    ),
    "name in a layer": (
        mix("gate * first", "SCALE * gate * first"),
        23,
        f"{LAYER_NAMES}, got SCALE; define it in the layer, or pass it to it",
    ),
    "import in a layer": (
        mix("from torch import Tensor, nn", "from torch import Tensor, nn, sigmoid").replace(
            "torch.sigmoid", "sigmoid"
        ),
        22,
        f"{LAYER_NAMES}, got sigmoid; define it in the layer, or pass it to it",
    ),
    "torch in a node": (
        mix('"GatedMixLayer", ', "GatedMixLayer, "),
        52,
        "expected a node that runs without PyTorch, got GatedMixLayer; name it, as in "
        'context.library_call("GatedMixLayer", ...)',
    ),
    "torch outside": (
        mix("CASES =", "EPS = torch.finfo(torch.float32).eps\nCASES ="),
        58,
        "expected torch in functions and classes alone, as Wireformer runs the rest without "
        "PyTorch, got it outside; move it into the layer",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_problem_with_its_line(name, nodes_folder):
    text, line, message = FAULTS[name]
    file = nodes_folder / "faulty.py"
    file.write_text(text)
    custom = CustomNodes()
    where = quote(str(file)) if line is None else f"{quote(str(file))}, line {line}"
    assert custom.admit(custom.sources, {}) == [f"{where}: {message}"]
    assert not any(node_type.origin for node_type in node_types().values())


def test_a_name_of_another_file_is_a_problem_of_the_second(nodes_folder):
    (nodes_folder / "a.py").write_text(TWICE)
    (nodes_folder / "b.py").write_text(TWICE)
    custom = CustomNodes()
    custom.admit(custom.sources, {})
    assert custom.problem(custom.sources[0]) is None
    assert custom.problem(custom.sources[1]).message == (
        f"expected a new name of a node, got Twice, which is one of {nodes_folder / 'a.py'}; "
        "rename the class"
    )


def test_a_graph_names_the_file_at_fault(nodes_folder):
    (nodes_folder / "twice.py").write_text(twice("Twice(Node):", "Twice(Node)"))
    custom = CustomNodes()
    assert custom.faults() == [str(custom.sources[0].problem)]
    (problem,) = check(loads(TWICE_GRAPH.encode())).problems
    assert problem.message.endswith(
        "twice.py', which has a fault in line 5: expected Python source, got a syntax error: "
        "expected ':'; correct the line"
    )


def test_a_file_that_cannot_be_read_is_a_problem(nodes_folder):
    (nodes_folder / "bytes.py").write_bytes(b"\xff")
    assert read_source(nodes_folder / "bytes.py").problem.message == (
        "expected UTF-8, got other bytes; save it as UTF-8"
    )
    (nodes_folder / "large.py").write_bytes(b" " * 2**21)
    assert read_source(nodes_folder / "large.py").problem.message == (
        "expected a file of at most 1048576 bytes; divide it, or shorten it"
    )


METHODS = {
    "raises": (
        "    def derive(self, dims):\n        return {'C': dims['Q']}\n",
        "expected derive of Twice to succeed, got KeyError: 'Q'; correct line 24 of twice.py",
    ),
    "returns": (
        "    def derive(self, dims):\n        return ['C']\n",
        "expected derive of Twice to return sizes by word, got list; correct twice.py",
    ),
    "rules": (
        "    def rules(self):\n        yield self.factor > 0\n",
        "expected rules of Twice to return an iterator of Rule, got list; correct twice.py",
    ),
    "cost": (
        "    def flops(self, dims):\n        return 'many'\n",
        "expected flops of Twice to return a size, got str; correct twice.py",
    ),
    "module": (
        "    def module(self, context):\n        return context.library_call('Nope')\n",
        "expected a function or class of its file or of codegen.layers in library_call, got Nope; "
        "define it in {file}",
    ),
    "code": (
        "    def forward(self, context, input):\n        return 'input * 2'\n",
        "expected forward of Twice to return an Expr, got str; correct twice.py",
    ),
    "fields": (
        "    def receptive_fields(self, context):\n        return {}\n",
        "expected receptive_fields of Twice to give every output, got none for output; correct "
        "{file}",
    ),
}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_that_fails_is_a_problem_at_the_node(name, nodes_folder):
    text, message = METHODS[name]
    file = nodes_folder / "twice.py"
    file.write_text(f"{TWICE}\n{text}")
    custom = CustomNodes()
    assert custom.admit(custom.sources, {}) == []
    model = loads(TWICE_GRAPH.encode())
    (problem,) = check(model).errors
    assert str(problem) == f"twice: {message.format(file=file)}."
    with pytest.raises(NotCompiled):
        compile_model(model)


def test_a_word_without_a_size_is_a_problem_at_the_node(nodes_folder):
    text = twice('Output("...", ', 'Output("... width", ')
    (nodes_folder / "twice.py").write_text(text)
    custom = CustomNodes()
    custom.admit(custom.sources, {})
    (problem,) = check(loads(TWICE_GRAPH.encode())).errors
    assert problem.message == (
        "expected infer of Twice to succeed, got no size for the word width; give it in sizes or "
        "derive, or use a word of an input"
    )


EXPANDS = f'''{IMPORTS}from nodes.core.graphs.graph import Composite


class Twice(Composite):
    """Twice its input."""

    category = Category.MERGE
    factor: float = 2.0

    input = Input("... C", "vectors")
    output = Output("... C", "vectors")

    def expand(self, dims):
        return {{}}["graph"]
'''


def test_an_expansion_that_fails_is_a_problem_at_the_node(nodes_folder):
    (nodes_folder / "twice.py").write_text(EXPANDS)
    custom = CustomNodes()
    assert custom.admit(custom.sources, {}) == []
    (problem,) = check(loads(TWICE_GRAPH.encode())).errors
    assert problem.message == (
        "expected expand of Twice to succeed, got KeyError: 'graph'; correct line 16 of twice.py"
    )


def test_a_faulty_node_leaves_the_remedies_of_others_alone(nodes_folder):
    model = loads(
        TWICE_GRAPH.replace('"FeatureInput", "features": 8', '"TokenInput"')
        .replace('"Twice", "factor": 3.0', '"Linear"')
        .encode()
    )
    before = [str(problem) for problem in check(model).problems]
    text, _ = METHODS["raises"]
    (nodes_folder / "twice.py").write_text(f"{TWICE}\n{text}")
    custom = CustomNodes()
    assert custom.admit(custom.sources, {}) == []
    assert [str(problem) for problem in check(model).problems] == before
