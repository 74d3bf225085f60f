"""Judge a document: the product's verdict and code against the reference."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

import networkx as nx
import torch

from benchmarks.campaign import inputs, naming
from benchmarks.campaign.comparison import (
    Comparison,
    WeightsDiffer,
    differently_named,
    instance,
)
from benchmarks.campaign.reference import language
from benchmarks.campaign.reference.evaluator import Document, Run
from benchmarks.campaign.reference.fields import Probability, Whole, evaluate
from benchmarks.campaign.reference.fresh_weights import FreshWeights
from benchmarks.campaign.reference.outcome import ImpossibleError, UndeterminedError
from benchmarks.campaign.reference.signatures import FIELDS
from codegen.check import CheckCache, check
from codegen.compile import compile_model
from nodes.core.files.json_cursor import FileError
from nodes.core.files.model_file import loads

RECURRENT = frozenset(("RNN", "GRU", "LSTM"))
MOVES = frozenset(
    ("Conv1d", "MaxPool1d", "Unfold", "Slice", "Concatenate", "ShiftRight", "Reshape", "Block")
)
"""The node types that may move, drop or add steps."""

MORE_WEIGHTS = 4
"""With as many further weights a document that the product refuses is evaluated."""

SCALES = (2.0, 0.5)
"""Their scales in turn: small numbers round to nothing, and large ones saturate activations."""

FAULTS = ("false accept", "false reject", "stricter unkept", "wrong result", "exception")
"""The verdicts that are faults."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on one document.

    Attributes:
        kind: one of `FAULTS`, or "agree: runs", "agree: refused", "stricter", "undetermined".
        detail: what differs, or the name of the rule.
        product: what the product said.
    """

    kind: str
    detail: str = ""
    product: str = ""

    @property
    def is_fault(self) -> bool:
        return self.kind in FAULTS


@dataclass
class Reading:
    """What the reference says of a document.

    Attributes:
        impossible: why it cannot run; empty if it can.
        undetermined: why it depends on the run.
        stricter: the rules of the product alone that it breaks at some sizes.
        always: those that it breaks at all sizes.
        stretched: whether a size of 1 was broadcast.
    """

    impossible: str = ""
    undetermined: str = ""
    stricter: set[str] = field(default_factory=set)
    always: set[str] = field(default_factory=set)
    stretched: bool = False


def read(
    document: Document,
    runs: tuple[inputs.Sizes, ...] = inputs.RUNS,
    weights: FreshWeights | None = None,
) -> Reading:
    """Evaluate a document at some sizes, all with the same weights."""
    weights, reading = weights or FreshWeights(), Reading()
    broken: list[set[str]] = []
    for sizes in runs:
        broken.append(set())
        try:
            run = Run(document, inputs.values(document, sizes), weights, broken[-1])
            with torch.no_grad():
                outputs = run.outputs()
                reading.stretched |= run.stretched
                if document.get("recipe"):
                    broken[-1] |= language.broken_rules(run, outputs)
        except ImpossibleError as error:
            reading.impossible = reading.impossible or str(error)
        except UndeterminedError as error:
            reading.undetermined = str(error)
    reading.stricter, reading.always = set.union(*broken), set.intersection(*broken)
    return reading


def judge(document: Document, runs: bool = False) -> Verdict:
    """Judge a document; if it is known to run, without asking the reference again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _judge(document, runs)
        except Exception as error:  # noqa: BLE001 (any other error is a fault of the product)
            return Verdict("exception", f"{type(error).__name__}: {error}")


def _judge(document: Document, runs: bool) -> Verdict:
    cache = CheckCache()
    try:
        model = loads(json.dumps(document).encode())
    except FileError as error:
        return refused(document, str(error))
    report = check(model, cache)
    if not report.ok:
        return refused(document, str(report.errors[0]))
    unkept = None if runs else accepted(read(document), document)
    return unkept or compared(document, compile_model(model, cache).source)


def accepted(reading: Reading, document: Document) -> Verdict | None:
    """Judge a document that the product accepts; None if the reference accepts it too."""
    if reading.impossible:
        if any(not read(document, (one,)).impossible for one in (inputs.LONG, inputs.LONGEST)):
            return Verdict("undetermined", "a window is longer than the sequence")
        return Verdict("false accept", reading.impossible)
    if reading.always:
        return Verdict("stricter unkept", ", ".join(sorted(reading.always)))
    undetermined = reading.undetermined or ", ".join(sorted(reading.stricter))
    return Verdict("undetermined", undetermined) if undetermined else None


