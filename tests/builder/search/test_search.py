"""Search by names, aliases, words and misspelt words."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.search.compatibility import compatible_items
from builder.search.search import SearchTerms, all_items, rank, search
from nodes.core.files.model_file import load
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import PortRef
from nodes.library.library import library

GPT, *_ = load(Path(__file__).parents[3] / "examples" / "gpt.json")
DOCUMENT = Document(GPT)
ALL = all_items(DOCUMENT)


def names(text: str, recent: tuple[str, ...] = ()) -> list[str]:
    return [entry.title for entry in search(text, ALL, recent)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Linear", "Linear"),
        ("lin", "Linear"),
        ("fc", "Linear"),
        ("dense", "Linear"),
        ("fully connected", "Linear"),
        ("attn", "MultiHeadAttention"),
        ("mha", "MultiHeadAttention"),
        ("self attention", "MultiHeadAttention"),
        ("head attention", "MultiHeadAttention"),
        ("layer norm", "LayerNorm"),
        ("norm layer", "LayerNorm"),
        ("ln", "LayerNorm"),
        ("rms", "RMSNorm"),
        ("sdpa", "ScaledDotProductAttention"),
        ("embd", "Embedding"),
        ("atention", "MultiHeadAttention"),
        ("lstn", "LSTM"),
        ("bilstm", "LSTM"),
        ("softmx", "Softmax"),
        ("rope", "RotaryEncoding"),
        ("ffn", "FeedForward"),
        ("swiglu", "GatedFeedForward"),
        ("+", "Add"),
        ("concat", "Concatenate"),
        ("drop", "Dropout"),
        ("avg", "MeanPooling"),
        ("INPUT", "TokenInput"),
    ],
)
def test_common_queries_find_the_intended_node(text: str, name: str) -> None:
    assert names(text)[0] == name


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.key)
def test_every_node_is_found_by_its_name(entry: object) -> None:
    assert names(entry.title)[0] == entry.title


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.key)
def test_every_node_is_found_by_each_of_its_aliases(entry: object) -> None:
    for alias in entry.node_type.aliases:
        assert entry.title in names(alias)


def test_nonsense_finds_nothing() -> None:
    assert names("xyzzy") == []


def test_a_name_comes_before_a_prefix_before_a_word() -> None:
    terms = {
        "begins": SearchTerms("NormedSum"),
        "word": SearchTerms("LayerNorm"),
        "alias": SearchTerms("Scale", ("norm",)),
        "whole": SearchTerms("Norm"),
        "text": SearchTerms("Sum", description="like a norm"),
    }
    assert rank("norm", terms, terms.__getitem__) == [
        "whole",
        "alias",
        "begins",
        "word",
        "text",
    ]


def test_misspelt_words_match_if_nothing_else_does() -> None:
    terms = {name: SearchTerms(name) for name in ("Norm", "Narm", "Sum")}
    assert rank("norm", terms, terms.__getitem__) == ["Norm"]
    assert rank("nurm", terms, terms.__getitem__) == ["Norm", "Narm"]
    assert rank("nurm", terms, terms.__getitem__, fuzzy=False) == []


def test_an_empty_query_lists_recent_items_first() -> None:
    found = names("", ("Dropout", "block:Block"))
    assert found[:2] == ["Dropout", "Block"]
    assert sorted(found) == sorted(entry.title for entry in ALL)


def test_all_node_types_and_blocks_are_listed() -> None:
    keys = {entry.key for entry in ALL}
    types = {name for name, node_type in node_types().items() if not node_type.blocks_only}
    blocks = {f"block:{name}" for name in ("Block", *library())}
    assert keys == types - {"Block"} | blocks


def test_inside_a_block_its_inputs_can_be_added_but_not_the_block_itself() -> None:
    keys = {entry.key for entry in all_items(DOCUMENT.at(("blocks",)))}
    assert "BlockInput" in keys and "block:Block" not in keys


def test_ports_of_compatible_nodes_can_be_searched() -> None:
    fitting = compatible_items(DOCUMENT, PortEnd(PortRef("embed", "output"), False))
    assert search("key", fitting)[0].title == "WKV · key"
    assert search("attention", fitting)[0].title == "MultiHeadAttention · query"


def test_every_item_has_a_description() -> None:
    assert all(entry.doc.endswith(".") and entry.subtitle for entry in ALL)


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_query(text: str) -> None:
    assert set(names(text)) <= {entry.title for entry in ALL}


@settings(deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", max_size=8))
def test_case_does_not_matter(text: str) -> None:
    assert names(text.upper()) == names(text)
