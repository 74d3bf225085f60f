"""Rename what a document names: difficult names for a compiler, or plain ones."""

import re
from collections.abc import Callable, Mapping
from random import Random

from benchmarks.campaign.reference.evaluator import Document
from benchmarks.campaign.reference.fields import Name, Plain, Word
from benchmarks.campaign.reference.signatures import FIELDS

DIFFICULT = (
    *("a b", "a_b", "a-b", "x", "x_2", "past", "state", "start", "present", "forward", "self", "i"),
    *("config", "B", "T", "weight", "training", "input", "output", "hidden", "class", "return"),
    *("linear", "linear_2", "layers", "blocks", "sum", "torch", "F", "nn", "d_model", "Config"),
    *("_", "1", "\N{LATIN SMALL LETTER E WITH ACUTE}", "Tensor", "attention_weights", "cache"),
    *("\N{CYRILLIC SMALL LETTER DE}\N{CYRILLIC SMALL LETTER A}", "\N{CJK UNIFIED IDEOGRAPH-5C42}"),
    *("q", "k_2", "norm1", "super", "math", "Part0", "Drawn", "copy", "None", "lambda", "it's"),
    "a name so long that no line has room for it and for its arguments too",
)
DIFFICULT_WORDS = ("lambda", "T", "B", "x", "Config", "self", "config", "class", "torch", "nn", "v")
PLAIN_NODE = re.compile(r"[nb][0-9]+|head|logits|extra")
PLAIN_BLOCK = re.compile(r"Part[0-9]+")
PLAIN_WORD = re.compile(r"[dhfr]|ids|rate|eps|base|half|act|rnn|vocab_size|hyper[0-9]+")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Rename = Callable[[str], str]


def difficult(document: Document, random: Random) -> Document:
    """Give some nodes, blocks and hyperparameters names that are difficult for a compiler."""

    def renames(names: list[str], choices: tuple[str, ...], kept: tuple[str, ...]) -> Rename:
        alike = {name.casefold() for name in names}
        free = []
        for choice in random.sample(choices, len(choices)):
            if choice.casefold() not in alike:
                alike.add(choice.casefold())
                free.append(choice)
        taken = {name: new for name, new in zip(names, free, strict=False) if random.random() < 0.6}
        known = {name: taken.get(name, name) for name in names if name not in kept}
        return lambda name: known.get(name, name)

    words = renames([*document.get("hyperparameters", {})], DIFFICULT_WORDS, ("vocab_size",))
    blocks = renames([*document.get("blocks", {})], DIFFICULT, ())
    nodes = {
        name: renames([*graph["nodes"]], DIFFICULT, ()) for name, graph in graphs(document).items()
    }
    return renamed(document, words, blocks, nodes)


def plain(document: Document) -> Document:
    """Give every node, block and hyperparameter a plain name."""
    names = {
        PLAIN_NODE: [name for graph in graphs(document).values() for name in graph["nodes"]],
        PLAIN_BLOCK: [*document.get("blocks", {})],
        PLAIN_WORD: [*document.get("hyperparameters", {})],
    }
    if all(pattern.fullmatch(name) for pattern, found in names.items() for name in found):
        return {**document, "name": "Drawn"}

    def numbered(names: Mapping[str, object], stem: str) -> Rename:
        known = {name: f"{stem}{number}" for number, name in enumerate(names)}
        return lambda name: known.get(name, name)

    found = document.get("hyperparameters", {})
    words = numbered({name: 0 for name in found if name != "vocab_size"}, "hyper")
    blocks = numbered(document.get("blocks", {}), "Part")
    nodes = {name: numbered(graph["nodes"], "n") for name, graph in graphs(document).items()}
    return {**renamed(document, words, blocks, nodes), "name": "Drawn"}


def graphs(document: Document) -> dict[str, Document]:
    """Return the graphs of a document; the main one has no name."""
    return {"": document, **document.get("blocks", {})}


def renamed(
    document: Document, words: Rename, blocks: Rename, nodes: Mapping[str, Rename]
) -> Document:
    """Rename the hyperparameters, blocks and nodes of a document."""

    def parameter(node: Document, key: str, value: object, inside: Rename) -> object:
        if not isinstance(value, str) or key == "type":
            return value
        if key in ("tie", "block"):
            return {"tie": inside, "block": blocks}[key](value) if value else value
        field = FIELDS.get(str(node["type"]), {}).get(key)
        if isinstance(field, Plain | Name) or (isinstance(field, Word) and value in field.names):
            return value
        if value in ("same", "causal", "sqrt"):
            return value
        return NAME.sub(lambda match: words(match[0]), value)

    def ends(text: str, inside: Rename, ports: Callable[[str, str], str]) -> str:
        name, _, port = text.partition(".")
        return f"{inside(name)}.{ports(name, port)}"

    def graph(name: str, one: Document) -> dict:
        inside, types = nodes[name], one["nodes"]

        def port(node: str, text: str) -> str:
            block = types.get(node, {}).get("block")
            return nodes[block](text) if block in nodes and block else text

        found = {
            **one,
            "nodes": {
                inside(key): {k: parameter(node, k, v, inside) for k, v in node.items()}
                for key, node in types.items()
            },
            "edges": {
                ends(target, inside, port): ends(source, inside, port)
                for target, source in one.get("edges", {}).items()
            },
        }
        return {**found, "bypassed": [inside(key) for key in one.get("bypassed", ())]}

    known = document.get("hyperparameters", {})
    return {
        **graph("", document),
        "hyperparameters": {words(name): value for name, value in known.items()},
        "blocks": {
            blocks(name): graph(name, one) for name, one in document.get("blocks", {}).items()
        },
    }
