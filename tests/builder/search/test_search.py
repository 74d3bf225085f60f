"""The words that people know find the node they mean."""

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
def test_people_find_what_they_mean(text: str, name: str) -> None:
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


def test_a_name_comes_before_a_beginning_before_a_word() -> None:
    terms = {
        "begins": SearchTerms("NormedSum"),
        "word": SearchTerms("LayerNorm"),
        "alias": SearchTerms("Scale", ("norm",)),
        "whole": SearchTerms("Norm"),
        "told": SearchTerms("Sum", more="like a norm"),
    }
    assert rank("norm", terms, terms.__getitem__) == ["whole", "alias", "begins", "word", "told"]


def test_what_is_misspelt_is_found_where_nothing_else_is() -> None:
    terms = {name: SearchTerms(name) for name in ("Norm", "Narm", "Sum")}
    assert rank("norm", terms, terms.__getitem__) == ["Norm"]
    assert rank("nurm", terms, terms.__getitem__) == ["Norm", "Narm"]
    assert rank("nurm", terms, terms.__getitem__, misspelt=False) == []


def test_with_nothing_typed_all_is_listed_what_was_used_last_first() -> None:
    found = names("", ("Dropout", "block:Block"))
    assert found[:2] == ["Dropout", "Block"]
    assert sorted(found) == sorted(entry.title for entry in ALL)


def test_the_nodes_are_those_of_the_catalogue_and_the_blocks() -> None:
    keys = {entry.key for entry in ALL}
    assert keys == node_types().keys() - {"Block", "BlockInput"} | {"block:Block"}


def test_inside_a_block_its_inputs_can_be_added_but_not_the_block_itself() -> None:
    keys = {entry.key for entry in all_items(DOCUMENT.at(("blocks",)))}
    assert "BlockInput" in keys and "block:Block" not in keys


def test_among_offers_a_port_can_be_searched() -> None:
    fitting = compatible_items(DOCUMENT, PortEnd(PortRef("embed", "output"), False))
    assert search("key", fitting)[0].title == "MultiHeadAttention · key"
    assert search("attention", fitting)[0].title == "MultiHeadAttention · query"


def test_every_entry_says_what_it_does() -> None:
    assert all(entry.doc.endswith(".") and entry.subtitle for entry in ALL)


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_text_can_be_searched(text: str) -> None:
    assert set(names(text)) <= {entry.title for entry in ALL}


@settings(deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", max_size=8))
def test_case_does_not_matter(text: str) -> None:
    assert names(text.upper()) == names(text)
