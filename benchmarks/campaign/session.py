"""Judge many documents in several processes, and count."""

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from types import FrameType

import torch

from benchmarks.campaign import generator, naming
from benchmarks.campaign.near_misses import near_miss
from benchmarks.campaign.remedy_counts import remedy_counts
from benchmarks.campaign.shrinking import shrink
from benchmarks.campaign.verdicts import Verdict, judge

Write = Callable[[str], object]
CHUNK = 20
"""How many documents a process judges at a time."""

MOST_SECONDS = 240
"""The most time of the processor that one document may take."""

LANGUAGE_MODELS = 10
"""One document in so many is a language model."""

RENAMED = 4
"""One document in so many has names that are difficult for a compiler."""


@dataclass(frozen=True)
class Judged:
    """The judgement of one seed.

    Attributes:
        seed: the seed of the document.
        edit: the edit that may have broken it; empty if it runs by construction.
        verdict: the verdict.
        document: the document; None if there is no fault.
        types: the node types that it has.
        remedies: what the remedies of its errors leave, if that is asked for.
    """

    seed: int
    edit: str
    verdict: Verdict
    document: dict | None
    types: tuple[str, ...]
    remedies: Mapping[str, int] = field(default_factory=dict)


def draw(seed: int) -> tuple[dict, str]:
    """Draw the document of a seed, and the edit that was made to it."""
    kinds = {0: generator.language_model, 1: generator.sequence_to_sequence}
    make = kinds.get(seed // 2 % LANGUAGE_MODELS, generator.document)
    document = make(seed)
    if seed // 2 % RENAMED == 1:
        document = naming.difficult(document, Random(seed))
    return near_miss(document, Random(seed)) if seed % 2 else (document, "")


def judge_seed(seed: int, remedies: bool = False) -> Judged:
    """Draw and judge the document of a seed; one that takes too long is a fault.

    Args:
        seed: the seed.
        remedies: count what the remedies of its errors leave.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {MOST_SECONDS} s")

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    document, edit, counts = {}, "", Counter[str]()
    try:
        document, edit = draw(seed)
        verdict = judge(document, runs=not edit)
        if remedies and edit and not verdict.is_fault:
            counts = remedy_counts(document)
    except Exception as error:  # noqa: BLE001 (a fault of the campaign or a timeout)
        verdict = Verdict("exception", f"{type(error).__name__}: {error}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    graphs = [document, *document.get("blocks", {}).values()]
    types = sorted({node["type"] for graph in graphs for node in graph.get("nodes", {}).values()})
    kept = document if verdict.is_fault else None
    return Judged(seed, edit, verdict, kept, tuple(types), counts)


def judge_seeds(seeds: Iterable[int], remedies: bool = False) -> list[Judged]:
    """Judge the documents of some seeds in this process."""
    torch.set_num_threads(1)
    return [judge_seed(seed, remedies) for seed in seeds]


@dataclass
class Session:
    """A campaign.

    Attributes:
        seed: the first seed.
        graphs: the number of documents.
        jobs: the number of processes.
        save: the folder for faults; None to keep none.
        shrinks: whether to save smaller documents with the same faults too.
        counts_remedies: whether to apply the remedies of errors.
        verdicts: how many documents have each verdict, by whether they were edited.
        types: how many documents have each node type.
        rules: how many documents each rule of the product alone, or of a run, decided.
        remedies: what the remedies of errors leave.
    """

    seed: int
    graphs: int
    jobs: int = 1
    save: Path | None = None
    shrinks: bool = False
    counts_remedies: bool = False
    verdicts: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    remedies: Counter[str] = field(default_factory=Counter)

    def run(self, write: Write) -> int:
        """Judge all documents, or those before Ctrl-C; return 1 if there were faults."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        started, faults = time.monotonic(), 0
        with suppress(KeyboardInterrupt):
            for judged in self.judged():
                self.count(judged)
                if judged.verdict.is_fault:
                    faults += 1
                    write(f"{line(judged)}\n")
                    self.keep(judged)
        seconds = time.monotonic() - started
        write(json.dumps(self.summary(seconds)) + "\n")
        return int(faults > 0)

    def judged(self) -> Iterator[Judged]:
        """Judge all documents, in several processes if asked for."""
        seeds = range(self.seed, self.seed + self.graphs)
        chunks = [seeds[i : i + CHUNK] for i in range(0, self.graphs, CHUNK)]
        if self.jobs == 1:
            for chunk in chunks:
                yield from judge_seeds(chunk, self.counts_remedies)
            return
        pool = ProcessPoolExecutor(self.jobs, mp_context=get_context("spawn"))
        try:
            judge_chunk = partial(judge_seeds, remedies=self.counts_remedies)
            for found in pool.map(judge_chunk, chunks):
                yield from found
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def count(self, judged: Judged) -> None:
        """Count a judgement."""
        half = "near miss" if judged.edit else "valid"
        self.verdicts[f"{half}, {judged.verdict.kind}"] += 1
        self.types.update(judged.types)
        self.remedies.update(judged.remedies)
        if judged.verdict.kind in ("stricter", "undetermined"):
            self.rules[f"{judged.verdict.kind}: {judged.verdict.detail}"] += 1

    def keep(self, judged: Judged) -> None:
        """Save a document that is a fault, and a smaller one."""
        if self.save is None or not judged.document:
            return
        self.save.mkdir(parents=True, exist_ok=True)
        found = {f"{judged.seed}": judged.document}
        if self.shrinks:
            found[f"{judged.seed}_small"] = smallest(judged)
        for name, document in found.items():
            (self.save / f"{name}.json").write_text(json.dumps(document, indent=1))
        (self.save / f"{judged.seed}.txt").write_text(line(judged) + "\n")

    def summary(self, seconds: float) -> dict:
        """Summarize the campaign."""
        judged = sum(self.verdicts.values())
        return {
            "graphs": judged,
            "seed": self.seed,
            "torch": torch.__version__,
            "per second": round(judged / seconds, 1),
            "verdicts": dict(self.verdicts.most_common()),
            "rules": dict(self.rules.most_common()),
            **({"remedies": dict(self.remedies)} if self.counts_remedies else {}),
            "types": dict(self.types.most_common()),
        }


def line(judged: Judged) -> str:
    """Write one fault in a line."""
    edit = f" ({judged.edit})" if judged.edit else ""
    return f"seed {judged.seed}{edit}: {judged.verdict.kind}: {judged.verdict.detail[:300]}"


def fault(document: dict) -> str:
    """Return what has to stay the same while a document is shrunk."""
    verdict = judge(document)
    words = verdict.detail.split(":")[0] if verdict.kind == "exception" else ""
    if verdict.kind == "stricter unkept":
        words = verdict.detail
    elif verdict.kind == "wrong result":
        words = " ".join(w for w in ("lacks", "without a node", "pieces") if w in verdict.detail)
    return f"{verdict.kind} {words}"


def smallest(judged: Judged) -> dict:
    """Shrink the document of a fault."""
    return shrink(judged.document or {}, fault)


def report_one(seed: int, write: Write) -> int:
    """Judge the document of one seed, and print it; return 1 if it is a fault."""
    document, _ = draw(seed)
    judged = judge_seed(seed)
    write(json.dumps(document, indent=1) + "\n" + line(judged) + "\n")
    write(f"the product says: {judged.verdict.product}\n" if judged.verdict.product else "")
    return int(judged.verdict.is_fault)
