"""The code panel: syntax highlighting, and the nodes of each line."""

from builder.document.analysis import Code
from builder.panels.code_lines import SourceLines, source_lines, stale_reason
from builder.panels.syntax_colours import docstring_lines, highlight
from builder.storage.example_files import example_names, example_path
from codegen.check import check
from codegen.compile import compile_model
from nodes.core.files.model_file import load
from nodes.core.graphs.graph import Model
from nodes.core.graphs.location import Location

EMPTY = Model()


def roles(line: str, inside: bool = False) -> dict[str, str]:
    return {text.strip(): role for text, role in highlight(line, inside)}


def test_keywords_names_and_numbers_have_roles():
    found = roles("    def forward(self, x: int = 12) -> None:  # why")
    assert found["def"] == "keyword"
    assert found["forward"] == "builtin"
    assert found["self"] == "quiet"
    assert found["12"] == "number"
    assert found["# why"] == "comment"


def test_a_line_inside_a_docstring_is_a_string():
    assert roles("class of things", inside=True) == {"class of things": "string"}


def test_the_line_after_a_docstring_is_code():
    assert roles('end."""  # so', inside=True) == {'end."""': "string", "# so": "comment"}


def test_the_tokens_of_a_line_make_the_line():
    for name in example_names():
        lines = compile_model(load(example_path(name))[0]).source.splitlines()
        for line, inside in zip(lines, docstring_lines(lines), strict=True):
            assert "".join(text for text, _ in highlight(line, inside)) == line


def test_docstrings_are_tracked_over_lines():
    lines = ['"""One', "two", '"""', "x = 1", '"""all"""', "y"]
    assert docstring_lines(lines) == [False, True, True, False, False, False]


def test_triple_quotes_in_comments_and_strings_start_no_docstring():
    assert docstring_lines(['x = 1  # a """ b', "y", 'z = \'say """\'', "y"]) == [False] * 4


NODES = ((), (Location("", "embed"),), (Location("", "head"), Location("", "embed")))
SOURCE = SourceLines(("import torch", "embed", "tie"), NODES)


def test_the_lines_of_nodes_are_found():
    assert SOURCE.of_nodes("", {"embed"}) == {1, 2}
    assert SOURCE.of_nodes("", {"head"}) == {2}
    assert SOURCE.of_nodes("Block", {"head"}) == frozenset()


def test_the_nodes_of_a_line_are_found():
    assert SOURCE.at(2) == NODES[2]
    assert SOURCE.at(99) == ()


def test_equal_code_is_the_same_object():
    code = Code(EMPTY, "import torch\nembed\ntie\n", NODES)
    assert source_lines(code, SOURCE) is SOURCE
    assert source_lines(Code(EMPTY, "import torch\n", NODES[:1]), SOURCE) is not SOURCE


def test_stale_code_has_a_reason():
    wrong = Code(EMPTY, "", (), tuple(check(EMPTY).errors))
    assert stale_reason(Code(EMPTY, "x", ((),)), has_earlier=True) == ""
    assert (
        stale_reason(wrong, has_earlier=True)
        == "the model has 2 errors: this is the code before them"
    )
    assert stale_reason(wrong, has_earlier=False) == "no code yet: the model has 2 errors"
    assert stale_reason(None, has_earlier=False) == "compiling ..."
