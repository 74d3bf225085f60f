"""Search by the words that people know: node types, blocks, commands, whatever has a title."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from rapidfuzz import fuzz

from builder.document.document import Document
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import MAIN, Block, Model
from nodes.core.graphs.node import Category, Node, manual
from nodes.io import BlockInput

T = TypeVar("T")

BLOCK = "block:"
"""What the keys of the model's own blocks begin with."""

FUZZY = 75.0
"""How alike, of 100, a misspelt word must be."""

COMMON = (
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
"""The node types that are used most; where nothing else decides, they come first."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\sA-Za-z\d]+")


@dataclass(frozen=True, slots=True)
class SearchItem:
    """A node that can be added.

    Attributes:
        title: its type or block, and the port that is meant, as in "MultiHeadAttention · query".
        subtitle: its family.
        node: the node itself, as it is when new.
        port: the port that an edge would join; empty where there is no edge.
    """

    title: str
    subtitle: str
    node: Node
    port: str = ""

    @property
    def node_type(self) -> type[Node]:
        """Its type."""
        return type(self.node)

    @property
    def key(self) -> str:
        """What it is called among recent ones and in the palette: a type, or ``block:`` a name."""
        return f"{BLOCK}{self.node.block}" if isinstance(self.node, Block) else self.name

    @property
    def name(self) -> str:
        """Its type, or the name of its block."""
        return self.node.block if isinstance(self.node, Block) else type(self.node).__name__

    @property
    def doc(self) -> str:
        """What it does, in a sentence."""
        if isinstance(self.node, Block):
            return "A block of this model."
        return manual(type(self.node)).partition("\n")[0]


@lru_cache(maxsize=1)
def _types() -> tuple[SearchItem, ...]:
    listed = [one for one in node_types().values() if one is not Block]
    return tuple(SearchItem(one.__name__, one.category.value, one()) for one in listed)


def all_items(document: Document) -> list[SearchItem]:
    """List every node that can be added to the graph that is edited, in the order of the palette.

    An input of a block is for blocks, and a block cannot contain itself.
    """
    here = document.graph_name
    types = [one for one in _types() if here != MAIN or one.node_type is not BlockInput]
    subtitle = Category.BLOCK.value
    blocks = [
        SearchItem(name, subtitle, Block(block=name))
        for name in document.model.blocks
        if here not in _within(document.model, name)
    ]
    return [*types, *blocks]


def _within(model: Model, block: str) -> set[str]:
    """Find the blocks that a block contains, and itself."""
    found, waiting = {block}, [block]
    while waiting:
        graph = model.blocks.get(waiting.pop())
        inner = graph.nodes.values() if graph else ()
        fresh = {node.block for node in inner if isinstance(node, Block)} - found
        found |= fresh
        waiting += fresh
    return found


def search(
    text: str, entries: Sequence[SearchItem], recent: Sequence[str] = ()
) -> list[SearchItem]:
    """Rank the entries that a text may mean, the likeliest first.

    Args:
        text: what was typed so far; where it is empty, all are given, recent ones first.
        entries: what there is, the more fitting first.
        recent: the keys of what was added last.
    """
    if not text.strip():
        late = {key: at for at, key in enumerate(recent)}
        return sorted(entries, key=lambda one: late.get(one.key, len(late)))
    place = {key: at for at, key in enumerate(COMMON)}
    fitting = all(one.port for one in entries)

    def usual(one: SearchItem) -> int:
        return 0 if fitting else place.get(one.key, len(place))

    return rank(text, sorted(entries, key=usual), _terms)


def _terms(entry: SearchItem) -> "SearchTerms":
    port = (entry.port,) if entry.port else ()
    return SearchTerms(
        entry.name, (*entry.node_type.aliases, *port), f"{entry.subtitle} {entry.doc}"
    )


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """The words that something is found by.

    Attributes:
        title: what it is called.
        aliases: what else people call it.
        more: what is told of it.
    """

    title: str
    aliases: tuple[str, ...] = ()
    more: str = ""


def rank(
    text: str, items: Iterable[T], terms: Callable[[T], SearchTerms], misspelt: bool = True
) -> list[T]:
    """Pick the items that a text may mean, the likeliest first; equals keep their order.

    Args:
        text: what was typed so far; where it is empty, all are given.
        items: what there is.
        terms: tells the words that an item is found by.
        misspelt: where nothing else is found, take what is written almost so.
    """
    listed = list(items)
    if not _squeezed(text):
        return listed
    found = _sorted(text, listed, terms, _tests)
    return found or (_sorted(text, listed, terms, _almost) if misspelt else [])


def _sorted(
    text: str,
    items: Iterable[T],
    terms: Callable[[T], SearchTerms],
    tests: Callable[[str, SearchTerms], Iterator[bool]],
) -> list[T]:
    """Pick the items for which a test holds, by the first that does."""
    tiers = (
        (next((tier for tier, holds in enumerate(tests(text, terms(item))) if holds), None), item)
        for item in items
    )
    found = [(tier, item) for tier, item in tiers if tier is not None]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _tests(text: str, terms: SearchTerms) -> Iterator[bool]:
    """Try whole names, beginnings, beginnings of words, all words: in this order."""
    wanted, asked = _squeezed(text), _words(text)
    title = _squeezed(terms.title)
    yield wanted == title
    yield wanted in map(_squeezed, terms.aliases)
    yield title.startswith(wanted)
    yield any(word.startswith(wanted) for word in _words(terms.title))
    yield any(_begins(wanted, alias) for alias in terms.aliases)
    for known in _circles(terms):
        yield bool(asked) and all(any(word.startswith(one) for word in known) for one in asked)


def _almost(text: str, terms: SearchTerms) -> Iterator[bool]:
    """Try the title and its words, the aliases, and the letters of the title."""
    wanted, title = _squeezed(text), _squeezed(terms.title)
    if len(wanted) > 3:
        aliases = map(_squeezed, terms.aliases)
        for known in ((title, *_words(terms.title)), aliases):
            yield any(fuzz.ratio(wanted, one[: len(wanted) + 2]) >= FUZZY for one in known)
        yield _skips(wanted, title)


def _circles(terms: SearchTerms) -> Iterator[list[str]]:
    """Give the words of the title, then those of the aliases too, then all."""
    known = list(_words(terms.title))
    yield known
    known = [*known, *(word for alias in terms.aliases for word in _words(alias))]
    yield known
    yield [*known, *_words(terms.more)]


def _begins(wanted: str, alias: str) -> bool:
    return _squeezed(alias).startswith(wanted) or any(w.startswith(wanted) for w in _words(alias))


def _skips(wanted: str, title: str) -> bool:
    """Tell whether the letters of a text stand in a title in their order, the first one first."""
    letters = iter(title)
    return title[:1] == wanted[:1] and all(letter in letters for letter in wanted)


@lru_cache(maxsize=65536)
def _squeezed(text: str) -> str:
    """Write a text small and without what lies between its words; a mere sign stays."""
    plain = "".join(c for c in text if c.isalnum())
    return (plain or text.strip()).casefold()


@lru_cache(maxsize=65536)
def _words(text: str) -> tuple[str, ...]:
    """Split a text at its spaces, signs and humps."""
    return tuple(word.casefold() for word in _WORD.findall(text) if word[0].isalnum())
