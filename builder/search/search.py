"""Search for node types, blocks, commands and whatever else has a title."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from rapidfuzz import fuzz

from builder.document.document import Document
from nodes.core.graphs.catalog import follows_catalogue, node_types
from nodes.core.graphs.graph import MAIN, Block, Model
from nodes.core.graphs.node import Category, Node, manual
from nodes.library.library import library

T = TypeVar("T")

BLOCK_PREFIX = "block:"
"""The prefix of the keys of the model's blocks."""

MIN_SIMILARITY = 75.0
"""The least similarity, from 0 to 100, of a misspelt word."""

COMMON_TYPES = (
    "Linear",
    "Embedding",
    "LSTM",
    "MultiHeadAttention",
    "LayerNorm",
    "EncoderLayer",
    "FeedForward",
    "Add",
    "Dropout",
    "GRU",
    "TokenInput",
    "GraphOutput",
    "FeatureInput",
    "GELU",
    "ReLU",
    "Conv1d",
    "MeanPooling",
    "LearnedEncoding",
    "SinusoidalEncoding",
    "RMSNorm",
    "CausalMask",
    "Concatenate",
    "LastStep",
    "Softmax",
)
"""The most used node types; among equal matches they come first."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\sA-Za-z\d]+")


@dataclass(frozen=True, slots=True)
class SearchItem:
    """A node that can be added.

    Attributes:
        title: its type or block, with the port to connect if it has several, as in
            "MultiHeadAttention · query".
        subtitle: its category.
        node: a new node with default parameters.
        port: the port to connect; empty if there is no edge.
        library: its name in the library; empty if it is not from there.
    """

    title: str
    subtitle: str
    node: Node
    port: str = ""
    library: str = ""

    @property
    def node_type(self) -> type[Node]:
        """Its type."""
        return type(self.node)

    @property
    def key(self) -> str:
        """Its key in the palette and the list of recent ones: a type, or ``block:`` and a name."""
        is_block = isinstance(self.node, Block) or self.library
        return f"{BLOCK_PREFIX}{self.name}" if is_block else self.name

    @property
    def name(self) -> str:
        """Its type, or the name of its block."""
        if self.library:
            return self.library
        return self.node.block if isinstance(self.node, Block) else type(self.node).__name__

    @property
    def origin(self) -> str:
        """The file or the package of a custom node; empty for any other."""
        return self.node_type.origin

    @property
    def doc(self) -> str:
        """Its description in one sentence."""
        if self.library:
            return library()[self.library].doc
        if isinstance(self.node, Block):
            return "A block of this model."
        return manual(type(self.node)).partition("\n")[0]


@follows_catalogue
def _types() -> tuple[SearchItem, ...]:
    types = [node_type for node_type in node_types().values() if node_type is not Block]
    return tuple(
        SearchItem(node_type.__name__, node_type.category.value, node_type()) for node_type in types
    )


def all_items(document: Document) -> list[SearchItem]:
    """List every node that can be added to the graph that is edited, in the order of the palette.

    Some nodes, such as block inputs, belong in blocks only, and a block cannot contain itself. What
    is in the library is listed after the blocks of the model.
    """
    edited = document.graph_name
    types = [item for item in _types() if edited != MAIN or not item.node_type.blocks_only]
    subtitle = Category.BLOCK.value
    blocks = [
        SearchItem(name, subtitle, Block(block=name))
        for name in document.model.blocks
        if edited not in _nested_blocks(document.model, name)
    ]
    entries = [
        SearchItem(name, subtitle, entry.node, library=name)
        for name, entry in library().items()
        if name not in document.model.blocks
    ]
    return [*types, *blocks, *entries]


def _nested_blocks(model: Model, block: str) -> set[str]:
    """Return a block and the blocks that it contains, directly or indirectly."""
    found, stack = {block}, [block]
    while stack:
        graph = model.blocks.get(stack.pop())
        nodes = graph.nodes.values() if graph else ()
        new = {node.block for node in nodes if isinstance(node, Block)} - found
        found |= new
        stack += new
    return found


def search(text: str, items: Sequence[SearchItem], recent: Sequence[str] = ()) -> list[SearchItem]:
    """Return the items that match a query, best matches first.

    Args:
        text: the query; if it is empty, all items match, recent ones first.
        items: the items to search, preferred ones first.
        recent: the keys of the items that were added last, newest first.
    """
    if not text.strip():
        recency = {key: index for index, key in enumerate(recent)}
        return sorted(items, key=lambda item: recency.get(item.key, len(recency)))
    commonness = {key: index for index, key in enumerate(COMMON_TYPES)}
    ordered = all(item.port for item in items)

    def preference(item: SearchItem) -> int:
        return 0 if ordered else commonness.get(item.key, len(commonness))

    return rank(text, sorted(items, key=preference), _terms)


def _terms(entry: SearchItem) -> "SearchTerms":
    port = (entry.port,) if entry.port else ()
    return SearchTerms(
        entry.name, (*entry.node_type.aliases, *port), f"{entry.subtitle} {entry.doc}"
    )


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """The words by which an item is found.

    Attributes:
        title: its name.
        aliases: its other names.
        description: other words that describe it.
    """

    title: str
    aliases: tuple[str, ...] = ()
    description: str = ""


def rank(
    text: str, items: Iterable[T], terms: Callable[[T], SearchTerms], fuzzy: bool = True
) -> list[T]:
    """Return the items that match a query, best matches first; equal ones keep their order.

    Args:
        text: the query; if it is empty, all items match.
        items: the items to search.
        terms: returns the words by which an item is found.
        fuzzy: if nothing matches, accept misspelt words.
    """
    candidates = list(items)
    if not _normalized(text):
        return candidates
    found = _best_first(text, candidates, terms, _exact_criteria)
    if found or not fuzzy:
        return found
    return _best_first(text, candidates, terms, _fuzzy_criteria)


def _best_first(
    text: str,
    items: Iterable[T],
    terms: Callable[[T], SearchTerms],
    criteria: Callable[[str, SearchTerms], Iterator[bool]],
) -> list[T]:
    """Return the items that meet a criterion, sorted by the first one that they meet."""
    ranks = (
        (next((rank for rank, met in enumerate(criteria(text, terms(item))) if met), None), item)
        for item in items
    )
    found = [(rank, item) for rank, item in ranks if rank is not None]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _exact_criteria(text: str, terms: SearchTerms) -> Iterator[bool]:
    """Compare whole names, prefixes of names, prefixes of words, and all words, in this order."""
    query, query_words = _normalized(text), _words(text)
    title = _normalized(terms.title)
    yield query == title
    yield query in map(_normalized, terms.aliases)
    yield title.startswith(query)
    yield any(word.startswith(query) for word in _words(terms.title))
    yield any(_has_prefix(alias, query) for alias in terms.aliases)
    for words in _word_scopes(terms):
        yield bool(query_words) and all(
            any(word.startswith(query_word) for word in words) for query_word in query_words
        )


def _fuzzy_criteria(text: str, terms: SearchTerms) -> Iterator[bool]:
    """Compare the title and its words, the aliases, and the letters of the title."""
    query, title = _normalized(text), _normalized(terms.title)
    if len(query) > 3:
        aliases = map(_normalized, terms.aliases)
        for names in ((title, *_words(terms.title)), aliases):
            prefixes = (name[: len(query) + 2] for name in names)
            yield any(fuzz.ratio(query, prefix) >= MIN_SIMILARITY for prefix in prefixes)
        yield _is_subsequence(query, title)


def _word_scopes(terms: SearchTerms) -> Iterator[list[str]]:
    """Yield the words of the title, then with those of the aliases, then all."""
    words = list(_words(terms.title))
    yield words
    words = [*words, *(word for alias in terms.aliases for word in _words(alias))]
    yield words
    yield [*words, *_words(terms.description)]


def _has_prefix(alias: str, query: str) -> bool:
    return _normalized(alias).startswith(query) or any(
        word.startswith(query) for word in _words(alias)
    )


def _is_subsequence(query: str, title: str) -> bool:
    """Return whether a title has the letters of a query in order, and begins with the first."""
    letters = iter(title)
    return title[:1] == query[:1] and all(letter in letters for letter in query)


@lru_cache(maxsize=65536)
def _normalized(text: str) -> str:
    """Fold the case, and drop all but letters and digits unless there are none."""
    plain = "".join(c for c in text if c.isalnum())
    return (plain or text.strip()).casefold()


@lru_cache(maxsize=65536)
def _words(text: str) -> tuple[str, ...]:
    """Split a text at spaces, punctuation and changes of case."""
    return tuple(word.casefold() for word in _WORD.findall(text) if word[0].isalnum())