def refused(document: Document, message: str) -> Verdict:
    """Judge a document that the product refuses."""
    reading = read(document)
    if reading.impossible:
        return Verdict("agree: refused", reading.impossible, message)
    if reading.stricter:
        return Verdict("stricter", ", ".join(sorted(reading.stricter)), message)
    if reading.undetermined:
        return Verdict("undetermined", reading.undetermined, message)
    for seed in range(1, MORE_WEIGHTS + 1):
        weights = FreshWeights(seed, SCALES[seed % len(SCALES)])
        further = read(document, inputs.FURTHER, weights)
        if further.impossible:
            return Verdict("agree: refused", further.impossible, message)
        if further.stricter:  # some weights let an activation end what a step sees of others
            return Verdict("stricter", ", ".join(sorted(further.stricter)), message)
    short = read(document, (inputs.SHORT,))
    if further.undetermined or short.impossible or short.undetermined:
        kind, detail = "undetermined", "sequences may be too short"
    elif "lengths of a whole sequence" in message and counts_other_steps(document):
        kind, detail = "stricter", "lengths"
    elif reading.stretched and check(loads(json.dumps(literal(document)).encode())).ok:
        kind, detail = "stricter", "one as a name"
    else:
        kind, detail = "false reject", message
    return Verdict(kind, detail, message)


def counts_other_steps(document: Document) -> bool:
    """Return whether a recurrent node with lengths reads a sequence whose steps were moved."""
    for graph in (document, *document.get("blocks", {}).values()):
        edges = ((source, target) for target, source in graph["edges"].items())
        drawn = nx.DiGraph([end.partition(".")[0] for end in edge] for edge in edges)
        types = {name: node["type"] for name, node in graph["nodes"].items()}
        for name in types.keys() & drawn:
            counted = types[name] in RECURRENT and f"{name}.lengths" in graph["edges"]
            if counted and MOVES & {types.get(one) for one in nx.ancestors(drawn, name)}:
                return True
    return False


def literal(document: Document) -> Document:
    """Return a document with numbers instead of expressions for its sizes.

    The recipe of a language model names the size of its vocabulary, which stays.
    """
    known = document.get("hyperparameters", {})

    def number(node: Document) -> Document:
        fields = FIELDS.get(str(node["type"]), {})
        sizes = {key for key, field in fields.items() if isinstance(field, Whole)}
        kept = ("vocab_size", "same", "causal")
        texts = {key for key, x in node.items() if isinstance(x, str) and x not in kept}
        return {
            key: evaluate(value, known) if key in sizes & texts else value
            for key, value in node.items()
        }

    def numbers(graph: Document) -> Document:
        nodes: Mapping = graph["nodes"]
        return {**graph, "nodes": {name: number(node) for name, node in nodes.items()}}

    blocks: Mapping = document.get("blocks", {})
    return {
        **numbers(document),
        "blocks": {name: numbers(graph) for name, graph in blocks.items()},
    }


def compared(document: Document, source: str) -> Verdict:
    """Judge the code of a document that the product and the reference accept."""
    torch.manual_seed(0)
    try:
        module = instance(source)
        plain = naming.plain(document)
        found = []
        if plain != document:
            compiled = compile_model(loads(json.dumps(plain).encode()))
            twin = instance(compiled.source)
            found += differently_named(document, module, twin)
            document, module = plain, twin
        found += Comparison(document, module).faults(training=not drops(document))
    except (WeightsDiffer, UndeterminedError) as error:
        found = [] if isinstance(error, UndeterminedError) else [str(error)]
    except (RuntimeError, TypeError, ValueError, IndexError, AttributeError) as error:
        return Verdict("false accept", f"the code: {type(error).__name__}: {error}")
    return Verdict("wrong result", "; ".join(found[:4])) if found else Verdict("agree: runs")


def drops(document: Document) -> bool:
    """Return whether a node has dropout."""
    graphs = [document, *document.get("blocks", {}).values()]
    known: Mapping = document.get("hyperparameters", {})
    for graph in graphs:
        for node in graph["nodes"].values():
            fields = FIELDS.get(str(node["type"]), {}).items()
            chances = [(key, one.default) for key, one in fields if isinstance(one, Probability)]
            values = [node.get(key, default) for key, default in chances]
            if any(known.get(value, value) not in (0.0, None) for value in values):
                return True
    return False
