"""Examples whose nodes, blocks and hyperparameters have names of every script."""

import ast

import pytest

from builder.commands import blocks, model_settings, nodes
from builder.document.document import Document
from codegen.check import check
from codegen.compile import compile_model
from codegen.source.identifiers import identifier
from examples.build import EXAMPLES
from nodes.core.graphs.graph import Model
from tests.builder.documents import sound

WORDS = {
    "Cyrillic": "слой",
    "Han": "层",
    "Arabic": "طبقة",
    "Greek": "στρώμα",
    "Devanagari": "परत",
    "Hangul": "층",
    "Kana": "レイヤ",
    "accents": "èté",
}


def renamed(model: Model, word: str) -> Model:
    """Rename all that has a name to a word, the kind of thing and a number."""
    document = Document(model)
    for number, name in enumerate(model.hyperparameters):
        document = model_settings.rename_hyperparameter(document, name, f"{word}_size_{number}")
    for number, name in enumerate(model.blocks):
        document = blocks.rename_block(document, name, f"{word}_block_{number}")
    for number, name in enumerate(document.graph.nodes):
        document = nodes.rename(document, name, f"{word}_node_{number}")
    assert document.notices == ()
    return sound(document).model


class WithoutTexts(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


@pytest.mark.parametrize("build", EXAMPLES)
@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_the_code_is_that_of_the_transliterated_names(build, word):
    model = renamed(build(), word)
    assert not check(model).problems
    source = compile_model(model).source
    expected = compile_model(renamed(build(), identifier(word))).source
    trees = [WithoutTexts().visit(ast.parse(text)) for text in (source, expected)]
    assert source.isascii()
    assert ast.dump(trees[0]) == ast.dump(trees[1])
    assert identifier(word) in source
